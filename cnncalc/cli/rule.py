"""`cnncalc rule`: documents the rules of `cnncalc check`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import FORMATS, FormatOption, read_choice
from cnncalc.names import RULE_NAMES


def rule(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A rule (default: all).",
            autocompletion=lambda incomplete: [name for name in RULE_NAMES if name.startswith(incomplete)],
            show_default=False,
        ),
    ] = "",
    form: FormatOption = "table",
) -> None:
    """Explain the rules of `cnncalc check`: what each finds, why, an example, its fix and the source.

    \b
      cnncalc rule
      cnncalc rule expectation
    """
    from cnncalc.checks.table import rules
    from cnncalc.cli.output import is_coloured, terminal_width, write, write_data
    from cnncalc.cli.present import print_view
    from cnncalc.document.checks import rule_hint
    from cnncalc.errors import UsageError
    from cnncalc.render.formats.json import dump_json
    from cnncalc.render.views.rules import rule_markdown, rule_record, rule_text, rules_view

    chosen = read_choice("--format", form, FORMATS)
    if name and name not in RULE_NAMES:
        raise UsageError(f"unknown rule '{name}': {rule_hint(name)}")
    if chosen == "json":
        records = [rule_record(each) for each in rules().values() if name in ("", each.name)]
        write_data(dump_json(records[0] if name else records))
    elif not name or chosen == "csv":
        print_view(rules_view(each for each in rules().values() if name in ("", each.name)), chosen)
    elif chosen == "markdown":
        write_data(rule_markdown(rules()[name]))
    else:
        text = rule_text(rules()[name], min(terminal_width() or 100, 100))
        if is_coloured():
            from cnncalc.cli.highlight import highlight_rule

            text = highlight_rule(text)
        write(text)
