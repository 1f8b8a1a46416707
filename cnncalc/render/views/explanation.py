"""Writes explanations as text, Markdown, LaTeX or JSON, with the same steps in the same order."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from cnncalc.analysis.report import SCHEMA
from cnncalc.explanations.explanation import Explanation
from cnncalc.explanations.formula import Letter, Style, render_value
from cnncalc.explanations.letters import meanings
from cnncalc.explanations.steps import Step
from cnncalc.layers.layer import Shape
from cnncalc.quantities.sizes import shape_text
from cnncalc.render.formats.json import dump_json
from cnncalc.render.formats.markdown import escape_markdown
from cnncalc.render.layer_words import row_words
from cnncalc.symbolic import render
from cnncalc.visible import visible

LABEL_WIDTH = 13
LATEX_SIGNS = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "^": r"\^{}", "~": r"\~{}",
        "_": r"\_", "%": r"\%", "#": r"\#", "≡": r"$\equiv$", "≥": r"$\ge$", "≤": r"$\le$", "×": r"$\times$",
        "−": "$-$", "·": r"$\cdot$", "⌊": r"$\lfloor$", "⌋": r"$\rfloor$", "→": r"$\to$", "…": r"\dots{}",
    }
)  # fmt: skip


def as_text(explanations: Sequence[Explanation], width: int) -> str:
    """Format explanations for a terminal of `width` columns; a chain of equations breaks before an equals sign."""
    blocks = [_text_block(explanation, width) for explanation in explanations]
    if letters := _letters(explanations):
        blocks.append(["letters"])
        for letter, meaning in letters.items():
            blocks[-1] += _wrap(f"  {letter:<{LABEL_WIDTH}}", meaning.split(), width)
    return "\n\n".join(map("\n".join, blocks)) + "\n"


def as_markdown(explanations: Sequence[Explanation]) -> str:
    """Format a heading and a list per layer, with formulas as code."""
    blocks = []
    for explanation in explanations:
        lines = [f"- {_label_markdown(step.label)}{_body_markdown(step)}" for step in explanation.steps]
        blocks.append("\n".join([f"### {escape_markdown(_title(explanation))}", "", *lines]))
    if letters := _letters(explanations):
        lines = [f"- `{letter}`: {meaning}" for letter, meaning in letters.items()]
        blocks.append("\n".join(["### Letters", "", *lines]))
    return "\n\n".join(blocks) + "\n"


def as_latex(explanations: Sequence[Explanation]) -> str:
    """Format an `align*` environment (amsmath) per layer."""
    blocks = []
    for explanation in explanations:
        lines = [_latex_line(step) for step in explanation.steps]
        title = _latex_text(_title(explanation))
        body = " \\\\\n".join(lines)
        blocks.append(f"\\paragraph{{{title}}}\n\\begin{{align*}}\n{body}\n\\end{{align*}}")
    if letters := _letters(explanations):
        texts = [f"${Letter(name).render(style='latex')}$: {_latex_text(text)}" for name, text in letters.items()]
        blocks.append("\\paragraph{Letters}\n" + ";\n".join(texts) + ".")
    return "\n\n".join(blocks) + "\n"


def as_json(explanations: Sequence[Explanation]) -> str:
    """Format the steps of each layer as JSON; a step is its stages: formula, formula with numbers, results."""
    layers = [
        {
            "name": explanation.layer.name,
            "kind": explanation.layer.kind,
            "steps": [{"label": s.label, "stages": _stages(s, "unicode"), "note": s.note} for s in explanation.steps],
        }
        for explanation in explanations
    ]
    return dump_json({"schema": SCHEMA, "layers": layers, "letters": _letters(explanations)})


def _letters(explanations: Iterable[Explanation]) -> dict[str, str]:
    return meanings(step for explanation in explanations for step in explanation.steps)


def _text_block(explanation: Explanation, width: int) -> list[str]:
    lines = [_title(explanation)]
    for step in explanation.steps:
        pieces = _chain(step, "unicode")
        remark = f"({step.note})" if step.note and pieces else step.note
        lines += _wrap(
            f"  {step.label:<{max(LABEL_WIDTH, len(step.label) + 2)}}", [*pieces, *([remark] if remark else [])], width
        )
    return lines


def _wrap(label: str, pieces: list[str], width: int) -> list[str]:
    """Wrap pieces to lines of `width` columns, indented below the label; a piece longer than that breaks at spaces."""
    room = max(width - len(label), 20)
    parts = [part for piece in pieces for part in ([piece] if len(piece) <= room else textwrap.wrap(piece, room))]
    lines, line = [], label
    for piece in parts:
        glue = "" if line.endswith("  ") or line == label else " "
        if len(line) + len(glue) + len(piece) > width and line != label:
            lines.append(line.rstrip())
            line = " " * len(label) + piece
        else:
            line += glue + piece
    return [*lines, line.rstrip()]


def _chain(step: Step, style: Style) -> list[str]:
    """Return the pieces of one line: formula, `= numbers`, `= result`, `→ rounded`."""
    arrow = r"\to" if style == "latex" else "→"
    stages = _stages(step, style)
    rounded = len(step.results) - 1
    signs = ["", *["= "] * (len(stages) - 1 - rounded), *[f"{arrow} "] * rounded]
    return [sign + stage for sign, stage in zip(signs, stages, strict=False)]


def _stages(step: Step, style: Style) -> list[str]:
    """Return the expressions between the equals signs; a stage that repeats the previous one is omitted."""
    results = [render_value(result, style) for result in step.results]
    stages: list[str] = []
    if step.formula is not None:
        stages = [step.formula.render(style=style), step.formula.render(step.values, style)]
    elif step.shape is not None:
        stages = [_shape_text(step.shape, style)]
    if results and stages and not _differs(stages[-1], results[0]):
        stages.pop()
    return stages + results


def _shape_text(shape: Shape, style: Style) -> str:
    if style == "latex":
        sizes = [render(size, "latex") for size in shape]
        return r" \times ".join(rf"\left({s}\right)" if " " in s and len(sizes) > 1 else s for s in sizes)
    return shape_text(shape)


def _latex_text(text: str) -> str:
    """Escape words for LaTeX's \\text: nothing in them is a command; mathematical signs become commands."""
    return visible(text).translate(LATEX_SIGNS)


def _differs(shown: str, result: str) -> bool:
    return shown != result


def _latex_line(step: Step) -> str:
    pieces = _chain(step, "latex")
    remark = rf"\quad \text{{({_latex_text(step.note)})}}" if step.note else ""
    label = rf"\text{{{_latex_text(step.label)}}}"
    return rf"{label} &: {' '.join(pieces)} {remark}".rstrip()


def _title(explanation: Explanation) -> str:
    inputs = " and ".join(shape_text(shape) for _, shape in explanation.inputs)
    return visible(f"{explanation.layer.name}: {row_words(explanation.layer.node)}, on {inputs}")


def _label_markdown(label: str) -> str:
    return f"**{escape_markdown(label)}** "


def _body_markdown(step: Step) -> str:
    """The equations of a step as code, with its note in brackets, or the note alone."""
    pieces, note = _chain(step, "unicode"), escape_markdown(step.note or "")
    if not pieces:
        return note
    return f"`{' '.join(pieces)}`" + (f" ({note})" if note else "")
