"""`kernel-on-one-pixel`: a kernel with only one tap that ever falls on its map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.checks.axes import axes_text, is_numeric, live_taps
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.layers.window import Window


class KernelOnOnePixel(Rule):
    """Over all windows, one tap reads pixels and the others read only padding."""

    name: ClassVar[str] = "kernel-on-one-pixel"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = (
        "A kernel larger than 1 slides over a map so small that only one of its taps ever meets a pixel."
    )
    why: ClassVar[str] = (
        "The weights at the other taps are only multiplied with padding, and are never trained: a 3×3 convolution on "
        "a 1×1 map is a 1×1 convolution with nine times the parameters. The network has one stride too many for this "
        "input; or, with dilation, the rate is larger than the map."
    )
    example: ClassVar[str] = """\
input: 256x1x1
layers:
  - conv: {out_channels: 256, kernel_size: 3, padding: 1}
"""
    fixed: ClassVar[str] = """\
input: 256x1x1
layers:
  - conv: {out_channels: 256, kernel_size: 1}
"""
    source: ClassVar[str] = (
        "Chen, Papandreou, Schroff, Adam: Rethinking Atrous Convolution for Semantic Image Segmentation, "
        "arXiv:1706.05587, section 3.3 (at a rate near the size of the map a 3×3 filter degenerates to 1×1)."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the sliding layers with a kernel larger than 1 along an axis where only one tap reads pixels."""
        for node, windows in subject.sliding.values():
            zeros = getattr(node.layer, "padding_mode", "zeros") == "zeros"  # padding that repeats pixels is read
            if zeros and any(map(_has_one_live_tap, windows)):
                yield Case(node, _message(windows), ("kernel_size",))


def _has_one_live_tap(window: Window) -> bool:
    if not is_numeric(window) or window.kernel == 1:
        return False
    padded = isinstance(window.low, int) and isinstance(window.high, int) and window.low + window.high > 0
    return padded and live_taps(window) == 1


def _message(windows: tuple[Window, ...]) -> str:
    kernel = axes_text([window.kernel for window in windows])
    alive = axes_text([live_taps(window) if is_numeric(window) else window.kernel for window in windows])
    sizes = axes_text([window.size for window in windows])
    return f"only {alive} of the {kernel} taps ever meet a pixel of the {sizes} map; the others read only padding"
