"""Rules for linear layers, matrix products and attention."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Rule, ascending
from cnncalc.importers.pytorch.rules import attention
from cnncalc.importers.pytorch.rules.normalization import along_last
from cnncalc.importers.pytorch.values import Inexpressible, Tensor


def _linear(call: Call) -> Tensor:
    stored = call.weights("weight", "bias")
    arguments: dict[str, object] = {"out_features": call["weight"].shape[0], "bias": "bias" in stored}
    return along_last(call, "linear", arguments, call.tensor("input"), call["weight"].shape[0], stored)


def _matmul(left: str, right: str) -> Rule:
    def rule(call: Call) -> Tensor:
        attended = attention.either_product(call, call.tensor(left), call.tensor(right))
        if attended is not None:
            return attended
        a, b = (call.arranged(call.tensor(name), None) for name in (left, right))
        if a.order != b.order or len(a.order) < 3 or min(a.order[-2:]) <= 0:
            raise Inexpressible
        front = tuple(max(sizes) for sizes in zip(a.shape[:-2], b.shape[:-2], strict=True))
        return call.emit("matmul", {}, [a, b], (*front, a.shape[-2], b.shape[-1]), ascending(a.order))

    return rule


def _embedding(call: Call) -> Tensor:
    """The vectors of a table; their elements are our channels, PyTorch's last axis."""
    numbers, stored = call.tensor("indices"), call.weights("weight")
    rows, width = call["weight"].shape
    order = (*(axis + (axis > 0) - (axis < 0) for axis in numbers.order), 1)
    arguments: dict[str, object] = {"num_embeddings": rows, "embedding_dim": width}
    return call.emit("embedding", arguments, [numbers], (width, *numbers.shape), order, stored)


VECTORS: dict[str, Rule] = {
    "linear": _linear,
    "embedding": _embedding,
    "matmul": _matmul("self", "other"),
    "scaled_dot_product_attention": attention.function,
    "bmm": _matmul("self", "mat2"),
}
