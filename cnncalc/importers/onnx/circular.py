"""Recognises what opsets before 19 write as a concatenation of slices of one map: circular padding, and a roll."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.importers.onnx.arithmetic import Match
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Tracing
from cnncalc.importers.onnx.wiring import Wiring

NO_SHIFTS: Mapping[int, int] = {}
MOST_AXES = 8
NO_SIDES: Mapping[int, list[int]] = {}
FAR = 2**31 - 1  # an end at or beyond this means the whole axis


def wrapped(op: Op, wiring: Wiring) -> Match:
    """Match concat(x[-low:], x, x[:high]) along an axis, or several axes one after the other."""
    axis = op.attributes.get("axis", 1)
    for data in dict.fromkeys(op.reads):
        place = op.reads.index(data)
        low, high = op.reads[:place], op.reads[place + 1 :]
        if axis < 2 or not 1 <= len(low) + len(high) <= 2 or len(low) > 1 or len(high) > 1:
            continue
        parts = [_slice(name, data, axis, wiring) for name in (*low, *high)]
        if None in parts:
            continue
        before, after = _rows(parts[: len(low)], first=False), _rows(parts[len(low) :], first=True)
        if before is None or after is None:
            continue
        inner, sides = [part[0] for part in parts if part], {axis: [before, after]}
        outer = wiring.maker(data, "Concat")
        further = wrapped(outer, wiring) if outer else None
        if outer is None or further is None or axis in _sides(further):
            return "wrapped", (data,), inner, {"sides": sides}
        return "wrapped", further[1], [*inner, outer, *further[2]], {"sides": {**_sides(further), **sides}}
    return None


def _sides(match: tuple[str, tuple[str, ...], list[Op], Mapping[str, Any]]) -> dict[int, list[int]]:
    return dict(match[3]["sides"])


def _rows(parts: list[tuple[Op, int, int] | None], first: bool) -> int | None:
    """Return how many rows one side is wrapped by: the last rows before, the first rows after; None otherwise."""
    if not parts or parts[0] is None:
        return 0
    _, start, end = parts[0]
    if first:
        return end if start == 0 and 0 < end < FAR else None
    return -start if start < 0 and end >= FAR else None


def _slice(name: str, data: str, axis: int, wiring: Wiring) -> tuple[Op, int, int] | None:
    """Return a slice of this tensor along this axis alone, with its start and end; None for anything else."""
    op = wiring.maker(name, "Slice")
    if op is None or op.reads[0] != data:
        return None
    if "starts" in op.attributes:
        starts, ends = op.whole("starts", ()), op.whole("ends", ())
        axes, steps = op.whole("axes", range(len(starts))), [1]
    else:
        starts, ends, axes, steps = (
            wiring.numbers(op.reads[place]) if len(op.reads) > place else default
            for place, default in ((1, []), (2, []), (3, [0]), (4, [1]))
        )
    if axes != [axis] or steps != [1] or len(starts) != 1 or len(ends) != 1:
        return None
    return op, starts[0], ends[0]


def rolled(op: Op, wiring: Wiring) -> Match:
    """Match concat(x[start:], x[:start]) along an axis, or several axes one after the other."""
    axis = op.attributes.get("axis", 0)
    sources = [wiring.maker(name, "Slice") for name in op.reads]
    if len(op.reads) != 2 or None in sources or not 0 < axis <= MOST_AXES:
        return None
    data = sources[0].reads[0] if sources[0] else ""
    parts = [_slice(name, data, axis, wiring) for name in op.reads]
    (back, start, far), (front, zero, end) = (part or (op, 1, 0) for part in parts)
    if None in parts or zero != 0 or start != end or far < FAR:
        return None
    outer = wiring.maker(data, "Concat")
    further = rolled(outer, wiring) if outer else None
    before: Any = further[3]["shifts"] if further else {}
    if outer is None or further is None or axis in before:
        return "rolled", (data,), [back, front], {"shifts": {axis: -start}}
    return "rolled", further[1], [back, front, outer, *further[2]], {"shifts": {**before, axis: -start}}


def roll(op: Op, trace: Tracing) -> Tensor:
    """`rolled` of the patterns, on a map whose sizes are symbols."""
    shifts = op.get("shifts", NO_SHIFTS)
    return trace.layer(op, "roll", {"shifts": list(shifts.values()), "dims": list(shifts)})


def circular_pad(op: Op, trace: Tracing) -> Tensor:
    """`wrapped` of the patterns: a pad in circular mode."""
    sides, rank = op.get("sides", NO_SIDES), len(op.data().shape or ())
    if any(axis >= rank for axis in sides):
        raise UnsupportedError("it wraps an axis that its input does not have")
    padding = [sides.get(axis, [0, 0]) for axis in range(2, rank)]
    return trace.layer(op, "pad", {"padding": padding, "mode": "circular"})
