"""Layers that resize a map without a window: pad, crop, upsample."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.antialiasing import cost_of_antialiasing
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Choice, Factor, Flag, Number, Padding, Pair, PerAxis, Reference
from cnncalc.layers.layer import Layer, Require, Shape, arg, map_of, single, text
from cnncalc.layers.memory_order import Order, Orders, narrow
from cnncalc.layers.operations import NOTHING, Operations, adaptive_reads_of_map, cost_of_means
from cnncalc.layers.padding import PADS_CHANNELS_LAST, require_reach
from cnncalc.layers.ranges import ANY, Range, union
from cnncalc.layers.reading import Border, Reading, Routes, Slide
from cnncalc.layers.routes import accept_all, parts, resample, spatial
from cnncalc.layers.saved import NONE, Reuse, Saved, Wanted, input_if, is_one
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Expr, Size

LIKE = Reference("an earlier tensor whose spatial size to match")
INTERPOLATION = {  # mode → number of spatial axes it requires; None: any
    "nearest": None,
    "nearest-exact": None,
    "linear": 1,
    "bilinear": 2,
    "bicubic": 2,
    "trilinear": 3,
    "area": None,
}
INTERPOLATING = ("linear", "bilinear", "bicubic", "trilinear")


class Pad(Layer):
    """Rows added around a map: by number, or up to a size (⌊d/2⌋ of them on the low side)."""

    kind: ClassVar[str] = "pad"
    natural: ClassVar[str | None] = "padding"
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    cuts: ClassVar[bool] = True
    values_of: ClassVar[int | None] = 1
    linear: ClassVar[bool] = True

    padding: tuple[Pair, ...] | None = arg(Padding("rows added to each side", also=()), None)
    size: tuple[Size, ...] | None = arg(PerAxis("spatial output size"), None)
    like: str | None = arg(LIKE, None)
    mode: str = arg(Choice("values of the padding", ("constant", "reflect", "replicate", "circular")), "constant")
    value: int | Fraction = arg(Number("value of the constant padding"), 0)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *(size + padding)]."""
        channels, sizes = map_of(self.kind, single(inputs))
        if self.value != 0 and self.mode != "constant":
            raise LayerError(f"pad: value applies only to mode constant, not to {self.mode}", field="value")
        pads = self.amounts(inputs, require)
        require_reach(self.kind, sizes, pads, self.mode, require)
        return (channels, *(low + n + high for n, (low, high) in zip(sizes, pads, strict=True)))

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input if padding repeats it; otherwise only its shape is needed."""
        return input_if(self.mode in ("reflect", "replicate"))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The row shifted by the low padding; the repeated row, if padding repeats the input."""
        border: Border = "clip" if self.mode == "constant" else self.mode  # type: ignore[assignment]
        return spatial(Slide(low=low, border=border) for low, _ in self.amounts(inputs, accept_all))

    def range(self, entering: Sequence[Range]) -> Range:
        """The union of the input range and the constant."""
        return union(entering[0], Range(Fraction(self.value), Fraction(self.value)))

    @property
    def keeps_channels_last(self) -> tuple[int, ...]:
        """As PyTorch's `F.pad`."""
        return PADS_CHANNELS_LAST[self.mode]

    def amounts(self, inputs: Sequence[Shape], require: Require) -> tuple[Pair, ...]:
        """Rows added on the low and the high side of every axis."""
        given = only_given(self.kind, padding=self.padding, size=self.size, like=self.like)
        if self.padding is not None:
            return self.padding
        _, sizes = map_of(self.kind, single(inputs))
        target = target_size(self.kind, inputs, self.size)
        pairs = zip(target, sizes, strict=True)
        return tuple(split_rows(self.kind, to - n, f"grow {n} to {to}", given, require) for to, n in pairs)


class Crop(Layer):
    """Rows removed from a map: by number, or down to a size (⌊d/2⌋ of them from the low side)."""

    kind: ClassVar[str] = "crop"
    saves: ClassVar[Saved | None] = NONE
    reuse: ClassVar[Reuse] = "view"
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    cuts: ClassVar[bool] = True
    values_of: ClassVar[int | None] = 1
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    size: tuple[Size, ...] | None = arg(PerAxis("spatial output size"), None)
    margin: tuple[Pair, ...] | None = arg(Padding("rows removed from each side", also=()), None)
    like: str | None = arg(LIKE, None)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *(size − margin)]."""
        channels, sizes = map_of(self.kind, single(inputs))
        outs = tuple(n - low - high for n, (low, high) in zip(sizes, self.amounts(inputs, require), strict=True))
        for out in outs:
            require(out >= 1, partial(_all_gone, out))
        return (channels, *outs)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The row shifted by the low margin."""
        return spatial(Slide(low=-low) for low, _ in self.amounts(inputs, accept_all))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """That of the input, with gaps along the axes of which rows are removed."""
        order, shape = before[0], single(inputs)
        for axis, length in enumerate(output[1:], 2):
            order = narrow(order, shape, axis, length)
        return order

    def amounts(self, inputs: Sequence[Shape], require: Require) -> tuple[Pair, ...]:
        """Rows removed from the low and the high side of every axis."""
        given = only_given(self.kind, size=self.size, margin=self.margin, like=self.like)
        if self.margin is not None:
            return self.margin
        _, sizes = map_of(self.kind, single(inputs))
        target = target_size(self.kind, inputs, self.size)
        pairs = zip(target, sizes, strict=True)
        return tuple(split_rows(self.kind, n - to, f"crop {n} to {to}", given, require) for to, n in pairs)


