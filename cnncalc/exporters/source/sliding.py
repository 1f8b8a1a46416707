"""The code of layers that slide, and of pooling to a size. Padding that PyTorch's modules lack is put on by `F.pad`."""

from __future__ import annotations

from typing import Any

from cnncalc.exporters.source.recipe import OWN, Recipe, Writer, channels, expression, fields, function, rank
from cnncalc.exporters.source.terms import Arg, Call, Slot, Term, Text, X, call, each, given, named, plain
from cnncalc.graph import Node

Pairs = tuple[tuple[Any, Any], ...]


def padding(node: Node) -> Pairs:
    """Low and high padding of every axis, with `same` worked out."""
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


def _conv(node: Node) -> Recipe:
    layer: Any = node.layer
    if layer.connections is not None:
        return _connected(node)
    pads = padding(node)
    equal = own(pads)
    module = call(
        f"nn.Conv{rank(node)}d",
        given(channels(node), "in_channels"),
        given(layer.out_channels, "out_channels"),
        given(layer.kernel_size, "kernel_size"),
        named("stride", layer.stride, 1),
        named("padding", 0 if equal is None else equal, 0),
        *fields(node, dilation=1, groups=1, bias=True),
        named("padding_mode", layer.padding_mode if equal is not None else "zeros", "zeros"),
    )
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    return Recipe(module, OWN if equal is not None else call(OWN.function, padded(X, pads, mode)))


def _connected(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    module = call(
        "ConnectedConv",
        Arg(Slot([list(row) for row in layer.connections], "connections"), "connections"),
        named("kernel_size", _per_axis(layer.kernel_size)),
        named("stride", layer.stride, 1),
        *fields(node, dilation=1, bias=True),
    )
    return Recipe(module, call(OWN.function, padded(X, pads, mode)) if any(flat(pads)) else OWN)


def _per_axis(value: tuple[Any, ...]) -> Any:  # noqa: ANN401
    """All numbers, where a module of ours needs to know how many axes there are."""
    return list(value)


def _conv_transpose(node: Node) -> Recipe:
    layer: Any = node.layer
    equal = own(layer.padding)
    module = call(
        f"nn.ConvTranspose{rank(node)}d",
        given(channels(node), "in_channels"),
        given(layer.out_channels, "out_channels"),
        given(layer.kernel_size, "kernel_size"),
        named("stride", layer.stride, 1),
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
        named("output_size", _per_axis(node.output[1:])),
        named("kernel_size", _per_axis(layer.kernel_size)),
        named("stride", layer.stride, 1),
        *fields(node, dilation=1, bias=True),
    )
    return Recipe(module, call(OWN.function, padded(X, pads)) if any(flat(pads)) else OWN)


def _maxpool(node: Node) -> Recipe:
    layer: Any = node.layer
    pads, equal = padding(node), own(padding(node))
    size = [given(layer.kernel_size, "kernel_size"), *_stride(node)]
    rest = fields(node, dilation=1, ceil_mode=False)
    if equal is not None and _short(node, pads):
        arguments = (*size, named("padding", equal, 0), *rest)
        return function(f"F.max_pool{rank(node)}d", f"nn.MaxPool{rank(node)}d", *arguments)
    if layer.ceil_mode:
        return expression(_irregular("max", node, pads, named("dilation", layer.dilation, 1)))
    return expression(call(f"F.max_pool{rank(node)}d", padded(X, pads, value='float("-inf")'), *size, *rest))


def _avgpool(node: Node) -> Recipe:
    layer: Any = node.layer
    pads, equal = padding(node), own(padding(node))
    size = [given(layer.kernel_size, "kernel_size"), *_stride(node)]
    divisor = () if rank(node) == 1 else fields(node, divisor_override=None)
    if equal is not None and _short(node, pads) and not _larger_than_volume(node):
        arguments = (
            *size,
            named("padding", equal, 0),
            *fields(node, ceil_mode=False, count_include_pad=True),
            *divisor,
        )
        return function(f"F.avg_pool{rank(node)}d", f"nn.AvgPool{rank(node)}d", *arguments)
    if layer.ceil_mode or not layer.count_include_pad:
        return expression(_irregular("avg", node, pads, *fields(node, count_include_pad=True), *divisor))
    return expression(call(f"F.avg_pool{rank(node)}d", padded(X, pads), *size, *divisor))


def _irregular(which: str, node: Node, pads: Pairs, *more: Arg) -> Call:
    """A function that is written out: PyTorch's pooling knows no such padding."""
    layer: Any = node.layer
    stride = layer.kernel_size if layer.stride is None else layer.stride
    return call(
        f"padded_{which}_pool",
        X,
        given(layer.kernel_size, "kernel_size") if rank(node) == 1 else Arg(each(layer.kernel_size, "kernel_size")),
        named("stride", _per_axis(stride)),
        Arg(each(flat(pads), "padding"), "padding"),
        *fields(node, ceil_mode=False),
        *more,
    )


def _stride(node: Node) -> tuple[Arg, ...]:
    """The stride, but where it is the kernel's size."""
    layer: Any = node.layer
    return () if layer.stride in (None, layer.kernel_size) else (named("stride", layer.stride),)


def _short(node: Node, pads: Pairs) -> bool:
    """Whether PyTorch's pooling takes this padding: at most half of the kernel, in which dilation does not count."""
    layer: Any = node.layer
    return all(low <= f // 2 for (low, _), f in zip(pads, layer.kernel_size, strict=True))


def _larger_than_volume(node: Node) -> bool:
    """Whether PyTorch's mean over three axes would refuse the kernel, for it does not count its own padding."""
    layer: Any = node.layer
    return rank(node) == 3 and any(f > n for n, f in zip(node.shapes[0][1:], layer.kernel_size, strict=True))


def _lppool(node: Node) -> Recipe:
    layer: Any = node.layer
    arguments = (given(layer.norm_type, "norm_type"), given(layer.kernel_size, "kernel_size"), *_stride(node))
    name = f"{rank(node)}d"
    return function(f"F.lp_pool{name}", f"nn.LPPool{name}", *arguments, *fields(node, ceil_mode=False))


def _subsample(node: Node) -> Recipe:
    layer: Any = node.layer
    stride = None if layer.stride in (None, layer.kernel_size) else _per_axis(layer.stride)
    return Recipe(
        call(
            "Subsample",
            given(channels(node), "channels"),
            named("kernel_size", _per_axis(layer.kernel_size)),
            Arg(Slot(stride, "stride"), "stride", None),
        )
    )


def _adaptive(which: str) -> Writer:
    def write(node: Node) -> Recipe:
        size = given(getattr(node.layer, "output_size", 1), "output_size")
        name = f"{rank(node)}d"
        return function(f"F.adaptive_{which.lower()}_pool{name}", f"nn.Adaptive{which}Pool{name}", size)

    return write


SLIDING: dict[str, Writer] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "locally_connected": _locally_connected,
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "lppool": _lppool,
    "subsample": _subsample,
    "adaptive_avgpool": _adaptive("Avg"),
    "adaptive_maxpool": _adaptive("Max"),
    "global_avgpool": _adaptive("Avg"),
    "global_maxpool": _adaptive("Max"),
}
