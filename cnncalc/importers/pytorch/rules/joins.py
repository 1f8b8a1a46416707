"""Operations on several tensors: sums, products, and tensors laid end to end."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.importers.pytorch.call import Call, Rule, sign
from cnncalc.importers.pytorch.rules.learnt import scaled
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Tensor


def _join(kind: str) -> Rule:
    def rule(call: Call) -> Tensor:
        left, right = call["self"], call["other"]
        if call.arguments.get("alpha", 1) != 1:
            raise Inexpressible
        if isinstance(left, Tensor) and isinstance(right, Tensor):
            return _of_two(call, kind, left, right)
        if isinstance(left, Tensor) and isinstance(right, Constant):
            return scaled(call, kind, left, right)
        if isinstance(right, Tensor) and isinstance(left, Constant):
            return scaled(call, kind, right, left)
        raise Inexpressible

    return rule


def _of_two(call: Call, kind: str, left: Tensor, right: Tensor) -> Tensor:
    left, right = _alike(call, [left, right])
    shape = tuple(max(sizes) for sizes in zip(left.shape, right.shape, strict=True))
    before = call.before(left, kind)
    if before is None or kind == "subtract" or left.shape != shape or right.name in (left.name, *before.inputs):
        return call.emit(kind, {}, [left, right], shape, left.order)
    call.emission.drop(before.name)  # a + b + c is one sum
    terms = [Tensor(name, call.emission.shapes[name], left.order) for name in before.inputs]
    return call.emit(kind, {}, [*terms, right], shape, left.order)


def _alike(call: Call, tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors with their axes in the order of the first that is as it is, or of the first."""
    ranks = {len(tensor.order) for tensor in tensors}
    signs = {tuple(map(sign, tensor.order)) for tensor in tensors}
    if len(ranks) > 1 or len(signs) > 1:
        raise Inexpressible
    order = next((tensor.order for tensor in tensors if tensor.plain), tensors[0].order)
    return [call.arranged(tensor, order) for tensor in tensors]


def _cat(call: Call) -> Tensor:
    given = call["tensors"]
    if not all(isinstance(tensor, Tensor) for tensor in given):
        raise Inexpressible
    tensors = _alike(call, given)
    axis = tensors[0].axis(call["dim"])
    shape = list(tensors[0].shape)
    shape[axis - 1] = sum(tensor.shape[axis - 1] for tensor in tensors)
    if len(tensors) == 1:
        return tensors[0]
    return call.emit("concat", {"dim": axis}, tensors, tuple(shape), tensors[0].order)


JOINS: dict[str, Rule] = {
    "add": _join("add"),
    "sub": _join("subtract"),
    "mul": _join("multiply"),
    "multiply": _join("multiply"),
    "cat": _cat,
    "concat": _cat,
}
