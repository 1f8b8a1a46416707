"""Rules for sums, products and concatenations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from cnncalc.importers.pytorch.call import Call, Result, Rule, sign
from cnncalc.importers.pytorch.rules.learnt import merge, put_in_front
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Batched, Constant, Inexpressible, Tensor


def _join(kind: str) -> Rule:
    def rule(call: Call) -> Tensor:
        left, right = call["self"], call["other"]
        if isinstance(right, int | float | Fraction):
            return combine_with_number(call, kind, left, right)
        if call.arguments.get("alpha", 1) != 1:
            raise Inexpressible
        if isinstance(left, Tensor) and isinstance(right, Tensor):
            return _join_tensors(call, kind, left, right)
        if isinstance(left, Tensor) and isinstance(right, Constant):
            return merge(call, kind, left, right)
        if isinstance(right, Tensor) and isinstance(left, Constant):
            if kind == "subtract":
                raise Inexpressible
            return merge(call, kind, right, left)
        raise Inexpressible

    return rule


def _join_tensors(call: Call, kind: str, left: Tensor, right: Tensor) -> Tensor:
    left, right = _in_common_order(call, [left, right])
    shape = tuple(max(sizes) for sizes in zip(left.shape, right.shape, strict=True))
    before = call.before(left, kind) if kind in ("add", "multiply") else None
    if before is None or left.shape != shape or right.name in (left.name, *before.inputs):
        return call.emit(kind, {}, [left, right], shape, left.order)
    call.emission.drop(before.name)  # a + b + c is one sum
    terms = [Tensor(name, call.emission.shapes[name], left.order) for name in before.inputs]
    return call.emit(kind, {}, [*terms, right], shape, left.order)


def _in_common_order(call: Call, tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors in one common axis order: ours, if any of them has it, else that of the first."""
    ranks = {len(tensor.order) for tensor in tensors}
    signs = {tuple(map(sign, tensor.order)) for tensor in tensors}
    if len(ranks) > 1 or len(signs) > 1:
        raise Inexpressible
    order = next((tensor.order for tensor in tensors if tensor.plain), tensors[0].order)
    return [call.arranged(tensor, order) for tensor in tensors]


def _cat(call: Call) -> Tensor | Batched:
    tensors = [tensor for tensor in call["tensors"] if not (isinstance(tensor, Constant) and 0 in tensor.shape)]
    if len(tensors) < len(call["tensors"]):
        call = replace(call, arguments={**call.arguments, "tensors": tensors})
    front, *others = tensors
    if isinstance(front, Constant) and len(others) == 1 and isinstance(others[0], Tensor):
        return put_in_front(call, front, others[0], call["dim"])
    if not all(isinstance(tensor, Tensor) for tensor in call["tensors"]):
        raise Inexpressible
    merged = _patches(call, call["tensors"])
    if merged is not None:
        return merged
    axes = {(tensor.order[call["dim"]], tensor.order, tensor.shape) for tensor in call["tensors"]}
    if len(axes) == 1 and next(iter(axes))[0] == 0:
        return Batched(call["tensors"])
    return concatenate(call, call["tensors"], call["dim"])


PATCHES = (
    "its channels are those of the network in another order: patches are concatenated there, channel by channel here"
)


