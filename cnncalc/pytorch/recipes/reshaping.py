"""Recipes of layers that reshape, reorder, slice or average a tensor."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, dims_of, expression, fields, function
from cnncalc.pytorch.recipes.terms import Arg, Indexed, Method, Slot, Text, X, call, keyword, positional


def _flatten(node: Node) -> Recipe:
    layer: Any = node.layer
    start, end = layer.start_dim, layer.end_dim
    ending = Arg(Slot(end, "end_dim"), "end_dim", -1)
    module = call("nn.Flatten", keyword("start_dim", start, 1), ending)
    return Recipe(module, call("torch.flatten", X, positional(start, "start_dim"), ending), registered=False)


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


def _take(node: Node) -> Recipe:
    layer: Any = node.layer
    return expression(call("take", X, Slot(list(layer.indices), "indices"), positional(layer.dim, "dim")))


def _reduce(name: str, **more: Any) -> Writer:  # noqa: ANN401
    """Return a writer for a method that reduces dimensions."""
    return lambda node: expression(
        Method(X, name, (Arg(Text(dims_of(node)), "dim"), *fields(node, keepdim=False, **more)))
    )


def _cumsum(node: Node) -> Recipe:
    layer: Any = node.layer
    return expression(Method(X, "cumsum", (Arg(Slot(layer.dim, "dim"), "dim"),)))


def _rearrange(name: str, module: str, field: str) -> Writer:
    return lambda node: function(f"F.{name}", f"nn.{module}", positional(getattr(node.layer, field), field))


RESHAPING: dict[str, Writer] = {
    "flatten": _flatten,
    "reshape": _reshape,
    "permute": _permute,
    "pixel_shuffle": _rearrange("pixel_shuffle", "PixelShuffle", "upscale_factor"),
    "pixel_unshuffle": _rearrange("pixel_unshuffle", "PixelUnshuffle", "downscale_factor"),
    "channel_shuffle": _rearrange("channel_shuffle", "ChannelShuffle", "groups"),
    "slice": _slice,
    "take": _take,
    "mean": _reduce("mean"),
    "sum": _reduce("sum"),
    "max": _reduce("amax"),
    "var": _reduce("var", correction=1),
    "std": _reduce("std", correction=1),
    "cumsum": _cumsum,
}
