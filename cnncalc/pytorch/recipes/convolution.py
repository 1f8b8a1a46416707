"""Convolutions. Padding that PyTorch's modules lack is put on by `F.pad`."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import OWN, Recipe, Writer, channels, fields, rank
from cnncalc.pytorch.recipes.terms import Arg, Call, Slot, Term, Text, X, call, each, given, named, plain

Pairs = tuple[tuple[Any, Any], ...]


def padding(node: Node) -> Pairs:
    """Low and high padding of every axis, with `same` worked out by the layer."""
    return tuple((window.low, window.high) for window in node.layer.windows(node.shapes))


def own(pads: Pairs) -> Any:  # noqa: ANN401
    """The padding as PyTorch's modules take it; None where the sides differ."""
    return plain(tuple(low for low, _ in pads)) if all(low == high for low, high in pads) else None


def flat(pads: Pairs) -> list[Any]:
    """In the order of `F.pad`: the last axis first."""
    return [side for pair in reversed(pads) for side in pair]


def padded(term: Term, pads: Pairs, mode: str = "constant", value: str = "") -> Call:
    """`F.pad` of a term."""
    extra = (Arg(Text(value), "value"),) if value else ()
    return call("F.pad", term, each(flat(pads), "padding"), named("mode", mode, "constant"), *extra)


def _before(pads: Pairs, padding_mode: str = "zeros") -> Term:
    """The module's own call, with padding put on first."""
    return call(OWN.function, padded(X, pads, "constant" if padding_mode == "zeros" else padding_mode))


def _sizes(node: Node) -> tuple[Arg, ...]:
    layer: Any = node.layer
    return (
        given(channels(node), "in_channels"),
        given(layer.out_channels, "out_channels"),
        given(layer.kernel_size, "kernel_size"),
        named("stride", layer.stride, 1),
    )


def _conv(node: Node) -> Recipe:
    layer: Any = node.layer
    if layer.connections is not None:
        return _connected(node)
    pads = padding(node)
    equal = own(pads)
    module = call(
        f"nn.Conv{rank(node)}d",
        *_sizes(node),
        named("padding", 0 if equal is None else equal, 0),
        *fields(node, dilation=1, groups=1, bias=True),
        named("padding_mode", layer.padding_mode if equal is not None else "zeros", "zeros"),
    )
    return Recipe(module, OWN if equal is not None else _before(pads, layer.padding_mode))


def _connected(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    module = call(
        "ConnectedConv",
        Arg(Slot([list(row) for row in layer.connections], "connections"), "connections"),
        named("kernel_size", list(layer.kernel_size)),
        named("stride", layer.stride, 1),
        *fields(node, dilation=1, bias=True),
    )
    return Recipe(module, _before(pads, layer.padding_mode) if any(flat(pads)) else OWN)


def _conv_transpose(node: Node) -> Recipe:
    layer: Any = node.layer
    equal = own(layer.padding)
    module = call(
        f"nn.ConvTranspose{rank(node)}d",
        *_sizes(node),
        named("padding", 0 if equal is None else equal, 0),
        *fields(node, output_padding=0, groups=1, bias=True, dilation=1),
    )
    if equal is not None:
        return Recipe(module)
    return Recipe(module, padded(OWN, tuple((-low, -high) for low, high in layer.padding)))


def _locally_connected(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    module = call(
        "LocallyConnected",
        given(channels(node), "in_channels"),
        given(layer.out_channels, "out_channels"),
        named("output_size", list(node.output[1:])),
        named("kernel_size", list(layer.kernel_size)),
        named("stride", layer.stride, 1),
        *fields(node, dilation=1, bias=True),
    )
    return Recipe(module, _before(pads) if any(flat(pads)) else OWN)


CONVOLUTION: dict[str, Writer] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "locally_connected": _locally_connected,
}
