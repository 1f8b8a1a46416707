"""The code of layers that reshape, resize or join tensors."""

from __future__ import annotations

import math
from typing import Any

from cnncalc.exporters.source.recipe import Recipe, Writer, expression, fields, function
from cnncalc.exporters.source.sliding import padded
from cnncalc.exporters.source.terms import (
    Arg,
    Indexed,
    Infix,
    Listed,
    Method,
    Read,
    Slot,
    Term,
    Text,
    X,
    call,
    given,
    named,
    plain,
)
from cnncalc.graph import Node


def _flatten(node: Node) -> Recipe:
    layer: Any = node.layer
    start, end = layer.start_dim, layer.end_dim
    ending = Arg(Slot(end, "end_dim"), "end_dim", -1)
    module = call("nn.Flatten", named("start_dim", start, 1), ending)
    return Recipe(module, call("torch.flatten", X, given(start, "start_dim"), ending), registered=False)


def _reshape(node: Node) -> Recipe:
    layer: Any = node.layer
    sizes = [Arg(Slot(size, "size")) for size in layer.shape]
    return expression(Method(X, "reshape", (Arg(Method(X, "size", (Arg(Text("0")),))), *sizes)))


def _permute(node: Node) -> Recipe:
    layer: Any = node.layer
    return expression(Method(X, "permute", (Arg(Text("0")), *(Arg(Slot(dim, "dim")) for dim in layer.dims))))


def _slice(node: Node) -> Recipe:
    layer: Any = node.layer
    dim = layer.dim % (len(node.shapes[0]) + 1)
    start = Slot(layer.start, "start") if layer.start else None
    end = None if layer.end is None else Slot(layer.end, "end")
    step = () if layer.step == 1 else (Slot(layer.step, "step"),)
    return expression(Indexed(X, (*((None, None),) * dim, (start, end, *step))))


def _mean(node: Node) -> Recipe:
    layer: Any = node.layer
    dims = tuple(range(2, len(node.shapes[0]) + 1)) if layer.dim == "spatial" else tuple(layer.dim)
    dim = Text(str(dims[0]) if len(dims) == 1 else str(dims))
    return expression(Method(X, "mean", (Arg(dim, "dim"), *fields(node, keepdim=False))))


def _pad(node: Node) -> Recipe:
    layer: Any = node.layer
    value = float(layer.value)
    if layer.padding is not None:
        shown = repr(value) if value else ""
        return expression(padded(X, layer.padding, layer.mode, shown))
    more = named("mode", layer.mode, "constant"), *((named("value", value),) if value else ())
    return expression(call("pad_to", X, _target(node), *more))


def _crop(node: Node) -> Recipe:
    layer: Any = node.layer
    if layer.margin is None:
        return expression(call("center_crop", X, _target(node)))
    parts = [(_side(low), _side(-high)) for low, high in layer.margin]
    return expression(Indexed(X, ((None, None), (None, None), *parts)))


def _side(bound: int) -> Slot | None:
    return Slot(bound, "margin") if bound else None


def _target(node: Node) -> Term:
    """The size to reach: that of the second tensor, or numbers."""
    layer: Any = node.layer
    if layer.like is not None:
        return Indexed(Read(1), ((Text("2"), None),), ".shape")
    return Listed(tuple(Slot(size, "size") for size in layer.size), "()")


def _upsample(node: Node) -> Recipe:
    """By size where PyTorch's ⌊n·scale⌋, in floating point, misses the exact one: ⌊100·0.29⌋ is 28 there."""
    layer: Any = node.layer
    mode = fields(node, mode="nearest", align_corners=None)
    if layer.like is not None:
        return expression(call("F.interpolate", X, Arg(_target(node), "size"), *mode))
    if layer.scale_factor is None:
        return function("F.interpolate", "nn.Upsample", named("size", layer.size), *mode)
    scales = tuple(map(float, layer.scale_factor))
    sizes: Any = node.shapes[0][1:]
    if tuple(math.floor(n * scale) for n, scale in zip(sizes, scales, strict=True)) != node.output[1:]:
        return function("F.interpolate", "nn.Upsample", named("size", node.output[1:]), *mode)
    scale = tuple(int(scale) if scale.is_integer() else scale for scale in scales)
    return function("F.interpolate", "nn.Upsample", named("scale_factor", plain(scale)), *mode)


def _infix(sign: str) -> Writer:
    return lambda node: expression(Infix(sign, _reads(node)))


def _concat(node: Node) -> Recipe:
    return expression(call("torch.cat", Listed(_reads(node)), *fields(node, dim=0)))


def _reads(node: Node) -> tuple[Read, ...]:
    return tuple(map(Read, range(len(node.inputs))))


def _moved(name: str, module: str, field: str) -> Writer:
    return lambda node: function(f"F.{name}", f"nn.{module}", given(getattr(node.layer, field), field))


ORDER: dict[str, Writer] = {
    "flatten": _flatten,
    "reshape": _reshape,
    "permute": _permute,
    "pixel_shuffle": _moved("pixel_shuffle", "PixelShuffle", "upscale_factor"),
    "pixel_unshuffle": _moved("pixel_unshuffle", "PixelUnshuffle", "downscale_factor"),
    "channel_shuffle": lambda node: expression(
        call("F.channel_shuffle", X, given(getattr(node.layer, "groups"), "groups"))  # noqa: B009 - of its kind
    ),
    "slice": _slice,
    "mean": _mean,
    "pad": _pad,
    "crop": _crop,
    "upsample": _upsample,
    "add": _infix("+"),
    "subtract": _infix("-"),
    "multiply": _infix("*"),
    "matmul": _infix("@"),
    "concat": _concat,
}
