"""Normalization with trainable or running statistics, and the per-channel scale."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.elementwise import Elementwise
from cnncalc.layers.facts import Facts
from cnncalc.layers.fields import Count, Flag, Number
from cnncalc.layers.layer import NO_WEIGHTS, Require, Shape, Weights, arg, map_of, single, text
from cnncalc.layers.linear import VectorAxis, axis_index
from cnncalc.layers.memory_order import (
    Order,
    Orders,
    channels_last,
    is_channels_last,
    is_contiguous,
    is_dense,
    is_filled_channels_last,
)
from cnncalc.layers.operations import Operations, affine, cost_of_normalizing
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import across, pointwise
from cnncalc.layers.saved import INPUT, Saved, SavedTensor, Wanted, input_if, statistics
from cnncalc.layers.shapes import require_divisible
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size

EPS = Number("added to the variance to avoid division by zero")
MOMENTUM = Number("weight of the current batch in the running statistics")
SMALL = Fraction("1e-5")
TENTH = Fraction("0.1")


class BatchNorm(Elementwise):
    """Normalization of every channel over the batch (Ioffe, Szegedy, arXiv:1502.03167)."""

    kind: ClassVar[str] = "batchnorm"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (2, 3)
    centred: ClassVar[bool] = True
    normalizes: ClassVar[bool] = True

    eps: int | Fraction = arg(EPS, SMALL)
    momentum: int | Fraction = arg(MOMENTUM, TENTH)
    affine: bool = arg(Flag("trainable scale and shift per channel"), True)
    track_running_stats: bool = arg(Flag("keep running statistics, which are used at inference"), True)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape: a vector, or a map of up to three axes."""
        shape = single(inputs)
        if not 1 <= len(shape) <= 4:
            raise LayerError(f"batchnorm needs a vector or a map of up to three axes, got {text(shape)}")
        return shape

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """A scale and a shift per channel."""
        return per_channel(output) if self.affine else NO_WEIGHTS

    def buffers(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """The running statistics, and the number of batches seen."""
        if not self.track_running_stats:
            return NO_WEIGHTS
        return {"running_mean": (output[0],), "running_var": (output[0],), "num_batches_tracked": ()}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """One factor and one constant per element: the running statistics and γ, β make y = a·x + b.

        Without running statistics, the image's own, per channel (`cost_of_normalizing`), and γ, β.
        """
        numbers = numel(output)
        if self.track_running_stats:
            return affine(numbers)
        return cost_of_normalizing(numbers, output[0]) + affine(numbers, self.affine, self.affine)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Channels last if the input is, else contiguous."""
        shape = single(inputs)
        filled = len(shape) > 2 and is_filled_channels_last(before[0], shape)
        if filled and self.keeps_channels_last and not is_contiguous(before[0], shape):
            return channels_last(output)
        return Facts.order(self, inputs, output, before, reuses)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, and the statistics of the batch."""
        return INPUT.and_own(statistics(output[0], each=False))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Each element reads itself; without running statistics also its whole map, for mean and variance."""
        shape = single(inputs)
        return pointwise(shape) if self.track_running_stats else pointwise(shape) + across(shape, *range(1, len(shape)))

    @property
    def running(self) -> bool:
        """Set by its field."""
        return self.track_running_stats

    @property
    def linear(self) -> bool:
        """With running statistics."""
        return self.track_running_stats

    @property
    def folds(self) -> bool:
        """With running statistics."""
        return self.track_running_stats


class InstanceNorm(BatchNorm):
    """Normalization of every channel of every image over its pixels (Ulyanov, arXiv:1607.08022)."""

    kind: ClassVar[str] = "instancenorm"
    keeps_channels_last: ClassVar[tuple[int, ...]] = ()

    affine: bool = arg(Flag("trainable scale and shift per channel"), False)
    track_running_stats: bool = arg(Flag("keep running statistics, which are used at inference"), False)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape: a map of more than one pixel, whose statistics would otherwise mean nothing."""
        _, sizes = map_of(self.kind, single(inputs))
        if not self.track_running_stats:
            require(numel(sizes) > 1, lambda: LayerError(f"instancenorm needs more than one pixel, got {text(sizes)}"))
        return single(inputs)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, the statistics of every image, and running statistics and γ repeated for every image."""
        repeated = output[0] * (2 * self.track_running_stats + self.affine)
        return INPUT.and_own(statistics(output[0]), SavedTensor(repeated, "γ and running statistics, repeated"))

    def copied(self, inputs: Sequence[Shape], before: Orders) -> tuple[int, ...]:
        """A copy, unless the input is contiguous."""
        return () if is_contiguous(before[0], single(inputs)) else (0,)

    @property
    def folds(self) -> bool:
        """Never: engines use the statistics of the image."""
        return False


NORMALIZED = VectorAxis(
    "normalized, if the input is not a vector: the channels, the last axis, the spatial axes, or all",
    ("channels", "last", "spatial", "all"),
)


class AlongAxis(Elementwise):
    """A normalization over the elements of the axes that the field `axis` chooses; its weights have their sizes."""

    normalizes: ClassVar[bool] = True

    axis: str | None

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        self.axes(single(inputs))
        return super().output(inputs, require)

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Each element reads itself, and all along its axes."""
        shape = single(inputs)
        return pointwise(shape) + across(shape, *self.axes(shape))

    def axes(self, shape: Shape) -> range:
        """The indices of the axes."""
        if self.axis not in ("spatial", "all"):
            index = axis_index(self.kind, self.axis, shape)
            return range(index, index + 1)
        return range(int(self.axis == "spatial"), len(shape))

    def normalized_shape(self, shape: Shape) -> Shape:
        """The sizes of the axes."""
        return tuple(shape[axis] for axis in self.axes(shape))

    def rows(self, shape: Shape) -> Size:
        """The number of means."""
        return numel(shape) // numel(self.normalized_shape(shape))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Contiguous; over channels, with the channels last."""
        return channels_last(output) if self.axis == "channels" else None


class LayerNorm(AlongAxis):
    """Normalization over the elements of one or several axes (Ba, Kiros, Hinton, arXiv:1607.06450)."""

    kind: ClassVar[str] = "layernorm"

    eps: int | Fraction = arg(EPS, SMALL)
    elementwise_affine: bool = arg(Flag("trainable scale and shift per element of the axes"), True)
    bias: bool = arg(Flag("trainable shift (only with the scale)"), True)
    axis: str | None = arg(NORMALIZED, None)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """A scale and a shift per element of the axes."""
        if not self.elementwise_affine:
            return NO_WEIGHTS
        sizes = self.normalized_shape(output)
        return {"weight": sizes, "bias": sizes} if self.bias else {"weight": sizes}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Statistics of every row of the axes (`cost_of_normalizing`), then γ and β per element."""
        numbers = numel(output)
        return cost_of_normalizing(numbers, self.rows(output)) + affine(
            numbers, self.elementwise_affine, self.elementwise_affine and self.bias
        )

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, and the statistics of every row of the axes."""
        return INPUT.and_own(statistics(self.rows(output)))


class GroupNorm(Elementwise):
    """Normalization over groups of channels (Wu, He, arXiv:1803.08494)."""

    kind: ClassVar[str] = "groupnorm"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (2, 3)
    natural: ClassVar[str | None] = "num_groups"
    normalizes: ClassVar[bool] = True

    num_groups: Size = arg(Count("number of channel groups"))
    eps: int | Fraction = arg(EPS, SMALL)
    affine: bool = arg(Flag("trainable scale and shift per channel"), True)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape; the groups must divide the channels."""
        shape = single(inputs)
        require_divisible(self.kind, shape[0], "in_channels", self.num_groups, "num_groups", require)
        return shape

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """A scale and a shift per channel."""
        return per_channel(output) if self.affine else NO_WEIGHTS

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Statistics of every group (`cost_of_normalizing`), then γ and β per element."""
        numbers = numel(output)
        return cost_of_normalizing(numbers, self.num_groups) + affine(numbers, self.affine, self.affine)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, and the statistics of every group."""
        return INPUT.and_own(statistics(self.num_groups))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Each element reads itself, and the whole maps of its group, for mean and variance."""
        shape = single(inputs)
        return pointwise(shape) + across(shape, *range(len(shape)))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Channels last if the input is, else contiguous."""
        return Facts.order(self, inputs, output, before, reuses)

    def copied(self, inputs: Sequence[Shape], before: Orders) -> tuple[int, ...]:
        """A copy, unless the input is contiguous or channels last."""
        shape = single(inputs)
        kept = len(shape) > 2 and is_channels_last(before[0], shape) and is_dense(before[0], shape)
        return () if kept or is_contiguous(before[0], shape) else (0,)

    def centres(self, output: Shape, frozen: bool) -> bool:
        """If every channel is its own group."""
        same = self.num_groups == output[0]
        return same if isinstance(same, bool) else False


class Scale(Elementwise):
    """A trainable factor or shift, per channel, as after `l2norm` in SSD, or one for all channels."""

    kind: ClassVar[str] = "scale"
    linear: ClassVar[bool] = True

    bias: bool = arg(Flag("also a trainable shift per channel"), False)
    init: int | Fraction = arg(Number("initial scale"), 1)
    factor: bool = arg(Flag("a trainable factor; without it the shift alone"), True)
    shared: bool = arg(Flag("one factor and one shift for all channels"), False)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        if not self.factor and not self.bias:
            raise LayerError("scale has neither a factor nor a shift", hint="write bias: true")
        return super().output(inputs, require)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[channels], or [1] where shared."""
        size = 1 if self.shared else output[0]
        return {**({"weight": (size,)} if self.factor else {}), **({"bias": (size,)} if self.bias else {})}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """A multiplication per element, and an addition if there is a bias."""
        return affine(numel(output), self.factor, self.bias)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, for the factor's gradient."""
        return input_if(wanted.weights and self.factor)


def per_channel(shape: Shape) -> Weights:
    """A trainable scale and shift per channel."""
    return {"weight": (shape[0],), "bias": (shape[0],)}
