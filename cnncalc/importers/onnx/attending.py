"""Says normalizations that are written out and fused attention as operations of PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.importers.onnx.applying import Applying
from cnncalc.importers.onnx.moves import flowing
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Tracing
from cnncalc.importers.pytorch.call import Result
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes
from cnncalc.importers.pytorch.values import Tensor as Seen


def norm(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    """`layernorm` and `rmsnorm` of the patterns: over the last axes, or over any other one."""
    x, dims = flowing(op, rules, 0), _dims(op, len(seen))
    rest = [dim for dim in range(len(seen)) if dim not in dims]
    if rest != list(range(len(rest))) and len(dims) > 1:
        raise Inexpressible
    order = [*rest, *dims]
    shape = tuple(seen[dim] for dim in order)
    sizes = shape[len(rest) :]
    arguments = {
        "input": x._replace(order=tuple(x.order[dim] for dim in order)),
        "normalized_shape": list(sizes),
        "weight": _factors(op, rules, 1, sizes),
        "bias": _factors(op, rules, 2, sizes),
        "eps": float(op.get("epsilon", 0)),
    }
    made = rules.apply(op, "rms_norm" if op.kind == "rmsnorm" else "layer_norm", arguments, shape)
    if not isinstance(made, Seen):
        raise Inexpressible
    return [made._replace(order=tuple(made.order[order.index(dim)] for dim in range(len(seen))))]


def response_norm(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    """`grn` of the patterns, wherever its channels are."""
    x, dims = flowing(op, rules, 0), _dims(op, len(seen))
    rest = [dim for dim in range(1, len(seen)) if dim not in dims]
    if len(rest) != 1 or x.order[rest[0]] != 1:
        raise Inexpressible
    sizes = (seen[rest[0]],)
    given = {"weight": _factors(op, rules, 1, sizes), "bias": _factors(op, rules, 2, sizes)}
    stored = {name: constant.sources[0] for name, constant in given.items() if constant is not None}
    return [rules.emit(op, "grn", {"eps": op.get("epsilon", 0)}, x, stored)]


def length_norm(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    """`l2norm` of the patterns, wherever its axes are."""
    x = flowing(op, rules, 0)
    axes = sorted(x.axis(axis) for axis in op.whole("axes", ()))
    return [rules.emit(op, "l2norm", {} if axes == [1] else {"dim": axes}, x, {})]


def _dims(op: Op, rank: int) -> list[int]:
    dims = sorted({axis % rank for axis in op.whole("axes", ())})
    if not dims or 0 in dims or op.attributes.get("epsilon") is None:
        raise Inexpressible
    return dims


def _factors(op: Op, rules: Applying, index: int, sizes: Sizes) -> Constant | None:
    """Stored numbers, one for each of these sizes, which may be laid out with axes of 1."""
    if op.optional(index) is None:
        return None
    constant = rules.constant(op.tensor(index))
    if not constant.whole or [size for size in constant.shape if size != 1] != [size for size in sizes if size != 1]:
        raise Inexpressible
    return constant._replace(shape=sizes, sources=(constant.sources[0]._replace(shape=sizes),))


def attention(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    """Attention (opset 23) and ONNX Runtime's MultiHeadAttention: on heads, or on channels that hold them."""
    queries, keys, values = (flowing(op, rules, index) for index in range(3))
    mask = op.optional(3) if op.kind == "Attention" else None
    past = op.reads[4:] if op.kind == "Attention" else op.reads[3:]
    if any(past) or op.get("softcap", 0):
        raise Inexpressible
    heads = op.get("q_num_heads", op.get("num_heads", 0))
    groups = op.get("kv_num_heads", heads)
    apart = len(seen) == 3
    parts: list[Any] = [queries, keys, values]
    if apart:
        parts = [_in_heads(op, rules, x, h) for x, h in zip(parts, (heads, groups, groups), strict=True)]
    shapes = [part.seen(rules.trace.emission.batch) for part in parts]
    scale = op.attributes.get("scale")
    arguments = {
        **dict(zip(("query", "key", "value"), parts, strict=True)),
        "attn_mask": None if mask is None else rules.value(mask),
        "is_causal": bool(op.get("is_causal", op.get("unidirectional", 0))),
        "scale": None if scale is None else float(scale),
        "enable_gqa": shapes[0][1] != shapes[1][1],
    }
    whole = (*shapes[0][:3], shapes[2][3])
    made: Any = rules.apply(op, "scaled_dot_product_attention", arguments, whole)
    if not apart:
        return [made]
    turned = rules.apply(
        op, "transpose", {"self": made, "dim0": 1, "dim1": 2}, (whole[0], whole[2], whole[1], whole[3])
    )
    return [rules.apply(op, "flatten", {"self": turned}, seen)]


def _in_heads(op: Op, rules: Applying, x: Seen, heads: int) -> Result:
    """[batch, positions, heads · numbers] as [batch, heads, positions, numbers]."""
    images, positions, width = x.seen(rules.trace.emission.batch)
    sizes = (images, positions, heads, width // heads)
    split = rules.apply(op, "flatten", {"self": x}, sizes)
    turned = (images, heads, positions, width // heads)
    return rules.apply(op, "transpose", {"self": split, "dim0": 1, "dim1": 2}, turned)


def plain_norm(op: Op, trace: Tracing) -> Tensor:
    """Such a norm of a map whose sizes are symbols."""
    x = op.data()
    rank = len(x.shape or ())
    axes = sorted(axis % rank for axis in op.whole("axes", ()))
    weights = {name: op.weight(index).shape for index, name in enumerate(("weight", "bias"), 1) if op.optional(index)}
    arguments: dict[str, object] = {"eps": op.get("epsilon", 0)}
    if op.kind == "grn":
        if axes != list(range(2, rank)):
            raise UnsupportedError("its channels are not the first axis")
        channels = dict.fromkeys(weights, (x.sample[0],))
        return trace.layer(op, "grn", arguments, weights=channels)
    if axes != [rank - 1]:
        raise UnsupportedError("it normalizes over several axes")
    arguments |= {"axis": "last"} if rank > 2 else {}
    arguments |= {"elementwise_affine": "weight" in weights}
    if op.kind == "layernorm":
        arguments["bias"] = "bias" in weights or not weights
    return trace.layer(op, op.kind, arguments, weights=weights)
