"""Layers that weigh every number of a vector, and products of matrices."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Rule, ascending
from cnncalc.importers.pytorch.rules.normalization import along_last
from cnncalc.importers.pytorch.values import Inexpressible, Tensor


def _linear(call: Call) -> Tensor:
    stored = call.weights("weight", "bias")
    arguments: dict[str, object] = {"out_features": call["weight"].shape[0], "bias": "bias" in stored}
    return along_last(call, "linear", arguments, call.tensor("input"), call["weight"].shape[0], stored)


def _matmul(left: str, right: str) -> Rule:
    def rule(call: Call) -> Tensor:
        a, b = (call.arranged(call.tensor(name), None) for name in (left, right))
        if a.order != b.order or len(a.order) < 3 or min(a.order[-2:]) <= 0:
            raise Inexpressible
        front = tuple(max(sizes) for sizes in zip(a.shape[:-2], b.shape[:-2], strict=True))
        return call.emit("matmul", {}, [a, b], (*front, a.shape[-2], b.shape[-1]), ascending(a.order))

    return rule


VECTORS: dict[str, Rule] = {
    "linear": _linear,
    "matmul": _matmul("self", "other"),
    "bmm": _matmul("self", "mat2"),
}
