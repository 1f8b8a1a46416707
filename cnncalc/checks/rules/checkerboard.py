"""`checkerboard`: a transposed convolution that writes some rows more often than others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import gcd
from typing import ClassVar

from cnncalc.checks.axes import as_int, axes_text
from cnncalc.checks.finding import Fix
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.layers.transposed import ConvTranspose
from cnncalc.symbolic import Size


class Checkerboard(Rule):
    """The taps D·t of a transposed kernel are unevenly distributed over the residues modulo the stride."""

    name: ClassVar[str] = "checkerboard"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = (
        "The kernel of a transposed convolution is not divisible by its stride, or its dilation shares a factor with "
        "the stride."
    )
    why: ClassVar[str] = (
        "Neighbouring outputs are then sums of different numbers of inputs, in a pattern that repeats with the "
        "stride; in two dimensions the patterns multiply into a checkerboard, which training must compensate for and "
        "rarely does. A kernel smaller than the stride leaves positions that nothing writes to. So does a dilation "
        "that shares a factor with the stride, because the taps then fall only on multiples of that factor."
    )
    example: ClassVar[str] = """\
input: 64x16x16
layers:
  - conv_transpose: {out_channels: 32, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}
"""
    fixed: ClassVar[str] = """\
input: 64x16x16
layers:
  - conv_transpose: {out_channels: 32, kernel_size: 4, stride: 2, padding: 1}
"""
    source: ClassVar[str] = "Odena, Dumoulin, Olah: Deconvolution and Checkerboard Artifacts, Distill 2016."

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the transposed convolutions that write unevenly along an axis with more than one input row."""
        for layer in subject.report.layers:
            transposed = layer.node.layer
            if not isinstance(transposed, ConvTranspose):
                continue
            sizes = layer.node.shapes[0][1:]
            axes = list(zip(sizes, transposed.kernel_size, transposed.stride, transposed.dilation, strict=True))
            uneven = [
                counts for size, f, s, d in axes if size != 1 and (counts := overlaps(f, s, d)) and len(counts) > 1
            ]
            if uneven:
                sums = f"outputs along an axis alternate between sums of {' and '.join(map(str, uneven[0]))} inputs"
                fields = ("kernel_size", "stride")
                yield Case(layer.node, f"{_sizes_text(transposed)}: {sums}", fields, partial(_fix, transposed))


def _sizes_text(layer: ConvTranspose) -> str:
    kernel, stride, dilation = map(axes_text, (layer.kernel_size, layer.stride, layer.dilation))
    plain = all(each == 1 for each in layer.dilation)
    return f"kernel {kernel} and stride {stride}" if plain else f"kernel {kernel}, stride {stride}, dilation {dilation}"


def _fix(layer: ConvTranspose) -> Fix:
    """Name the conditions for evenness that are violated on some axis."""
    axes = list(zip(layer.kernel_size, layer.stride, layer.dilation, strict=True))
    known = [(as_int(f), as_int(s), as_int(d)) for f, s, d in axes if len(overlaps(f, s, d)) > 1]
    kernel = ["make kernel_size a multiple of stride"] if any(f % s for f, s, _ in known) else []
    dilation = (
        ["choose a dilation that shares no factor with stride"] if any(gcd(s, d) > 1 for _, s, d in known) else []
    )
    return Fix(f"{' and '.join(kernel + dilation)}; or upsample, then convolve")


def overlaps(kernel: Size, stride: Size, dilation: Size) -> tuple[int, ...]:
    """How many inputs are summed per output away from the border, along one axis; empty with symbols."""
    if not (isinstance(kernel, int) and isinstance(stride, int) and isinstance(dilation, int)):
        return ()
    shared = gcd(dilation, stride)  # the taps fall on its multiples, in turn
    least, more = divmod(kernel, stride // shared)
    return tuple(sorted({least, least + bool(more), *([0] if shared > 1 else [])}))
