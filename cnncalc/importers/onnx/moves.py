"""Says the operators that move numbers as operations of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from cnncalc.importers.onnx.applying import Applying, parts
from cnncalc.importers.onnx.folding import slices
from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.pytorch.call import Result
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Tensor


def flowing(op: Op, rules: Applying, index: int = 0) -> Tensor:
    """An input that the network computes; raises Inexpressible for any other."""
    value = rules.value(op.tensor(index))
    if not isinstance(value, Tensor):
        raise Inexpressible
    return value


def whole(op: Op, rules: Applying, index: int) -> Constant | None:
    """A weight that is stored; None where it is left out."""
    if op.optional(index) is None:
        return None
    constant = rules.constant(op.tensor(index))
    if not op.tensor(index).constant or not constant.whole:
        raise Inexpressible
    return constant


def _same(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    return [flowing(op, rules)]


def _expand(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    """A tensor as it is; a sum or product that reads a repeated one repeats it itself."""
    x = flowing(op, rules)
    if x.seen(rules.trace.emission.batch) != seen:
        raise Inexpressible
    return [x]


def _reshape(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    x = rules.value(op.tensor(0), merged=True)
    if not isinstance(x, Tensor):
        raise Inexpressible
    return [rules.apply(op, "flatten", {"self": x}, _apart(x, rules.trace.emission.batch, seen))]


def _apart(x: Tensor, batch: int, seen: Sizes) -> Sizes:
    """Sizes that are not merged in front of the last one where the batch is among them: a product may follow."""
    before = x.seen(batch)
    place = next((place for place, axis in enumerate(x.order) if axis <= 0), 0)
    for end in range(place + 1, len(before)) if place and len(seen) == 2 else ():
        if prod(before[end:]) == seen[1]:
            return (*before[:end], seen[1])
    return seen


def _transpose(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    dims = op.whole("perm", range(len(seen))[::-1])
    return [rules.apply(op, "permute", {"self": flowing(op, rules), "dims": dims}, seen)]


def _slice(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    made: Any = flowing(op, rules)
    sizes = list(made.seen(rules.trace.emission.batch))
    for axis, start, end, step in slices(op, len(sizes)):
        dim = axis % len(sizes)
        if step < 1:
            raise Inexpressible
        part = range(*slice(start, end, step).indices(sizes[dim]))
        sizes[dim] = len(part)
        arguments = {"self": made, "dim": dim, "start": part.start, "end": part.stop, "step": step}
        made = rules.apply(op, "slice", arguments, tuple(sizes))
    return [made]


def _roll(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    shifts: Mapping[int, int] = op.attributes["shifts"]
    arguments = {"self": flowing(op, rules), "shifts": list(shifts.values()), "dims": list(shifts)}
    return [rules.apply(op, "roll", arguments, seen)]


def _split(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    x = flowing(op, rules)
    dim = op.get("axis", 0) % len(seen)
    size = x.seen(rules.trace.emission.batch)[dim]
    given = op.attributes.get("split") or op.values(1)
    if given is None:
        count = op.get("num_outputs", len(op.makes))
        each = -(-size // count)
        given = [each] * (count - 1) + [size - each * (count - 1)]
    arguments = {"self": x, "split_sizes": [int(part) for part in given], "dim": dim}
    made = parts(rules.apply(op, "split_with_sizes", arguments, seen))
    return [made[number] if name else x for number, name in enumerate(op.makes)]


def _gather(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    """One index, or the vectors of a table."""
    table = op.tensor(0)
    if table.constant:
        arguments = {"weight": whole(op, rules, 0), "indices": flowing(op, rules, 1)}
        if op.get("axis", 0) or len(table.shape or ()) != 2:
            raise Inexpressible
        return [rules.apply(op, "embedding", arguments, seen)]
    x, index = flowing(op, rules), op.values(1) or []
    sizes = x.seen(rules.trace.emission.batch)
    dim = op.get("axis", 0) % len(sizes)
    if len(index) != 1:
        raise Inexpressible
    start = int(index[0]) % sizes[dim]
    if op.tensor(1).shape == ():
        return [rules.apply(op, "select", {"self": x, "dim": dim, "index": start}, seen)]
    part = {"self": x, "dim": dim, "start": start, "end": start + 1, "step": 1}
    return [rules.apply(op, "slice", part, seen)]


def _concat(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    tensors = [rules.value(op.tensor(index)) for index in range(len(op.inputs))]
    return [rules.apply(op, "cat", {"tensors": tensors, "dim": op.get("axis", 1) % len(seen)}, seen)]


MOVES = {
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"), _reshape),
    **dict.fromkeys(("Identity", "Cast"), _same),
    **dict.fromkeys(("Expand", "repeated"), _expand),
    "Transpose": _transpose,
    "Slice": _slice,
    "rolled": _roll,
    "Split": _split,
    "Gather": _gather,
    "Concat": _concat,
}
