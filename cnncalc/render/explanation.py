"""Explanations as text, Markdown or LaTeX: the same steps, the same order."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.explain.explanation import Explanation
from cnncalc.explain.formula import Style, written
from cnncalc.explain.steps import Step
from cnncalc.layers.layer import Shape
from cnncalc.symbolic import render

LABEL_WIDTH = 12


def as_text(explanations: Iterable[Explanation], width: int) -> str:
    """Lines for a terminal of `width` columns; a chain of equations breaks before an equals sign."""
    return "\n\n".join("\n".join(_text_block(explanation, width)) for explanation in explanations) + "\n"


def as_markdown(explanations: Iterable[Explanation]) -> str:
    """A heading and a list per layer; formulas as code."""
    blocks = []
    for explanation in explanations:
        lines = [f"- {_head(step.label)}{_code(_chain(step, 'unicode'))}{_remark(step)}" for step in explanation.steps]
        blocks.append("\n".join([f"### {_title(explanation)}", "", *lines]))
    return "\n\n".join(blocks) + "\n"


def as_latex(explanations: Iterable[Explanation]) -> str:
    """An `align*` per layer (amsmath)."""
    blocks = []
    for explanation in explanations:
        lines = [_latex_line(step) for step in explanation.steps]
        title = _title(explanation).replace("×", r"$\times$").replace("_", r"\_")
        body = " \\\\\n".join(lines)
        blocks.append(f"\\paragraph{{{title}}}\n\\begin{{align*}}\n{body}\n\\end{{align*}}")
    return "\n\n".join(blocks) + "\n"


def _text_block(explanation: Explanation, width: int) -> list[str]:
    lines = [_title(explanation)]
    for step in explanation.steps:
        pieces = _chain(step, "unicode")
        remark = f"({step.note})" if step.note and pieces else step.note
        lines += _wrapped(f"  {step.label:<{LABEL_WIDTH}}", [*pieces, *([remark] if remark else [])], width)
    return lines


def _wrapped(label: str, pieces: list[str], width: int) -> list[str]:
    """Pieces on one line as far as they go, then below each other."""
    lines, line = [], label
    for piece in pieces:
        glue = "" if line.endswith("  ") or line == label else " "
        if len(line) + len(glue) + len(piece) > width and line != label:
            lines.append(line.rstrip())
            line = " " * len(label) + piece
        else:
            line += glue + piece
    return [*lines, line.rstrip()]


def _chain(step: Step, style: Style) -> list[str]:
    """letters, = numbers, = result, → rounded: the pieces of one line; a stage that repeats the one before is left out."""
    arrow = r"\to" if style == "latex" else "→"
    results = [written(result, style) for result in step.results]
    stages: list[str] = []
    if step.formula is not None:
        stages = [step.formula.written(style=style), step.formula.written(step.values, style)]
    elif step.shape is not None:
        stages = [shape_text(step.shape, style)]
    if results:
        stages += [results[0]] if not stages or _differs(stages[-1], results[0]) else []
    pieces = [stages[0], *(f"= {stage}" for stage in stages[1:])] if stages else []
    return pieces + [f"{arrow} {result}" for result in results[1:]]


def _differs(shown: str, result: str) -> bool:
    return shown.replace(",", "") != result.replace(",", "").replace("{}", "")


def _latex_line(step: Step) -> str:
    pieces = _chain(step, "latex")
    remark = rf"\quad \text{{({step.note.replace('_', chr(92) + '_')})}}" if step.note else ""
    label = rf"\text{{{step.label}}}"
    return rf"{label} &: {' '.join(pieces)} {remark}".rstrip()


def _title(explanation: Explanation) -> str:
    from cnncalc.render.describe import described

    name = explanation.layer.name
    inputs = ", ".join(shape_text(shape) for _, shape in explanation.inputs)
    return f"{name}: {described(explanation.layer.node)}, on {inputs}"


def _head(label: str) -> str:
    return f"**{label}** "


def _code(pieces: list[str]) -> str:
    return f"`{' '.join(pieces)}`" if pieces else ""


def _remark(step: Step) -> str:
    return f" ({step.note})" if step.note else ""


def shape_text(shape: Shape, style: Style = "unicode") -> str:
    """96×55×55; a closed form in parentheses where it is compound."""
    sign = r" \times " if style == "latex" else "×"
    return sign.join(_size_text(size, style) for size in shape)


def _size_text(size: object, style: Style) -> str:
    if isinstance(size, int):
        return str(size)
    text = render(size, style)  # type: ignore[arg-type]
    return f"({text})" if " " in text else text
