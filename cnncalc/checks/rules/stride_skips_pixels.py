"""`stride-skips-pixels`: a stride that skips pixels that no other layer reads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import lcm, prod
from typing import ClassVar

from cnncalc.checks.axes import as_int
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.checks.wiring import Wiring
from cnncalc.graph import Node
from cnncalc.layers.window import Window

MOST_CELLS = 4096


class StrideSkipsPixels(Rule):
    """The taps D·t of all layers that read a tensor miss some residues modulo S."""

    name: ClassVar[str] = "stride-skips-pixels"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = "The windows step over pixels throughout the map, and no other layer reads them."
    why: ClassVar[str] = (
        "Where the taps D·t of a window miss a residue modulo the stride S, the pixels there are computed and thrown "
        "away: a 1×1 convolution with stride 2 sees one pixel in four. Where another path reads them all (the "
        "shortcut of a residual block), nothing is lost and nothing is reported; where the first 1×1 of the body has "
        "the stride as well, three quarters of the map are lost."
    )
    example: ClassVar[str] = """\
input: 64x56x56
layers:
  - conv: {out_channels: 128, kernel_size: 1, stride: 2}
"""
    fixed: ClassVar[str] = """\
input: 64x56x56
layers:
  - conv: {out_channels: 128, kernel_size: 3, stride: 2, padding: 1}
"""
    source: ClassVar[str] = (
        "He, Zhang, Zhang, Zhang, Xie, Li: Bag of Tricks for Image Classification with Convolutional Neural Networks, "
        "arXiv:1812.01187, section 4 (model tweaks)."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield, for each tensor, the first of the sliding layers that together skip pixels of it."""
        wiring = subject.wiring
        for pixels, readers in _readers_of(subject).items():
            windows = [subject.sliding[reader.name][1] for reader in readers]
            strides = [window.stride for each in windows for window in each]
            if not strides or all(stride == 1 for stride in strides):
                continue
            skipped = count_skipped(windows)
            if skipped:
                missed, cells = skipped
                source = "the input" if pixels in wiring.graph.inputs else pixels
                message = f"neither this nor any other layer reads {missed} of every {cells} pixels of {source}"
                yield Case(readers[0], message, ("stride",))


def count_skipped(windows: list[tuple[Window, ...]]) -> tuple[int, int] | None:
    """The number of pixels that no tap reads, and of all pixels, in one period of all strides; None if all are read.

    Also None if a reader has no windows, and so reads everything, or if a size is unknown.
    """
    if not windows or not all(each and all(map(_is_known, each)) for each in windows):
        return None
    axes = list(zip(*windows, strict=True))
    turns = [lcm(*(as_int(window.stride) for window in axis)) for axis in axes]
    if prod(turns) > MOST_CELLS:
        return None
    read = {cell for each in windows for cell in product(*map(_residues_read, each, turns))}
    sizes = [axis[0].size for axis in axes]
    existing = product(
        *(range(min(turn, n) if isinstance(n, int) else turn) for turn, n in zip(turns, sizes, strict=True))
    )
    missed = sum(cell not in read for cell in existing)
    return (prod(turns) - len(read), prod(turns)) if missed else None


def _is_known(window: Window) -> bool:
    """Whether all sizes except the map's are known; the position of the windows does not depend on that."""
    return all(isinstance(each, int) for each in (window.kernel, window.stride, window.low, window.dilation))


def _residues_read(window: Window, turn: int) -> set[int]:
    """The residues modulo `turn`, a multiple of the stride, at which this window has a tap."""
    kernel, stride, low, dilation = map(as_int, (window.kernel, window.stride, window.low, window.dilation))
    taps = {(dilation * tap - low) % stride for tap in range(min(kernel, stride))}  # further taps repeat these residues
    return {cell for cell in range(turn) if cell % stride in taps}


def _readers_of(subject: Subject) -> dict[str, list[Node]]:
    """Tensor → the sliding layers that read it, through elementwise layers; tensors read in full are left out."""
    wiring = subject.wiring
    readers: dict[str, list[Node]] = {}
    read_whole: set[str] = {wiring.pixel_source(name) for name in wiring.outputs}
    for node in wiring.graph.nodes:
        if node.layer.elementwise:
            continue
        for name in node.inputs:
            pixels = wiring.pixel_source(name)
            if node.name in subject.sliding:
                readers.setdefault(pixels, []).append(node)
            else:
                read_whole.add(pixels)
    return {
        name: nodes
        for name, nodes in readers.items()
        if name not in read_whole and not _is_part_of_shared(wiring, name)
    }


def _is_part_of_shared(wiring: Wiring, tensor: str) -> bool:
    """Whether a tensor is a part of another with more readers, which may read the skipped pixels."""
    node = wiring.producers.get(tensor)
    while node is not None and node.layer.cuts:
        if len(wiring.consumers[node.inputs[0]]) > 1:
            return True
        node = wiring.producers.get(node.inputs[0])
    return False
