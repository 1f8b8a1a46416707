"""Paths that meet with their positions apart."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from cnncalc.analysis.field.receptive_field import Extent
from cnncalc.checks.axes import is_numeric
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.graph import Node
from cnncalc.quantities.decimals import fraction_text
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Line(NamedTuple):
    """Along one axis of an input, where position i of a map looks on average: stride·i + centre, to stride·i + last."""

    stride: Fraction
    centre: Fraction
    last: Fraction
    step: Fraction  # of the coarse map, where this one is its upsampling

    def apart(self, other: Line, count: Size, *, time: bool) -> Fraction:
        """How far two lines lie apart at most, over so many positions (with a symbol, at the first).

        In time, lines that end together do not: they are causal.
        """
        if time and self.last == other.last and self.stride == other.stride:
            return Fraction(0)
        first = self.centre - other.centre
        last = first + (self.stride - other.stride) * (count - 1 if isinstance(count, int) else 0)
        return max(abs(first), abs(last))


PIXEL = Line(Fraction(1), Fraction(0), Fraction(0), Fraction(1))


class MisalignedPaths(Rule):
    """The receptive fields of what a merge joins have other strides or other centres."""

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
        """The merges of maps whose lines differ."""
        if not _may_shift(subject):
            return
        for node in subject.report.graph.nodes:
            if node.layer.joins and node.layer.positions == "kept" and len(node.output) > 1:
                message = _difference(subject, node)
                if message:
                    yield Case(node, message)


def _may_shift(subject: Subject) -> bool:
    """Whether any layer beside another path moves positions at all, told without the fields, which take time."""
    nodes = subject.report.graph.nodes
    last_read = {name: index for index, node in enumerate(nodes) for name in node.inputs}
    passing: set[str] = set()  # tensors that are read further down
    for index, node in enumerate(nodes):
        passing = {name for name in (*passing, *node.inputs) if last_read[name] > index}
        if passing and not _keeps_places(subject, node):
            return True
        if node.name in last_read:
            passing.add(node.name)
    return False


def _keeps_places(subject: Subject, node: Node) -> bool:
    """Whether the middle of window i is at S·i; so it is where nothing slides and nothing is resized."""
    if node.name in subject.sliding:
        return all(
            is_numeric(window) and 2 * window.low == window.extent - 1 for window in subject.sliding[node.name][1]
        )
    return node.layer.positions in ("kept", "gathered")


def _difference(subject: Subject, node: Node) -> str | None:
    for name, shape in subject.report.inputs.items():
        for axis in range(len(shape) - 1):
            lines = [line for tensor in dict.fromkeys(node.inputs) if (line := _line(subject, tensor, name, axis))]
            for one, other in pairwise(lines):
                apart = one.apart(other, node.output[axis + 1], time=len(shape) == 2)
                step = max(one.step, other.step)
                if 2 * apart > step and one.stride != other.stride:
                    strides = f"{fraction_text(one.stride)} and {fraction_text(other.stride)}"
                    return f"it joins maps with steps of {strides} input pixels"
                if 2 * apart > step:
                    distance = f"{fraction_text(apart)} input pixels apart, at a step of {fraction_text(step)}"
                    return f"it joins maps whose centres are {distance}"
    return None


def _line(subject: Subject, tensor: str, name: str, axis: int) -> Line | None:
    """None where nothing moves along this axis, or where it is not known how."""
    if tensor in subject.report.graph.inputs:
        return PIXEL if tensor == name else None
    field = subject.report.receptive_fields[tensor].get(name)
    return _of_extent(field.axes[axis]) if field else None


def _of_extent(extent: Extent) -> Line | None:
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