class Upsample(Layer):
    """A map resized by interpolation."""

    kind: ClassVar[str] = "upsample"
    natural: ClassVar[str | None] = "scale_factor"
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    values_of: ClassVar[int | None] = 1
    positions: ClassVar[Positions] = "resampled"
    linear: ClassVar[bool] = True

    size: tuple[Size, ...] | None = arg(PerAxis("spatial output size"), None)
    scale_factor: tuple[Size | Fraction, ...] | None = arg(Factor("scale factor"), None)
    like: str | None = arg(LIKE, None)
    mode: str = arg(Choice("interpolation mode", tuple(INTERPOLATION)), "nearest")
    align_corners: bool | None = arg(
        Flag("align the corner pixels of input and output (linear modes and bicubic)"), None
    )

    antialias: bool = arg(Flag("widen the filter where the map shrinks (bilinear and bicubic)"), False)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *size]; scaled sizes are rounded down: ⌊n·scale_factor⌋, exactly."""
        channels, sizes = map_of(self.kind, single(inputs))
        self._check_mode(len(sizes))
        only_given(self.kind, size=self.size, scale_factor=self.scale_factor, like=self.like)
        if self.scale_factor is None:
            return (channels, *target_size(self.kind, inputs, self.size))
        outs = tuple(scale_size(n, factor) for n, factor in zip(sizes, self.scale_factor, strict=True))
        for out in outs:
            require(
                out >= 1,
                lambda: LayerError(f"upsample: the scale gives an output of {text(outs)}", field="scale_factor"),
            )
        return (channels, *outs)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations | None:
        """Interpolation axis by axis: 2ʳ − 1 steps of 2 multiplications and 1 addition over r axes.

        bicubic: 5 steps of 4 and 3. nearest: none. area: the means of adaptive pooling. Antialiased: the weights that
        are not zero, the last axis first.
        """
        if self.antialias:
            return cost_of_antialiasing(single(inputs), output, self._readings(inputs))
        if self.mode == "area":
            read = adaptive_reads_of_map(single(inputs), output)
            return None if read is None else cost_of_means(read, numel(output))
        return _STEPS.get(self.mode, NOTHING).times(numel(output))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """Nothing; for the mode `area`, which is adaptive pooling, the input."""
        return input_if(self.mode == "area" and not all(map(is_one, output[1:])))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The neighbours with non-zero weight."""
        return spatial(self._readings(inputs))

    def _readings(self, inputs: Sequence[Shape]) -> list[Reading | None]:
        sizes, outs = single(inputs)[1:], self.output(inputs, accept_all)[1:]
        factors = self.scale_factor or (None,) * len(sizes)
        if self.mode == "area":
            return list(map(parts, sizes, outs))
        how = self.mode, bool(self.align_corners), self.antialias
        return [resample(n, out, f, *how) for n, out, f in zip(sizes, outs, factors, strict=True)]

    def range(self, entering: Sequence[Range]) -> Range:
        """The range of the input; bicubic interpolation may exceed it."""
        return ANY if self.mode == "bicubic" else entering[0]

    @property
    def keeps_channels_last(self) -> tuple[int, ...]:
        """As the kernels of the mode; linear interpolation has none."""
        return (1, 2) if self.mode == "area" else (2, 3)

    def _check_mode(self, rank: int) -> None:
        wants = INTERPOLATION[self.mode]
        if wants is not None and wants != rank:
            fitting = ", ".join(mode for mode, axes in INTERPOLATION.items() if axes in (None, rank))
            raise LayerError(
                f"upsample: mode {self.mode} needs {wants} spatial axes, got {rank}",
                field="mode",
                hint=f"choose from {fitting}",
            )
        if self.antialias and self.mode not in ("bilinear", "bicubic"):
            raise LayerError(
                f"upsample: antialias applies only to bilinear, bicubic, not to {self.mode}", field="antialias"
            )
        if self.align_corners is not None and self.mode not in INTERPOLATING:
            raise LayerError(
                f"upsample: align_corners applies only to {', '.join(INTERPOLATING)}, not to {self.mode}",
                field="align_corners",
            )


_STEPS = {  # per output element
    "linear": Operations(multiply=2, add=1),
    "bilinear": Operations(multiply=6, add=3),
    "trilinear": Operations(multiply=14, add=7),
    "bicubic": Operations(multiply=20, add=15),
}


def _all_gone(out: Size) -> LayerError:
    return LayerError(f"crop: the margin leaves an output of {out}", field="margin")


def only_given(kind: str, **values: object) -> str:
    """The name of the only value that is given; raises LayerError if none or several are."""
    given = [name for name, value in values.items() if value is not None]
    if not given:
        raise LayerError(f"{kind} needs one of {', '.join(values)}")
    if len(given) > 1:
        raise LayerError(f"{kind}: {' and '.join(given)} are mutually exclusive", field=given[1])
    return given[0]


def target_size(kind: str, inputs: Sequence[Shape], size: tuple[Size, ...] | None) -> Shape:
    """The spatial size to reach: `size` if given, else that of the second input, the tensor named by `like`."""
    if size is not None:
        return size
    _, target = map_of(f"{kind}: like", inputs[1])
    if len(inputs[1]) != len(inputs[0]):
        raise LayerError(
            f"{kind}: like {text(inputs[1])} and the input {text(inputs[0])} have different numbers of axes",
            field="like",
        )
    return target


def split_rows(kind: str, rows: Size, task: str, field: str, require: Require) -> Pair:
    """⌊d/2⌋ rows for the low side, the rest for the high side."""
    require(rows >= 0, lambda: LayerError(f"{kind} cannot {task}", field=field))
    return rows // 2, rows - rows // 2


def scale_size(size: Size, factor: Size | Fraction) -> Size:
    """⌊size·factor⌋ in exact arithmetic."""
    if isinstance(factor, Expr):
        return size * factor
    return size * factor.numerator // factor.denominator
