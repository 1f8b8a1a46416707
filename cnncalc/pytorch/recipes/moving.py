"""Recipes of roll, unfold, fold and blur pooling."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.convolution import flat, pad_term, padding, symmetric_padding
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, channels, expression
from cnncalc.pytorch.recipes.terms import Arg, Listed, Method, Slot, Text, X, call, keyword


def _roll(node: Node) -> Recipe:
    layer: Any = node.layer
    axes, shifts = zip(*layer.amounts(node.shapes[0]), strict=True)
    dims = tuple(axis + 1 for axis in axes)
    moved = call("torch.roll", X, Arg(Slot(shifts, "shifts"), "shifts"), Arg(Slot(dims, "dims"), "dims"))
    return expression(moved)


def _unfold(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    equal = symmetric_padding(pads)
    entering = X if equal is not None else pad_term(X, pads)
    laid = call(
        "F.unfold",
        entering,
        keyword("kernel_size", layer.kernel_size),
        keyword("dilation", layer.dilation, 1),
        keyword("padding", 0 if equal is None else equal, 0),
        keyword("stride", layer.stride, 1),
    )
    sizes = tuple(Slot(size, "size") for size in node.output[1:])
    # A function, not the method of the result: code too long for a line is then split as any call is.
    return expression(call("torch.unflatten", laid, Arg(Text("2")), Arg(Listed(sizes, "()"))))


def _fold(node: Node) -> Recipe:
    layer: Any = node.layer
    equal = symmetric_padding(layer.padding)
    sizes = layer.output_size
    if equal is None:  # PyTorch removes as many rows from both sides: fold all of them, then cut
        sizes = tuple(size + low + high for size, (low, high) in zip(sizes, layer.padding, strict=True))
    folded = call(
        "F.fold",
        Method(X, "flatten", (Arg(Text("2")),)),
        keyword("output_size", list(sizes)),
        keyword("kernel_size", layer.kernel_size),
        keyword("dilation", layer.dilation, 1),
        keyword("padding", 0 if equal is None else equal, 0),
        keyword("stride", layer.stride, 1),
    )
    if equal is not None:
        return expression(folded)
    return expression(pad_term(folded, tuple((-low, -high) for low, high in layer.padding)))


def _blurpool(node: Node) -> Recipe:
    layer: Any = node.layer
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    module = call(
        "BlurPool",
        Arg(Slot(channels(node), "channels"), "channels"),
        keyword("kernel_size", list(layer.kernel_size)),
        keyword("stride", layer.stride),
        keyword("padding", flat(padding(node))),
        keyword("padding_mode", mode, "reflect"),
    )
    return Recipe(module)


MOVING: dict[str, Writer] = {"roll": _roll, "unfold": _unfold, "fold": _fold, "blurpool": _blurpool}
