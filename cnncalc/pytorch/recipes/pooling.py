"""Pooling, by windows and to a size. Padding that PyTorch's pooling does not take is put on by `F.pad`."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.layers.sliding import has_own_padding
from cnncalc.pytorch.recipes.convolution import Pairs, flat, own, padded, padding
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, channels, expression, fields, function, rank
from cnncalc.pytorch.recipes.terms import Arg, Call, Slot, X, call, each, given, named


def _maxpool(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    size = [given(layer.kernel_size, "kernel_size"), *_stride(node)]
    rest = fields(node, dilation=1, ceil_mode=False)
    if _takes_padding(node):
        arguments = (*size, named("padding", own(pads), 0), *rest)
        return function(f"F.max_pool{rank(node)}d", f"nn.MaxPool{rank(node)}d", *arguments)
    if layer.ceil_mode:
        return expression(_irregular("max", node, pads, named("dilation", layer.dilation, 1)))
    return expression(call(f"F.max_pool{rank(node)}d", padded(X, pads, value='float("-inf")'), *size, *rest))


def _avgpool(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    size = [given(layer.kernel_size, "kernel_size"), *_stride(node)]
    divisor = () if rank(node) == 1 else fields(node, divisor_override=None)
    if _takes_padding(node) and not _larger_than_volume(node):
        counted = fields(node, ceil_mode=False, count_include_pad=True)
        arguments = (*size, named("padding", own(pads), 0), *counted, *divisor)
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
        named("stride", list(stride)),
        Arg(each(flat(pads), "padding"), "padding"),
        *fields(node, ceil_mode=False),
        *more,
    )


def _stride(node: Node) -> tuple[Arg, ...]:
    """The stride, but where it is the kernel's size."""
    layer: Any = node.layer
    return () if layer.stride in (None, layer.kernel_size) else (named("stride", layer.stride),)


def _takes_padding(node: Node) -> bool:
    """Whether PyTorch's pooling takes its padding."""
    return has_own_padding(node.layer.windows(node.shapes))


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
    stride = None if layer.stride in (None, layer.kernel_size) else list(layer.stride)
    return Recipe(
        call(
            "Subsample",
            given(channels(node), "channels"),
            named("kernel_size", list(layer.kernel_size)),
            Arg(Slot(stride, "stride"), "stride", None),
        )
    )


def _adaptive(which: str) -> Writer:
    def write(node: Node) -> Recipe:
        size = given(getattr(node.layer, "output_size", 1), "output_size")
        name = f"{rank(node)}d"
        return function(f"F.adaptive_{which.lower()}_pool{name}", f"nn.Adaptive{which}Pool{name}", size)

    return write


POOLING: dict[str, Writer] = {
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "lppool": _lppool,
    "subsample": _subsample,
    "adaptive_avgpool": _adaptive("Avg"),
    "adaptive_maxpool": _adaptive("Max"),
    "global_avgpool": _adaptive("Avg"),
    "global_maxpool": _adaptive("Max"),
}
