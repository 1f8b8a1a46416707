"""Recipes of window and adaptive pooling. `F.pad` adds padding that PyTorch's pooling does not support."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.layers.sliding import has_own_padding
from cnncalc.pytorch.recipes.convolution import Pairs, flat, pad_term, padding, symmetric_padding
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, channels, expression, fields, function, rank
from cnncalc.pytorch.recipes.terms import Arg, Call, Slot, X, call, each, keyword, positional


def _maxpool(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    size = [positional(layer.kernel_size, "kernel_size"), *_stride(node)]
    rest = fields(node, dilation=1, ceil_mode=False)
    if _takes_padding(node):
        arguments = (*size, keyword("padding", symmetric_padding(pads), 0), *rest)
        return function(f"F.max_pool{rank(node)}d", f"nn.MaxPool{rank(node)}d", *arguments)
    if layer.ceil_mode:
        return expression(_written_out_pool("max", node, pads, keyword("dilation", layer.dilation, 1)))
    return expression(call(f"F.max_pool{rank(node)}d", pad_term(X, pads, value='float("-inf")'), *size, *rest))


def _avgpool(node: Node) -> Recipe:
    layer: Any = node.layer
    pads = padding(node)
    size = [positional(layer.kernel_size, "kernel_size"), *_stride(node)]
    divisor = () if rank(node) == 1 else fields(node, divisor_override=None)
    if _takes_padding(node) and not _exceeds_volume(node):
        counted = fields(node, ceil_mode=False, count_include_pad=True)
        arguments = (*size, keyword("padding", symmetric_padding(pads), 0), *counted, *divisor)
        return function(f"F.avg_pool{rank(node)}d", f"nn.AvgPool{rank(node)}d", *arguments)
    if layer.ceil_mode or not layer.count_include_pad:
        return expression(_written_out_pool("avg", node, pads, *fields(node, count_include_pad=True), *divisor))
    return expression(call(f"F.avg_pool{rank(node)}d", pad_term(X, pads), *size, *divisor))


def _written_out_pool(which: str, node: Node, pads: Pairs, *more: Arg) -> Call:
    """Return a call of a function of `written_out`, for padding that PyTorch's pooling does not support."""
    layer: Any = node.layer
    stride = layer.kernel_size if layer.stride is None else layer.stride
    return call(
        f"padded_{which}_pool",
        X,
        positional(layer.kernel_size, "kernel_size")
        if rank(node) == 1
        else Arg(each(layer.kernel_size, "kernel_size")),
        keyword("stride", list(stride)),
        Arg(each(flat(pads), "padding"), "padding"),
        *fields(node, ceil_mode=False),
        *more,
    )


def _stride(node: Node) -> tuple[Arg, ...]:
    """Return the stride, omitted if it equals the kernel size."""
    layer: Any = node.layer
    return () if layer.stride in (None, layer.kernel_size) else (keyword("stride", layer.stride),)


def _takes_padding(node: Node) -> bool:
    """Return whether PyTorch's pooling supports the padding."""
    return has_own_padding(node.layer.windows(node.shapes))


def _exceeds_volume(node: Node) -> bool:
    """Return whether PyTorch's avg_pool3d would refuse the kernel: it compares it with the unpadded size."""
    layer: Any = node.layer
    return rank(node) == 3 and any(f > n for n, f in zip(node.shapes[0][1:], layer.kernel_size, strict=True))


def _lppool(node: Node) -> Recipe:
    layer: Any = node.layer
    arguments = (positional(layer.norm_type, "norm_type"), positional(layer.kernel_size, "kernel_size"), *_stride(node))
    name = f"{rank(node)}d"
    return function(f"F.lp_pool{name}", f"nn.LPPool{name}", *arguments, *fields(node, ceil_mode=False))


def _subsample(node: Node) -> Recipe:
    layer: Any = node.layer
    stride = None if layer.stride in (None, layer.kernel_size) else list(layer.stride)
    return Recipe(
        call(
            "Subsample",
            positional(channels(node), "channels"),
            keyword("kernel_size", list(layer.kernel_size)),
            Arg(Slot(stride, "stride"), "stride", None),
        )
    )


def _adaptive(which: str) -> Writer:
    def write(node: Node) -> Recipe:
        size = positional(getattr(node.layer, "output_size", 1), "output_size")
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
