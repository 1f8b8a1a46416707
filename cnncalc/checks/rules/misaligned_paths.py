"""`misaligned-paths`: a merge of paths with positions that are apart."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from cnncalc.analysis.field.extent import Extent
from cnncalc.checks.axes import is_numeric
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.graph import Node
from cnncalc.quantities.decimals import fraction_text
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Line(NamedTuple):
    """The input rows that position i sees along one axis: centred at stride·i + centre, up to stride·i + last."""

    stride: Fraction
    centre: Fraction
    last: Fraction
    step: Fraction  # of the coarse map, if this map was upsampled from it

    def distance_to(self, other: Line, count: Size, *, time: bool) -> Fraction:
        """The largest distance of two lines over `count` positions (for a symbol, at the first position).

        Along time, lines that end together count as aligned, since they are causal.
        """
        if time and self.last == other.last and self.stride == other.stride:
            return Fraction(0)
        first = self.centre - other.centre
        last = first + (self.stride - other.stride) * (count - 1 if isinstance(count, int) else 0)
        return max(abs(first), abs(last))


PIXEL = Line(Fraction(1), Fraction(0), Fraction(0), Fraction(1))


class MisalignedPaths(Rule):
    """The receptive fields of the inputs of a merge differ in stride or centre."""

    name: ClassVar[str] = "misaligned-paths"
    level: ClassVar[Level] = "note"
    what: ClassVar[str] = "A merge joins maps whose positions are centred on different places of the input."
    why: ClassVar[str] = (
        "Position i of one path then does not correspond to position i of the other: features of neighbouring places "
        "are added or stacked as if they belonged to one. The causes are uneven padding, an off-centre crop, or an "
        "even kernel beside an odd one. An offset of at most half a step only blurs, and is not reported (an "
        "upsampled map has the step of the map it was made from, and the mean position of its phases); nor are causal "
        "paths over a sequence, which end together."
    )
    example: ClassVar[str] = """\
input: 3x32x32
layers:
  - branches:
      merge: add
      paths:
        - - conv: {out_channels: 3, kernel_size: 3, padding: [[0, 2], [0, 2]]}
        - []
"""
    fixed: ClassVar[str] = """\
input: 3x32x32
layers:
  - branches:
      merge: add
      paths:
        - - conv: {out_channels: 3, kernel_size: 3, padding: 1}
        - []
"""
    source: ClassVar[str] = (
        "Araujo, Norris, Sim: Computing Receptive Fields of Convolutional Neural Networks, Distill 2019 (aligned "
        "paths)."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the merges of maps with different lines."""
        if not _may_shift(subject):
            return
        for node in subject.report.graph.nodes:
            if node.layer.joins and node.layer.positions == "kept" and len(node.output) > 1:
                message = _misalignment(subject, node)
                if message:
                    yield Case(node, message)


def _may_shift(subject: Subject) -> bool:
    """Whether any layer parallel to another path moves positions; a quick test without receptive fields."""
    nodes = subject.report.graph.nodes
    last_read = {name: index for index, node in enumerate(nodes) for name in node.inputs}
    passing: set[str] = set()  # tensors that later layers read
    for index, node in enumerate(nodes):
        passing = {name for name in (*passing, *node.inputs) if last_read[name] > index}
        if passing and not _keeps_positions(subject, node):
            return True
        if node.name in last_read:
            passing.add(node.name)
    return False


def _keeps_positions(subject: Subject, node: Node) -> bool:
    """Whether the middle of window i is at S·i, as it is for layers that neither slide nor resize."""
    if node.name in subject.sliding:
        return all(
            is_numeric(window) and 2 * window.low == window.extent - 1 for window in subject.sliding[node.name][1]
        )
    return node.layer.positions in ("kept", "gathered")


def _misalignment(subject: Subject, node: Node) -> str | None:
    for name, shape in subject.report.inputs.items():
        for axis in range(len(shape) - 1):
            lines = [line for tensor in dict.fromkeys(node.inputs) if (line := _line(subject, tensor, name, axis))]
            for one, other in pairwise(lines):
                distance = one.distance_to(other, _rows(subject, node, name, axis), time=len(shape) == 2)
                step = max(one.step, other.step)
                if 2 * distance > step and one.stride != other.stride:
                    strides = f"{fraction_text(one.stride)} and {fraction_text(other.stride)}"
                    return f"it joins maps with steps of {strides} input pixels"
                if 2 * distance > step:
                    text = f"{fraction_text(distance)} input pixels apart, at a step of {fraction_text(step)}"
                    return f"it joins maps whose centres are {text}"
    return None


def _rows(subject: Subject, node: Node, name: str, axis: int) -> Size:
    """The number of rows of a map along one axis of an input, before it was flattened."""
    place = subject.report.receptive_fields[node.name][name].axes[axis].place
    return node.output[min(axis + 1, len(node.output) - 1)] if place is None else place.size


def _line(subject: Subject, tensor: str, name: str, axis: int) -> Line | None:
    """The line of a tensor along one axis of an input; None if nothing moves along it, or it is unknown."""
    if tensor in subject.report.graph.inputs:
        return PIXEL if tensor == name else None
    field = subject.report.receptive_fields[tensor].get(name)
    return _line_of_extent(field.axes[axis]) if field else None


def _line_of_extent(extent: Extent) -> Line | None:
    stride, phases = extent.stride, extent.phases
    if not isinstance(stride, int | Fraction):
        return None
    low = high = Fraction(0)
    for row, phase in enumerate(phases):
        if phase is None or not isinstance(phase[0], int) or not isinstance(phase[1], int):
            return None
        low += phase[0] - stride * row
        high += phase[1] - stride * row
    return Line(Fraction(stride), (low + high) / (2 * len(phases)), high / len(phases), Fraction(stride * len(phases)))
