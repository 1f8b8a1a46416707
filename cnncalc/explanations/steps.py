"""The steps of an explanation, one per line."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.explanations.formula import Formula, Letter, Value
from cnncalc.layers.layer import Shape
from cnncalc.records import EMPTY, Record, replace

# The usual letters (CS231n; Dumoulin and Visin, arXiv:1603.07285): N input size, F kernel size, S stride, P padding,
# D dilation, E extent of the kernel; C input channels, K output channels, G groups.
C, D, E, F, G, K, N, P, S = map(Letter, "CDEFGKNPS")
P_LOW, P_HIGH, P_OUT, OUT, POSITIONS = map(Letter, ("P_low", "P_high", "P_out", "out", "positions"))


class Step(Record):
    """One line: a label, the formula, the values of its letters, the results, and a note.

    `results` are the stages of the answer: 54.25, then 54. A step without a formula only states a shape or a note.
    """

    label: str
    formula: Formula | None = None
    values: Mapping[str, Value] = EMPTY
    results: tuple[Value, ...] = ()
    shape: Shape | None = None
    note: str = ""


def per_axis(axes: list[list[Step]]) -> list[Step]:
    """The steps of all axes: once if the axes agree, else axis by axis, labelled with their letters."""
    if all(steps == axes[0] for steps in axes[1:]):
        return axes[0]
    names = axis_names(len(axes))
    return [replace(s, label=f"{s.label} {name}") for name, steps in zip(names, axes, strict=True) for s in steps]


def axis_names(count: int) -> tuple[str, ...]:
    """The letters of this many spatial axes."""
    return {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}.get(count, tuple(map(str, range(1, count + 1))))
