"""`padding-exceeds-kernel`: padding so wide that it contains whole windows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from cnncalc.checks.axes import axes_text, is_numeric
from cnncalc.checks.finding import Fix
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.graph import Node
from cnncalc.layers.window import Window


class PaddingExceedsKernel(Rule):
    """P ≥ D·(F − 1) + 1: the first or the last window contains no pixel."""

    name: ClassVar[str] = "padding-exceeds-kernel"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = "Padding is at least as wide as the kernel, so that whole windows lie in the padding."
    why: ClassVar[str] = (
        "A window that contains no pixel yields the same constant for every image: the map gets a constant border, "
        "and every later layer pays for it. The usual case is a 1×1 convolution that kept the padding of a 3×3."
    )
    example: ClassVar[str] = """\
input: 512x14x14
layers:
  - conv: {out_channels: 1000, kernel_size: 1, padding: 1}
"""
    fixed: ClassVar[str] = """\
input: 512x14x14
layers:
  - conv: {out_channels: 1000, kernel_size: 1}
"""
    source: ClassVar[str] = "The arithmetic of the window: with P ≥ D·(F − 1) + 1 the first window ends before pixel 0."

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the layers with a window of only zeros; padding that repeats the input is not constant."""
        for node, windows in subject.sliding.values():
            if getattr(node.layer, "padding_mode", "zeros") == "zeros" and any(map(_is_outside, windows)):
                yield Case(node, _message(windows), ("padding",), partial(_fix, node))


def _is_outside(window: Window) -> bool:
    """Whether the first window certainly ends before the map, or the last begins after it."""
    if not is_numeric(window):
        return isinstance(window.low, int) and isinstance(window.extent, int) and window.low >= window.extent
    return bool(window.low >= window.extent or window.high - window.extent >= window.leftover)


def _message(windows: tuple[Window, ...]) -> str:
    extent = axes_text([window.extent for window in windows])
    padding = axes_text(
        [window.low if window.low == window.high else f"[{window.low}, {window.high}]" for window in windows]
    )
    return f"padding {padding} contains whole windows of {extent}: they read no pixel and yield a constant border"


def _fix(node: Node) -> Fix | None:
    kernel = getattr(node.layer, "kernel_size", ())
    return Fix("remove padding: a 1×1 kernel keeps the size without it") if set(kernel) == {1} else None
