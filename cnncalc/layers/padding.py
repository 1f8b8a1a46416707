"""Padding: its modes, its limits, and the `same` rule."""

from __future__ import annotations

from functools import partial

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Pair
from cnncalc.layers.layer import Require, Shape
from cnncalc.layers.window import ceiling
from cnncalc.symbolic import Size, maximum

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
PADS_CHANNELS_LAST = {"constant": (2, 3), "zeros": (2, 3), "reflect": (2, 3), "replicate": (2, 3), "circular": ()}
"""Mode → the numbers of spatial axes over which PyTorch's `F.pad` keeps a map channels last."""


def same_padding(size: Size, kernel: Size, stride: Size, dilation: Size) -> Pair:
    """Low and high padding of `same`, TensorFlow's rule: out = ⌈N/S⌉, the odd row goes to the high side."""
    total = maximum((ceiling(size, stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def require_reach(kind: str, sizes: Shape, pads: tuple[Pair, ...], mode: str, require: Require) -> None:
    """Padding that repeats the input cannot be longer than it; `reflect` also excludes the border row."""
    if mode not in ("reflect", "circular"):
        return
    for size, pair in zip(sizes, pads, strict=True):
        for pad in pair:
            require(pad < size if mode == "reflect" else pad <= size, partial(_too_far, kind, size, pad, mode))


def _too_far(kind: str, size: Size, pad: Size, mode: str) -> LayerError:
    bound = "smaller than" if mode == "reflect" else "at most"
    return LayerError(f"{kind}: padding (={pad}) must be {bound} the input (={size}) in mode {mode}", field="padding")
