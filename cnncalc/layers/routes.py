"""Builds the routes of whole layers from readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import gcd, prod

from cnncalc.layers.reading import (
    IDENTITY,
    UNKNOWN,
    WHOLE,
    Axis,
    Border,
    Filtered,
    Kernel,
    Parts,
    Reading,
    Resample,
    Route,
    Routes,
    Slide,
    Split,
)
from cnncalc.layers.window import Window
from cnncalc.symbolic import Size, compare


def accept_all(holds: object, why: object) -> None:
    """A `require` that ignores its conditions: they were checked when the shapes were inferred."""


@cache
def row_by_row(axes: int, start: int = 0) -> tuple[Axis, ...]:
    """Axes that are each read row by row along themselves."""
    return tuple(Axis(IDENTITY, axis) for axis in range(start, start + axes))


def pointwise(shape: Sequence[Size]) -> Routes:
    """One route: every element reads itself."""
    return (Route(0, row_by_row(len(shape))),)


def everything(shape: Sequence[Size]) -> Routes:
    """One route: every element reads all."""
    return (Route(0, (WHOLE,) * len(shape)),)


def across(shape: Sequence[Size], *axes: int) -> Routes:
    """One route: all elements along these axes, row by row along the others."""
    return (Route(0, tuple(WHOLE if axis in axes else each for axis, each in enumerate(row_by_row(len(shape))))),)


def spatial(readings: Iterable[Reading | None], *, mixed: bool = False) -> Routes:
    """One route: every spatial axis with its own reading (None: unknown); channels separate, or all `mixed`."""
    axes = (Axis(reading, axis) if reading else UNKNOWN for axis, reading in enumerate(readings, 1))
    return (Route(0, (WHOLE if mixed else Axis(IDENTITY, 0), *axes)),)


def by_windows(windows: Iterable[Window], border: Border = "clip", *, mixed: bool = False) -> Routes:
    """One route with a window per spatial axis."""
    readings = (Slide(w.kernel, w.stride, w.low, w.dilation, border) for w in windows)
    return spatial(readings, mixed=mixed)


def parts(size: Size, count: Size) -> Reading:
    """The reading of an axis divided into `count` parts."""
    if isinstance(size, int) and isinstance(count, int):
        common = gcd(size, count)
        return Parts(size // common, count // common)
    return IDENTITY if size == count else Parts(size, count)


def resample(
    size: Size, out: Size, factor: Size | Fraction | None, mode: str, aligned: bool, antialias: bool = False
) -> Reading:
    """The reading of an axis resampled from `size` to `out`, with scale `factor` if given, as in PyTorch."""
    kernel = _KERNELS[mode, aligned]
    reach = 0 if not antialias else 2 if mode == "bicubic" else 1
    if aligned or factor is None:
        advance, period = _scale(size, out, aligned)
    else:
        advance, period = (factor.denominator, factor.numerator) if isinstance(factor, Fraction) else (1, factor)
    return Filtered(advance, period, reach) if antialias else Resample(advance, period, kernel)


def _scale(size: Size, out: Size, aligned: bool) -> tuple[Size, Size]:
    """Rows of the input, and the rows of the output that they become, in lowest terms if they are numbers."""
    if not isinstance(size, int) or not isinstance(out, int):
        return (1, 1) if size == out else (size - 1, out - 1) if aligned else (size, out)
    if aligned and min(size, out) == 1:
        return 0, 1
    scale = Fraction(size - 1, out - 1) if aligned else Fraction(size, out)  # aligned corners are the same points
    return scale.numerator, scale.denominator


_KERNELS: dict[tuple[str, bool], Kernel] = {("nearest", False): "nearest", ("nearest-exact", False): "nearest-exact"}
_KERNELS |= {(mode, False): "linear" for mode in ("linear", "bilinear", "trilinear")}
_KERNELS |= {(mode, True): "aligned" for mode in ("linear", "bilinear", "trilinear")}
_KERNELS |= {("bicubic", False): "cubic", ("bicubic", True): "cubic-aligned"}


def merged_axes(shape: Sequence[Size], along: int) -> tuple[Axis, ...]:
    """Axes flattened into one. Channels count as one position: if they are flattened, every row is read."""
    if along == 0 and len(shape) > 1:
        return (WHOLE,) * len(shape)
    merged = zip(shape, Split(tuple(shape)).places, strict=True)
    if sum(size != 1 for size in shape) > 1:
        return tuple(Axis(place, along) for _, place in merged)
    return tuple(Axis(IDENTITY, along) if size != 1 else WHOLE for size in shape)


def split_axis(sizes: Sequence[Size], along: int) -> Axis:
    """An axis as several, of which `along` is the first."""
    wide = [axis for axis, size in enumerate(sizes) if size != 1]
    return Axis(IDENTITY, along + (wide or [0])[0]) if len(wide) < 2 else Axis(Split(tuple(sizes)), along)


def reshape_routes(shape: Sequence[Size], output: Sequence[Size]) -> Routes:
    """The route of a reshape: row by row along axes that stay, are flattened into one or split into several."""
    axes: list[Axis] = []
    for before, after, along in _groups(shape, output):
        if len(after) == 1 or not after:
            axes += merged_axes(before, along) if after else (WHOLE,) * len(before)
        else:
            axes += (split_axis(after, along),) if len(before) == 1 else (UNKNOWN,) * len(before)
    return (Route(0, tuple(axes)),)


Group = tuple[Sequence[Size], Sequence[Size], int]


def _groups(shape: Sequence[Size], output: Sequence[Size]) -> Iterator[Group]:
    """Yield the shortest runs of axes of both shapes with the same product, and the first axis of the second run."""
    mine = its = 0  # where the next runs begin
    while mine < len(shape) and its < len(output):
        ends = [mine + 1, its + 1]
        while ends != [len(shape), len(output)]:
            sizes = prod(shape[mine : ends[0]]), prod(output[its : ends[1]])
            if sizes[0] == sizes[1]:
                break
            less = ends[1] == len(output) or (ends[0] < len(shape) and _is_less(*sizes))
            ends[0 if less else 1] += 1
        yield shape[mine : ends[0]], output[its : ends[1]], its
        mine, its = ends
    if mine < len(shape):
        yield shape[mine:], (), its


def _is_less(one: Size, other: Size) -> bool:
    """Whether a product is less than one that differs; of a number and a form, the number is taken to be."""
    return compare(one, "<", other) is True or (isinstance(one, int) and not isinstance(other, int))


def unknown(inputs: Sequence[Sequence[Size]]) -> Routes:
    """Routes from every input about which nothing is known."""
    return tuple(Route(source, (UNKNOWN,) * len(shape)) for source, shape in enumerate(inputs))