def _patches(call: Call, tensors: Sequence[Tensor]) -> Tensor | None:
    """Every second row and column of a map from each start, concatenated along the channels: `pixel_unshuffle`."""
    nodes, shapes = call.emission.nodes, call.emission.shapes
    starts, sources, step = set(), set(), 0
    for tensor in tensors:
        name, start = tensor.name, {}
        while (node := nodes.get(name)) is not None and node.kind == "slice" and "end" not in node.arguments:
            axis: Any = node.arguments["dim"]
            step = node.arguments["step"]  # type: ignore[assignment] # a number
            if axis in start or axis == 1:
                return None
            start[axis], name = node.arguments["start"], node.inputs[0]
        starts.add(tuple(sorted(start.items())))
        sources.add((name, step, tensor.order, tuple(sorted(start))))
    if len(sources) != 1 or step < 2 or tensors[0].order[call["dim"]] != 1:
        return None
    ((name, step, order, axes),) = sources
    shape = shapes[name]
    if axes != tuple(range(2, len(shape) + 1)) or len(starts) != len(tensors) or len(tensors) != step ** len(axes):
        return None
    if any(size % step for size in shape[1:]) or len(shape) != 3:
        return None
    made = (shape[0] * step * step, *(size // step for size in shape[1:]))
    source = Tensor(name, shape, order)
    result = call.emit("pixel_unshuffle", {"downscale_factor": step}, [source], made, order)
    call.emission.note(PATCHES, result.name)
    return result


def concatenate(call: Call, given: Sequence[Tensor], dim: int) -> Tensor:
    """The concatenation of tensors along a dimension that PyTorch sees."""
    tensors = _in_common_order(call, given)
    axis = tensors[0].axis(dim)
    shape = list(tensors[0].shape)
    shape[axis - 1] = sum(tensor.shape[axis - 1] for tensor in tensors)
    if len(tensors) == 1:
        return tensors[0]
    return call.emit("concat", {"dim": axis}, tensors, tuple(shape), tensors[0].order)


def combine_with_number(call: Call, kind: str, tensor: Tensor, number: float | Fraction) -> Tensor:
    """A sum or product with a number."""
    value = exact(number) * exact(call.arguments.get("alpha", 1))
    if kind == "multiply":
        return rescale(call, tensor, value, 0)
    return rescale(call, tensor, 1, value if kind == "add" else -value)


def _rsub(call: Call) -> Tensor:
    """other − alpha·x."""
    if not isinstance(call["other"], int | float):
        raise Inexpressible
    return rescale(call, call.tensor("self"), -exact(call["alpha"]), exact(call["other"]))


def _neg(call: Call) -> Tensor:
    return rescale(call, call.tensor("self"), -1, 0)


def _div(call: Call) -> Tensor:
    if call.arguments.get("rounding_mode") is not None:
        raise Inexpressible
    if not isinstance(call["other"], int | float):
        return _join_tensors(call, "divide", call.tensor("self"), call.tensor("other"))
    return rescale(call, call.tensor("self"), 1 / Fraction(exact(call["other"])), 0)


def rescale(call: Call, tensor: Tensor, factor: int | Fraction, offset: int | Fraction) -> Tensor:
    """x·factor + offset; two such operations in a row in one module become one."""
    if not isinstance(tensor, Tensor):
        raise Inexpressible
    before = call.before(tensor, "rescale")
    if before is not None:
        arguments: Any = before.arguments
        factor, offset = arguments["factor"] * factor, arguments["offset"] * factor + offset
        tensor = tensor._replace(name=before.inputs[0])
        call.emission.drop(before.name)
    if (factor, offset) == (1, 0):
        return tensor
    return call.emit("rescale", {"factor": factor, "offset": offset}, [tensor], tensor.shape, tensor.order)


def _addcmul(call: Call) -> Result:
    """input + value·tensor1·tensor2."""
    if call.arguments.get("value", 1) != 1:
        raise Inexpressible
    factors = {"self": call["tensor1"], "other": call["tensor2"], "alpha": 1}
    product = _join("multiply")(replace(call, arguments=factors))
    return _join("add")(replace(call, arguments={"self": call["self"], "other": product, "alpha": 1}))


def _square(call: Call) -> Tensor:
    """x·x."""
    if call.arguments.get("exponent", 2) != 2:
        raise Inexpressible
    tensor = call.tensor("self")
    return call.emit("multiply", {}, [tensor, tensor], tensor.shape, tensor.order)


def _stack(call: Call) -> Tensor:
    """Each tensor reshaped to have one axis more, then concatenated along it."""
    if not all(isinstance(tensor, Tensor) for tensor in call["tensors"]):
        raise Inexpressible
    tensors = [call.arranged(tensor, None) for tensor in call["tensors"]]
    if any(tensor.order != tensors[0].order or tensor.order[:1] != (0,) for tensor in tensors):
        raise Inexpressible
    axis = call["dim"] % len(call.seen)
    if axis == 0:  # in front of the batch
        shape = (1, *tensors[0].shape)
        each = [call.emit("reshape", {"shape": list(shape)}, [tensor], shape) for tensor in tensors]
        stacked = call.emit("concat", {"dim": 1}, each, (len(each), *shape[1:]))
        return stacked._replace(order=(1, 0, *range(2, len(call.seen))))
    shape = (*tensors[0].shape[: axis - 1], 1, *tensors[0].shape[axis - 1 :])
    each = [call.emit("reshape", {"shape": list(shape)}, [tensor], shape) for tensor in tensors]
    return call.emit("concat", {"dim": axis}, each, call.seen[1:])


JOINS: dict[str, Rule] = {
    "add": _join("add"),
    "sub": _join("subtract"),
    "mul": _join("multiply"),
    "multiply": _join("multiply"),
    "rsub": _rsub,
    "neg": _neg,
    "div": _div,
    "addcmul": _addcmul,
    "square": _square,
    "pow": _square,
    "stack": _stack,
    "cat": _cat,
    "concat": _cat,
}
