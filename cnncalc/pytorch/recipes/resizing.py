"""Recipes of layers that change the size of a map without a window: pad, crop, upsample."""

from __future__ import annotations

import math
from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.convolution import pad_term
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, expression, fields, function
from cnncalc.pytorch.recipes.terms import Arg, Indexed, Listed, Read, Slot, Term, Text, X, call, keyword, plain


def _pad(node: Node) -> Recipe:
    layer: Any = node.layer
    value = float(layer.value)
    if layer.padding is not None:
        shown = repr(value) if value else ""
        return expression(pad_term(X, layer.padding, layer.mode, shown))
    more = keyword("mode", layer.mode, "constant"), *((keyword("value", value),) if value else ())
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
    """Return the target size: that of the second tensor, or numbers."""
    layer: Any = node.layer
    if layer.like is not None:
        return Indexed(Read(1), ((Text("2"), None),), ".shape")
    return Listed(tuple(Slot(size, "size") for size in layer.size), "()")


def _upsample(node: Node) -> Recipe:
    """Use the size if PyTorch's ⌊n·scale⌋, in floating point, misses the exact one: it computes ⌊100·0.29⌋ = 28."""
    layer: Any = node.layer
    mode = fields(node, mode="nearest", align_corners=None, antialias=False)
    if layer.like is not None:
        return expression(call("F.interpolate", X, Arg(_target(node), "size"), *mode))
    if layer.antialias:  # which nn.Upsample lacks
        return expression(call("F.interpolate", X, _size_or_factor(node), *mode))
    return function("F.interpolate", "nn.Upsample", _size_or_factor(node), *mode)


def _size_or_factor(node: Node) -> Arg:
    layer: Any = node.layer
    if layer.scale_factor is None:
        return keyword("size", layer.size)
    scales = tuple(map(float, layer.scale_factor))
    sizes: Any = node.shapes[0][1:]
    if tuple(math.floor(n * scale) for n, scale in zip(sizes, scales, strict=True)) != node.output[1:]:
        return keyword("size", node.output[1:])
    return keyword("scale_factor", plain(tuple(int(scale) if scale.is_integer() else scale for scale in scales)))


RESIZING: dict[str, Writer] = {"pad": _pad, "crop": _crop, "upsample": _upsample}
