"""Computes output shapes of layers that no layer here expresses; never guesses, since later counts depend on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import TypeAlias

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.caffe.network import Layer
from cnncalc.importers.caffe.tracing import Shape, Tracing, UnsupportedError
from cnncalc.suggest import ask, nearest
from cnncalc.symbolic import Size

ShapeRule: TypeAlias = "Callable[[Layer, Tracing], Shape]"
ALIKE = 0.85  # similarity from which a type counts as a known one misspelt: BN, of forks, is not LRN
OFFICIAL = (
    "ArgMax", "BatchReindex", "Embed", "Filter", "HDF5Output", "Im2col", "LSTM", "Parameter", "RNN", "Reduction", "SPP",
    "Tile",
)  # fmt: skip
"""Caffe's own types without a shape rule here."""


def like(index: int) -> ShapeRule:
    """Return a rule whose output has the shape of a bottom."""
    return lambda layer, trace: trace.shape(layer, index)


def interp(layer: Layer, trace: Tracing) -> Shape:
    """Interp (DeepLab, PSPNet): rows are padded or cut, then shrunk and zoomed, or resized to a fixed size."""
    params = layer.parameters("interp")
    channels, *sizes = trace.shape(layer)
    cut = [params.integer(name, 0) for name in ("pad_beg", "pad_end")]
    shrink, zoom = (params.whole(f"{name}_factor", 1, least=1)[-1] for name in ("shrink", "zoom"))
    wanted = [params.whole(name, 0)[-1] for name in ("height", "width")]
    made: list[Size] = []
    for size, fixed in zip(sizes, wanted, strict=True):
        small = (size + sum(cut) - 1) // shrink + 1
        made.append(fixed or small + (small - 1) * (zoom - 1))
    return channels, *made


def upsample(layer: Layer, trace: Tracing) -> Shape:
    """Upsample (SegNet): to a size, or by a factor, optionally one row fewer."""
    params = layer.parameters("upsample")
    channels, *sizes = trace.shape(layer)
    scale = params.whole("scale", 2, least=1)[-1]
    made: list[Size] = []
    for size, side in zip(sizes, "hw", strict=True):
        fixed = params.whole(f"upsample_{side}", 0)[-1]
        made.append(fixed or size * scale - params.flag(f"pad_out_{side}", False))
    return channels, *made


def prior_box(layer: Layer, trace: Tracing) -> Shape:
    """PriorBox (SSD): per pixel, a box for each minimum size and ratio, and for each maximum size."""
    params = layer.parameters("prior_box")
    _, height, width = trace.shape(layer)
    ratios = {Fraction(1), *params.numbers("aspect_ratio")}
    if min(ratios) <= 0:
        raise ValueError("aspect_ratio: expected numbers above 0")
    if params.flag("flip", True):
        ratios |= {1 / ratio for ratio in ratios}
    boxes = len(params.words("min_size")) * len(ratios) + len(params.words("max_size"))
    return 2, height * width * boxes * 4


def roi_pooling(layer: Layer, trace: Tracing) -> Shape:
    """ROIPooling (Fast R-CNN): each region resized to one size; the shape is that of a single region."""
    params = layer.parameters("roi_align" if layer.kind == "ROIAlign" else "roi_pooling")
    return trace.shape(layer)[0], *(params.whole(f"pooled_{side}", 0, least=1)[-1] for side in "hw")


def psroi_pooling(layer: Layer, trace: Tracing) -> Shape:
    """PSROIPooling (R-FCN): a map per output channel, of as many rows as there are groups; for a single region."""
    params = layer.parameters("psroi_pooling")
    rows = params.whole("group_size", 0, least=1)[-1]
    return params.whole("output_dim", 0, least=1)[-1], rows, rows


def reorg(layer: Layer, trace: Tracing) -> Shape:
    """Reorg (YOLOv2): stride × stride pixels as channels of one, or the reverse."""
    params = layer.parameters("reorg")
    stride = params.whole("stride", 0, least=1)[-1]
    if not stride:
        raise ValueError("stride: it is missing")
    channels, *sizes = trace.shape(layer)
    if params.flag("reverse", False):
        return channels // stride**2, *(size * stride for size in sizes)
    return channels * stride**2, *(size // stride for size in sizes)


def proposal(layer: Layer, trace: Tracing) -> Shape:
    """Proposal (Faster R-CNN): the number of the image and the corners, of a single region."""
    return (5,)


SHAPES: Mapping[str, ShapeRule] = {
    **dict.fromkeys(("Exp", "Log", "Threshold", "Clip"), like(0)),
    "Interp": interp,
    "Reorg": reorg,
    "Proposal": proposal,
    "PSROIPooling": psroi_pooling,
    "ROIAlign": roi_pooling,
    "Upsample": upsample,
    "PriorBox": prior_box,
    "ROIPooling": roi_pooling,
}
"""Rules for layers without weights."""


def refuse_misspelt(layer: Layer, known: Iterable[str]) -> None:
    """Refuse a type that is nearly a known one; a longer one counts as a fork's own: Convolution3D.

    Raises:
        SpecError: it is nearly a known one.
    """
    near = nearest(layer.kind, (*known, *SHAPES, *OFFICIAL), ALIKE) or layer.kind
    longer = near.lower() in layer.kind.lower() and len(near) < len(layer.kind)
    if near != layer.kind and not longer:
        raise SpecError([Fault(f"{layer.who}: unknown layer type '{layer.kind}'", layer.span, ask(near))])


def complete(layer: Layer, trace: Tracing, refused: UnsupportedError, read: bool) -> UnsupportedError:
    """Return the refusal with the output shape; an output of the network may have any, as no layer depends on it.

    Raises:
        SpecError: the output shape is unknown and another layer reads it.
    """
    if refused.output is not None:
        return refused
    if layer.kind in SHAPES:
        with suppress(ValueError):  # an input of another rank, or a word in place of a number
            return UnsupportedError(str(refused), SHAPES[layer.kind](layer, trace), 0)
    if read:
        message = f"{layer.who} ({layer.kind}): {refused}, and its output shape is not known"
        raise SpecError([Fault(message, layer.span, "remove it and what follows, or write it as layers")])
    message = f"{refused}; its output shape is not known and is assumed to equal its input shape"
    return UnsupportedError(message, trace.shape(layer))
