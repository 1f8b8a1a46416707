"""What convolution and pooling share: windows, padding, and errors about them."""

from __future__ import annotations

from functools import partial

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Pair
from cnncalc.layers.layer import Require, Shape, text
from cnncalc.layers.padding import same_padding
from cnncalc.layers.saved import INPUT, NONE, Saved, SavedTensor
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


def sliding(
    sizes: Shape,
    kernel: tuple[Size, ...],
    stride: tuple[Size, ...],
    padding: tuple[Pair, ...] | str,
    dilation: tuple[Size, ...],
    ceil_mode: bool = False,
) -> tuple[Window, ...]:
    """The windows of a layer, one per axis, with `same` padding computed for these sizes."""
    if isinstance(padding, str):
        padding = tuple(map(same_padding, sizes, kernel, stride, dilation))
    axes = zip(sizes, kernel, stride, padding, dilation, strict=True)
    return tuple([Window(n, f, s, low, high, d, ceil_mode) for n, f, s, (low, high), d in axes])


def outputs(kind: str, shape: Shape, windows: tuple[Window, ...], require: Require) -> Shape:
    """The output size of each window over a map of this shape; requires that every window fits at least once."""
    for window in windows:
        exists = window.exists
        if exists is not True:
            require(exists, partial(too_large, kind, shape, window))
    return tuple([window.out for window in windows])


def too_large(kind: str, shape: Shape, window: Window) -> LayerError:
    """The error for a kernel larger than its padded input; suggests channels first if the channels seem to be last."""
    reach = f"{window.kernel}" if window.dilation == 1 else f"{window.kernel} (reaching {window.extent})"
    padded = window.size + window.low + window.high
    size = f"{window.size}" if padded == window.size else f"{padded} ({window.size} + padding)"
    message = f"the kernel of {kind} is {reach}, larger than its input of {size}"
    last = shape[-1]
    likely = len(shape) == 3 and last in (1, 3, 4) and last not in shape[:2]
    hint = f"channels last? write {text((last, *shape[:2]))}" if likely else None
    return LayerError(message, field="kernel_size", hint=hint)


def pads(windows: tuple[Window, ...]) -> tuple[Pair, ...]:
    """The padding of each window, low and high."""
    return tuple((window.low, window.high) for window in windows)


def padded_copy(channels: Size, windows: tuple[Window, ...]) -> SavedTensor:
    """The copy of a map that padding creates."""
    return SavedTensor(channels * numel(tuple(w.low + w.size + w.high for w in windows)), "padded input")


def saved_padded_input(channels: Size, windows: tuple[Window, ...]) -> Saved:
    """The input that pooling saves: itself if PyTorch's own padding applies, else the padded copy."""
    return INPUT if has_own_padding(windows) else NONE.and_own(padded_copy(channels, windows))


def windows_before_crop(windows: tuple[Window, ...]) -> Size:
    """The number of windows that pooling computes; after an explicit pad, surplus ones are cropped later."""
    if not has_own_padding(windows):
        windows = tuple(w._replace(size=w.low + w.size + w.high, low=0, high=0) for w in windows)
    return numel(tuple(w.out for w in windows))


def has_own_padding(windows: tuple[Window, ...]) -> bool:
    """Whether PyTorch's pooling supports this padding: even, and at most half of the kernel."""
    for window in windows:
        same = window.low == window.high
        if not (same if isinstance(same, bool) else False):
            return False
        short = window.low <= window.kernel // 2
        if isinstance(short, bool) and not short:
            return False
    return True
