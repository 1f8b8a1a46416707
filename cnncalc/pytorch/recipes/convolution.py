"""Recipes of convolutions. `F.pad` adds padding that PyTorch's modules do not support."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import OWN, Recipe, Writer, channels, fields, rank
from cnncalc.pytorch.recipes.terms import Arg, Call, Slot, Term, Text, X, call, each, keyword, plain, positional

Pairs = tuple[tuple[Any, Any], ...]


def padding(node: Node) -> Pairs:
    """Return the (low, high) padding of every axis; the layer resolves `same`."""
    return tuple((window.low, window.high) for window in node.layer.windows(node.shapes))


def symmetric_padding(pads: Pairs) -> Any:  # noqa: ANN401
    """Return the padding as PyTorch's modules take it; None if the two sides of an axis differ."""
    return plain(tuple(low for low, _ in pads)) if all(low == high for low, high in pads) else None


def flat(pads: Pairs) -> list[Any]:
    """Return the padding in the order of `F.pad`: the last axis first."""
    return [side for pair in reversed(pads) for side in pair]


def pad_term(term: Term, pads: Pairs, mode: str = "constant", value: str = "") -> Call:
    """Return a call of `F.pad` on a term."""
    extra = (Arg(Text(value), "value"),) if value else ()
    return call("F.pad", term, each(flat(pads), "padding"), keyword("mode", mode, "constant"), *extra)


def _pad_first(pads: Pairs, padding_mode: str = "zeros") -> Term:
    """Return the call of the layer's module on its padded input."""
    return call(OWN.function, pad_term(X, pads, "constant" if padding_mode == "zeros" else padding_mode))


def _sizes(node: Node) -> tuple[Arg, ...]:
    layer: Any = node.layer
    return (
        positional(channels(node), "in_channels"),
        positional(layer.out_channels, "out_channels"),
        positional(layer.kernel_size, "kernel_size"),
        keyword("stride", layer.stride, 1),
    )


def _conv(node: Node) -> Recipe:
    layer: Any = node.layer
    if layer.connections is not None:
        return _connected_conv(node)
    pads = padding(node)
    equal = symmetric_padding(pads)
    module = call(
        f"nn.Conv{rank(node)}d",
        *_sizes(node),
        keyword("padding", 0 if equal is None else equal, 0),
        *fields(node, dilation=1, groups=1, bias=True),
        keyword("padding_mode", layer.padding_mode if equal is not None else "zeros", "zeros"),
    )
    return Recipe(module, OWN if equal is not None else _pad_first(pads, layer.padding_mode))


def _std_conv(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    equal = symmetric_padding(pads)
    module = call(
        "StdConv",
        *_sizes(node)[:2],
        keyword("kernel_size", list(layer.kernel_size)),
        *_sizes(node)[3:],
        keyword("padding", 0 if equal is None else equal, 0),
        *fields(node, dilation=1, groups=1, bias=True, gain=False, gamma=1, eps=1e-6),
    )
    return Recipe(module, OWN if equal is not None else _pad_first(pads))


def _connected_conv(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    module = call(
        "ConnectedConv",
        Arg(Slot([list(row) for row in layer.connections], "connections"), "connections"),
        keyword("kernel_size", list(layer.kernel_size)),
        keyword("stride", layer.stride, 1),
        *fields(node, dilation=1, bias=True),
    )
    return Recipe(module, _pad_first(pads, layer.padding_mode) if any(flat(pads)) else OWN)


def _conv_transpose(node: Node) -> Recipe:
    layer: Any = node.layer
    equal = symmetric_padding(layer.padding)
    module = call(
        f"nn.ConvTranspose{rank(node)}d",
        *_sizes(node),
        keyword("padding", 0 if equal is None else equal, 0),
        *fields(node, output_padding=0, groups=1, bias=True, dilation=1),
    )
    if equal is not None:
        return Recipe(module)
    return Recipe(module, pad_term(OWN, tuple((-low, -high) for low, high in layer.padding)))


def _locally_connected(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    module = call(
        "LocallyConnected",
        positional(channels(node), "in_channels"),
        positional(layer.out_channels, "out_channels"),
        keyword("output_size", list(node.output[1:])),
        keyword("kernel_size", list(layer.kernel_size)),
        keyword("stride", layer.stride, 1),
        *fields(node, dilation=1, bias=True),
    )
    return Recipe(module, _pad_first(pads) if any(flat(pads)) else OWN)


CONVOLUTION: dict[str, Writer] = {
    "conv": _conv,
    "std_conv": _std_conv,
    "conv_transpose": _conv_transpose,
    "locally_connected": _locally_connected,
}
