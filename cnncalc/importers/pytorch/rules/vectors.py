"""Rules for linear layers, matrix products and attention."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Rule, ascending
from cnncalc.importers.pytorch.rules.normalization import along_last
from cnncalc.importers.pytorch.spelling import exact
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


def _attention(call: Call) -> Tensor:
    """softmax(q·kᵀ/√d)·v, a single operation in PyTorch."""
    if call["attn_mask"] is not None or call["is_causal"] or call["enable_gqa"]:
        raise Inexpressible
    q, k, v = (call.arranged(call.tensor(name), None) for name in ("query", "key", "value"))
    if not (q.order == k.order == v.order) or len(q.order) < 3 or min(q.order[-2:]) <= 0:
        raise Inexpressible
    *front, rows, width = q.shape
    factor = exact(call["scale"] if call["scale"] is not None else width**-0.5)
    transposed = call.arranged(k._replace(order=(*k.order[:-2], k.order[-1], k.order[-2])), None)
    shape = (*front, rows, k.shape[-2])
    scores = call.emit("matmul", {}, [q, transposed], shape, q.order)
    scores = call.emit("rescale", {"factor": factor}, [scores], shape, q.order)
    weights = call.emit("softmax", {"dim": len(shape)}, [scores], shape, q.order)
    return call.emit("matmul", {}, [weights, v], (*front, rows, v.shape[-1]), q.order)


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
    "scaled_dot_product_attention": _attention,
    "bmm": _matmul("self", "mat2"),
}
