"""Recipes of layers that read a map at computed positions, and of the choice among boxes."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.convolution import flat, pad_term, padding
from cnncalc.pytorch.recipes.recipe import OWN, Recipe, Writer, expression, fields, reads
from cnncalc.pytorch.recipes.terms import Arg, Method, Own, Read, Slot, Text, X, call, keyword, positional


def _grid_sample(node: Node) -> Recipe:
    last = Method(Read(1), "movedim", (Arg(Text("1")), Arg(Text("-1"))))
    how = fields(node, mode="bilinear", padding_mode="zeros")
    aligned = Arg(Slot(getattr(node.layer, "align_corners"), "align_corners"), "align_corners")  # noqa: B009
    return expression(call("F.grid_sample", X, last, *how, aligned))


def _pair(name: str, values: tuple[Any, ...], *default: Any) -> Arg:  # noqa: ANN401
    """Return two numbers as a keyword argument, equal ones too."""
    return Arg(Slot(values, name), name, *default)


def _deform_conv(node: Node) -> Recipe:
    """Padding that differs between the sides of an axis is added before: zeros are read there in either case."""
    layer: Any = node.layer
    pads = padding(node)
    equal = all(low == high for low, high in pads)
    module = call(
        "DeformConv",
        positional(node.shapes[0][0], "in_channels"),
        positional(layer.out_channels, "out_channels"),
        _pair("kernel_size", layer.kernel_size),
        _pair("stride", layer.stride, (1, 1)),
        _pair("padding", tuple(low for low, _ in pads) if equal else (0, 0), (0, 0)),
        _pair("dilation", layer.dilation, (1, 1)),
        *fields(node, groups=1, offset_groups=1, bias=True),
    )
    if equal or not any(flat(pads)):
        return Recipe(module, call(Own(), *reads(node)))
    return Recipe(module, call(OWN.function, pad_term(X, pads), *reads(node)[1:]))


def _roi_align(node: Node) -> Recipe:
    layer: Any = node.layer
    module = call(
        "RoiAlign",
        _pair("output_size", layer.output_size),
        *fields(node, spatial_scale=1, sampling_ratio=2, aligned=False),
    )
    return Recipe(module, call(Own(), *reads(node)))


def _nms(node: Node) -> Recipe:
    layer: Any = node.layer
    module = call("Nms", positional(layer.boxes, "boxes"), keyword("iou_threshold", float(layer.iou_threshold), 0.5))
    return Recipe(module, call(Own(), *reads(node)))


SAMPLING: dict[str, Writer] = {
    "grid_sample": _grid_sample,
    "deform_conv": _deform_conv,
    "roi_align": _roi_align,
    "nms": _nms,
}
