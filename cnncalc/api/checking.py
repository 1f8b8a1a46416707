"""`check`: what the rules and a spec's own expectations find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnncalc.api.networks import Network, spec_of
from cnncalc.checks.levels import Choice, rule_list
from cnncalc.checks.rule import Level
from cnncalc.checks.run import Checked, check_faulty, check_spec
from cnncalc.errors import SpecError
from cnncalc.quantities.shapes import Given


def check(
    network: Network,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    levels: Mapping[str, Level] | None = None,
    input: Given | None = None,  # noqa: A002
) -> Checked:
    """What the rules, and the expectations of a spec, find in it: in its variant, or in all where none is picked.

        >>> checked = cnncalc.check(cnncalc.parse('''
        ... input: 3x32x32
        ... layers:
        ...   - conv: {out_channels: 8, kernel_size: 3}
        ...   - batchnorm
        ... '''))
        >>> [(finding.rule, finding.span.line, finding.level) for finding in checked.findings]
        [('bias-before-norm', 4, 'warning')]

    Faults of a spec are findings too, of the rule `faulty-spec`. Levels in a spec (`check:`) and comments that silence
    a rule count; those in `pyproject.toml` are the command's alone.

    Args:
        network: a spec, or a name as `cnncalc.load` takes it.
        select: only these rules; `all` names all of them.
        ignore: without these rules.
        levels: rule → `error`, `warning`, `note` or `off`, in place of its own level; the spec's come before them.
        input: the sizes of a network that is imported.

    Returns:
        `findings` in the order of the text, each with its `rule`, `level`, `message`, `span` and `fix`; how many
        `networks` were looked at; `count("error")`.

    Raises:
        UsageError: there is no such network or rule, or its variant is none.
    """
    choice = Choice(levels or {}, rule_list("select", select), rule_list("ignore", ignore))
    try:
        spec = spec_of(network, input)
    except SpecError as error:
        return check_faulty(str(network), error, choice)
    return check_spec(spec, choice)
