"""What an explanation consists of: one step per line of the board."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.explanations.formula import Formula, Letter, Value
from cnncalc.layers.layer import Shape
from cnncalc.records import EMPTY, Record, replace

# The field's letters (CS231n; Dumoulin and Visin, arXiv:1603.07285): N the size that enters, F the filter, S the
# stride, P the padding, D the dilation, E the filter's reach; C the channels that enter, K those that leave, G groups.
C, D, E, F, G, K, N, P, S = map(Letter, "CDEFGKNPS")
P_LOW, P_HIGH, P_OUT, OUT, POSITIONS = map(Letter, ("P_low", "P_high", "P_out", "out", "positions"))


class Step(Record):
    """One line: what is computed, the formula, the numbers that go into it, what comes out, and a word on it.

    `results` are the stages of the answer: 54.25, then 54. A step without a formula states a shape or a word only.
    """

    label: str
    formula: Formula | None = None
    values: Mapping[str, Value] = EMPTY
    results: tuple[Value, ...] = ()
    shape: Shape | None = None
    note: str = ""


def per_axis(axes: list[list[Step]]) -> list[Step]:
    """The steps of all axes: once where the axes agree, else axis by axis with their letters."""
    if all(steps == axes[0] for steps in axes[1:]):
        return axes[0]
    names = axis_names(len(axes))
    return [replace(s, label=f"{s.label} {name}") for name, steps in zip(names, axes, strict=True) for s in steps]


def axis_names(count: int) -> tuple[str, ...]:
    """The letters of the spatial axes."""
    return {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}.get(count, tuple(map(str, range(1, count + 1))))
