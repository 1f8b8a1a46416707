"""Pooling by a sliding window."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Count, Flag, Number, Padding, Pair, PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, map_of, single
from cnncalc.layers.memory_order import Order, Orders
from cnncalc.layers.operations import Operations, affine, cost_of_maxima, cost_of_means, cost_of_sums
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import by_windows
from cnncalc.layers.saved import INPUT, Saved, SavedTensor, Wanted, indices, input_if
from cnncalc.layers.sliding import has_own_padding, outputs, saved_padded_input, sliding, windows_before_crop
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size

NO_PADDING = ((0, 0),) * 3
UNDILATED = (1, 1, 1)

KERNEL = PerAxis("size of the window")
STRIDE = PerAxis("step from one window to the next; default: the kernel size")
CEIL_MODE = Flag("round the output size up: the last window may extend beyond the input")


class _Pool(Layer):
    """Base class of windows that slide over each channel separately."""

    natural: ClassVar[str | None] = "kernel_size"

    kernel_size: tuple[Size, ...] = arg(KERNEL)
    stride: tuple[Size, ...] | None = arg(STRIDE, None)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *windows]."""
        shape = single(inputs)
        return (shape[0], *outputs(self.kind, shape, self.windows(inputs), require))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Channels last if the input is; `F.pad` makes a map of one axis contiguous."""
        padded = len(output) == 2 and not has_own_padding(self.windows(inputs))
        return None if padded else super().order(inputs, output, before, reuses)

    def _count_reads(self, output: Shape) -> Size:
        """The number of elements that all windows read."""
        return numel(output) * numel(self.kernel_size)

    def _windows(
        self,
        inputs: Sequence[Shape],
        padding: tuple[Pair, ...] | str | None = None,
        dilation: tuple[Size, ...] | None = None,
        ceil_mode: bool = False,
    ) -> tuple[Window, ...]:
        _, sizes = map_of(self.kind, single(inputs))
        if padding is None:
            padding = NO_PADDING[: len(sizes)]
        stride = self.kernel_size if self.stride is None else self.stride
        return sliding(sizes, self.kernel_size, stride, padding, dilation or UNDILATED[: len(sizes)], ceil_mode)

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """By windows, each channel separately."""
        return by_windows(self.windows(inputs))


class MaxPool(_Pool):
    """The largest number in each window."""

    kind: ClassVar[str] = "maxpool"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (1, 2, 3)
    bounded: ClassVar[bool] = True
    stand_in: ClassVar[str | None] = "avgpool"

    padding: tuple[Pair, ...] | str = arg(Padding("rows of −∞ added on each side"), 0)
    dilation: tuple[Size, ...] = arg(PerAxis("step between the rows that a window reads"), 1)
    ceil_mode: bool = arg(CEIL_MODE, False)

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        return self._windows(inputs, self.padding, self.dilation, self.ceil_mode)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *windows]."""
        require_short_padding(self.kind, self.windows(inputs), self.padding, require)
        return super().output(inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """K − 1 comparisons per output element, for windows of K elements."""
        return cost_of_maxima(self._count_reads(output), numel(output))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, or its padded copy if the padding is uneven; and the index of each maximum."""
        windows = self.windows(inputs)
        saved = saved_padded_input(single(inputs)[0], windows)
        return saved.and_own(indices(output[0] * windows_before_crop(windows)))


class AvgPool(_Pool):
    """The mean of each window."""

    kind: ClassVar[str] = "avgpool"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (1, 2)
    keeps_sign: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    padding: tuple[Pair, ...] | str = arg(Padding("rows of zeros added on each side"), 0)
    ceil_mode: bool = arg(CEIL_MODE, False)
    count_include_pad: bool = arg(Flag("include the padding in the mean"), True)
    divisor_override: Size | None = arg(Count("divide by this instead (2-D and 3-D)"), None)

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        return self._windows(inputs, self.padding, None, self.ceil_mode)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *windows]."""
        windows = self.windows(inputs)
        if self.divisor_override is not None and len(windows) == 1:
            raise LayerError("avgpool: divisor_override needs two or three spatial axes", field="divisor_override")
        require_short_padding(self.kind, windows, self.padding, require)
        require_kernel_inside(self.kind, windows, self.padding, require)
        return super().output(inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """K − 1 additions and a division per output element, for windows of K elements."""
        return cost_of_means(self._count_reads(output), numel(output))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, or its padded copy if the padding is uneven; and the share of each window that is not padding."""
        windows = self.windows(inputs)
        saved = saved_padded_input(single(inputs)[0], windows)
        if not saved.own or self.count_include_pad or self.divisor_override is not None:
            return saved
        return saved.and_own(SavedTensor(windows_before_crop(windows), "share of each window", each=False))


class LpPool(_Pool):
    """The p-norm of each window: (Σ x^p)^(1/p)."""

    kind: ClassVar[str] = "lppool"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (1, 2)
    natural: ClassVar[str | None] = None

    norm_type: int | Fraction = arg(Number("order p of the norm: 1 for sums, 2 for the Euclidean norm"))
    ceil_mode: bool = arg(CEIL_MODE, False)

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        return self._windows(inputs, ceil_mode=self.ceil_mode)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *windows]."""
        if self.norm_type == 0:
            raise LayerError("lppool: norm_type (=0) must not be zero", field="norm_type")
        require_kernel_inside(self.kind, self.windows(inputs), NO_PADDING, require)
        return super().output(inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, K − 1 additions; but for p = 1, K powers and a root (for p = 2, squares and √)."""
        read, numbers = self._count_reads(output), numel(output)
        if self.norm_type == 1:
            return cost_of_sums(read, numbers)
        if self.norm_type == 2:
            return cost_of_sums(read, numbers) + Operations(multiply=read, sqrt=numbers)
        return cost_of_sums(read, numbers) + Operations(power=read + numbers)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, its powers, and four maps of the output's size on the way to the root."""
        return INPUT.and_own(
            SavedTensor(numel(single(inputs)), "powers"), SavedTensor(4 * numel(output), "means, signs and sums")
        )


class Subsample(_Pool):
    """LeNet-5's trainable pooling: the sum of each window, times a learnt coefficient, plus a learnt bias.

    Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998,
    section II.B (layers S2 and S4).
    """

    kind: ClassVar[str] = "subsample"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (1, 2)
    linear: ClassVar[bool] = True

    kernel_size: tuple[Size, ...] = arg(KERNEL, 2)

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        return self._windows(inputs)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """A coefficient and a bias per channel."""
        channels = output[0]
        return {"weight": (channels,), "bias": (channels,)}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, K − 1 additions, a multiplication and an addition for the bias."""
        return cost_of_sums(self._count_reads(output), numel(output)) + affine(numel(output))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, for its shape; the means, for the coefficient; the coefficient times the window."""
        own = [SavedTensor(output[0], "coefficients", each=False)] if wanted.any_input else []
        own += [SavedTensor(numel(output), "means")] if wanted.weights else []
        return input_if(wanted.any_input).and_own(*own)


def require_short_padding(
    kind: str, windows: tuple[Window, ...], padding: tuple[Pair, ...] | str, require: Require
) -> None:
    """Require that no window reads only padding.

    Even padding is limited like PyTorch's to half the kernel, ignoring dilation. Uneven padding, which PyTorch does
    not have, must be smaller than the extent. `same` is never that long.
    """
    if isinstance(padding, str):
        return
    for window in windows:
        if window.low == window.high:
            require(
                window.low <= window.kernel // 2, partial(_too_long, kind, window.low, "at most half of", window.kernel)
            )
            continue
        for pad in (window.low, window.high):
            require(pad < window.extent, partial(_too_long, kind, pad, "smaller than", window.extent))


def _too_long(kind: str, pad: Size, bound: str, size: Size) -> LayerError:
    return LayerError(f"{kind}: padding (={pad}) must be {bound} the window (={size})", field="padding")


def require_kernel_inside(
    kind: str, windows: tuple[Window, ...], padding: tuple[Pair, ...] | str, require: Require
) -> None:
    """Require, for three axes, an input of at least the kernel, before PyTorch's own (even) padding."""
    if len(windows) != 3:
        return
    own = not isinstance(padding, str) and all(low == high for low, high in padding)
    for window in windows:
        size = window.size if own else window.size + window.low + window.high
        require(window.kernel <= size, partial(_outside, kind, window.kernel, size))


def _outside(kind: str, kernel: Size, size: Size) -> LayerError:
    return LayerError(
        f"{kind} over three axes needs an input of at least the kernel (={kernel}) without padding, got {size}",
        field="kernel_size",
    )
