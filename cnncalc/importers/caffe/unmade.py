"""What leaves layers that no layer here expresses: no shape is guessed, as all that follows is counted by it."""

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

Leaves: TypeAlias = "Callable[[Layer, Tracing], Shape]"
ALIKE = 0.85  # of letters, at which a type is taken for a known one misspelt: BN, of forks, is no LRN
OFFICIAL = (
    "ArgMax", "BatchReindex", "Embed", "Filter", "HDF5Output", "Im2col", "LSTM", "Parameter", "RNN", "Reduction", "SPP",
    "Tile",
)  # fmt: skip
"""Caffe's own that have no shape here either."""


def like(index: int) -> Leaves:
    """The shape of a bottom."""
    return lambda layer, trace: trace.shape(layer, index)


def interp(layer: Layer, trace: Tracing) -> Shape:
    """Interp (DeepLab, PSPNet): rows cut off, then taken by every so many, put between, or to a size."""
    told = layer.parameters("interp")
    channels, *sizes = trace.shape(layer)
    cut = [int(told.word(name, "0")) for name in ("pad_beg", "pad_end")]
    shrink, zoom = (told.whole(f"{name}_factor", 1, least=1)[-1] for name in ("shrink", "zoom"))
    wanted = [told.whole(name, 0)[-1] for name in ("height", "width")]
    made: list[Size] = []
    for size, fixed in zip(sizes, wanted, strict=True):
        small = (size + sum(cut) - 1) // shrink + 1
        made.append(fixed or small + (small - 1) * (zoom - 1))
    return channels, *made


def upsample(layer: Layer, trace: Tracing) -> Shape:
    """Upsample (SegNet): to a size, or by a factor, perhaps one row less."""
    told = layer.parameters("upsample")
    channels, *sizes = trace.shape(layer)
    scale = told.whole("scale", 2, least=1)[-1]
    made: list[Size] = []
    for size, side in zip(sizes, "hw", strict=True):
        fixed = told.whole(f"upsample_{side}", 0)[-1]
        made.append(fixed or size * scale - told.flag(f"pad_out_{side}", False))
    return channels, *made


def prior_box(layer: Layer, trace: Tracing) -> Shape:
    """PriorBox (SSD): for every pixel a box for each least size and ratio, and for each largest size."""
    told = layer.parameters("prior_box")
    _, height, width = trace.shape(layer)
    ratios = {Fraction(1), *map(Fraction, told.words("aspect_ratio"))}
    if told.flag("flip", True):
        ratios |= {1 / ratio for ratio in ratios}
    boxes = len(told.words("min_size")) * len(ratios) + len(told.words("max_size"))
    return 2, height * width * boxes * 4


def roi_pooling(layer: Layer, trace: Tracing) -> Shape:
    """ROIPooling (Fast R-CNN): every region of a map at one size; here one region, of which there are many."""
    told = layer.parameters("roi_pooling")
    return trace.shape(layer)[0], *(told.whole(f"pooled_{side}", 0, least=1)[-1] for side in "hw")


LEAVES: Mapping[str, Leaves] = {
    **dict.fromkeys(("Exp", "Log", "Threshold", "Clip"), like(0)),
    "Axpy": like(1),
    "Interp": interp,
    "Upsample": upsample,
    "PriorBox": prior_box,
    "ROIPooling": roi_pooling,
}
"""Of layers without weights."""


def misspelt(layer: Layer, known: Iterable[str]) -> None:
    """Refuse a type that is almost a known one; a longer one is taken for a fork's own: Convolution3D.

    Raises:
        SpecError: it is.
    """
    near = nearest(layer.kind, (*known, *LEAVES, *OFFICIAL), ALIKE) or layer.kind
    longer = near.lower() in layer.kind.lower() and len(near) < len(layer.kind)
    if near != layer.kind and not longer:
        raise SpecError([Fault(f"{layer.name}: unknown layer type '{layer.kind}'", layer.span, ask(near))])


def completed(layer: Layer, trace: Tracing, refused: UnsupportedError, read: bool) -> UnsupportedError:
    """The reason with the shape that leaves; an end of the network may have any, as nothing is counted by it.

    Raises:
        SpecError: what leaves is not known, and others read it.
    """
    if refused.leaves is not None:
        return refused
    if layer.kind in LEAVES:
        with suppress(ValueError):  # a map of other axes than it is for, a word where a number should be
            return UnsupportedError(str(refused), LEAVES[layer.kind](layer, trace), 0)
    if read:
        said = f"{layer.name} ({layer.kind}): {refused}, and its output shape is not known"
        raise SpecError([Fault(said, layer.span, "remove it and what follows, or write it as layers")])
    said = f"{refused}; its output shape is not known and is assumed to equal its input shape"
    return UnsupportedError(said, trace.shape(layer))
