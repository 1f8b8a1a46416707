"""`cnncalc explain`: shows the arithmetic term by term, as a teacher would on the board."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import AtOption, InputOption, SetOption, SpecArgument, format_option, read_choice, request

FORMATS = ("text", "markdown", "latex", "json")


def explain(
    spec: SpecArgument,
    layer: Annotated[
        str, typer.Argument(metavar="LAYER", show_default=False, help="A layer or a block (default: all).")
    ] = "",
    inputs: InputOption = None,
    settings: SetOption = None,
    at: AtOption = None,
    form: Annotated[
        str,
        format_option(FORMATS),
    ] = "text",
) -> None:
    """Explain the arithmetic of a layer, term by term: size, fit, weights.

    \b
      cnncalc explain "maxpool: {kernel_size: 3, stride: 2}" --input 96x55x55
      cnncalc explain alexnet conv1 --input 3x224x224
      cnncalc explain alexnet conv1 --input 3xHxW --format latex
    """
    from cnncalc.cli.output import is_coloured, terminal_width, write, write_data
    from cnncalc.cli.present import analyze_spec
    from cnncalc.cli.specs import single_spec
    from cnncalc.explanations.explanation import explain as explain_report
    from cnncalc.render.views import explanation

    options = request(inputs, settings, None, "table", "1", "chw", at)
    chosen_form = read_choice("--format", form, FORMATS)
    explanations = explain_report(analyze_spec(single_spec(spec, "explain"), options), layer)
    if chosen_form == "json":
        write_data(explanation.as_json(explanations))
    elif chosen_form == "markdown":
        write_data(explanation.as_markdown(explanations))
    elif chosen_form == "latex":
        write_data(explanation.as_latex(explanations))
    else:
        text = explanation.as_text(explanations, terminal_width() or 100)
        if is_coloured():
            from cnncalc.cli.highlight import highlight_explanation

            text = highlight_explanation(text)
        write(text)
