"""Normalization with trainable or running statistics, and the per-channel scale."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.elementwise import Elementwise
from cnncalc.layers.fields import Count, Flag, Number
from cnncalc.layers.layer import NO_WEIGHTS, Require, Shape, Weights, arg, map_of, single, text
from cnncalc.layers.linear import AXIS, axis_index, channels_last
from cnncalc.layers.operations import Operations, affine, cost_of_normalizing, cost_of_sums
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import across, pointwise
from cnncalc.layers.saved import INPUT, Order, Saved, SavedTensor, Wanted, input_if, statistics
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

    @property
    def folds(self) -> bool:
        """Never: engines use the statistics of the image."""
        return False


class LayerNorm(Elementwise):
    """Normalization over the elements of one axis (Ba, Kiros, Hinton, arXiv:1607.06450)."""

    kind: ClassVar[str] = "layernorm"
    normalizes: ClassVar[bool] = True

    eps: int | Fraction = arg(EPS, SMALL)
    elementwise_affine: bool = arg(Flag("trainable scale and shift per element of the axis"), True)
    bias: bool = arg(Flag("trainable shift (only with the scale)"), True)
    axis: str | None = arg(AXIS, None)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        axis_index(self.kind, self.axis, single(inputs))
        return super().output(inputs, require)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """A scale and a shift per element of the axis."""
        if not self.elementwise_affine:
            return NO_WEIGHTS
        size = output[axis_index(self.kind, self.axis, output)]
        return {"weight": (size,), "bias": (size,)} if self.bias else {"weight": (size,)}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Statistics of every row of the axis (`cost_of_normalizing`), then γ and β per element."""
        numbers = numel(output)
        rows = numbers // output[axis_index(self.kind, self.axis, output)]
        return cost_of_normalizing(numbers, rows) + affine(
            numbers, self.elementwise_affine, self.elementwise_affine and self.bias
        )

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, and the statistics of every row of the axis."""
        rows = numel(output) // output[axis_index(self.kind, self.axis, output)]
        return INPUT.and_own(statistics(rows))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Each element reads itself, and all along its axis, for mean and variance."""
        shape = single(inputs)
        return pointwise(shape) + across(shape, axis_index(self.kind, self.axis, shape))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Order | None, reuses: bool) -> Order | None:
        """In the order of its axes; over channels, with the channels last."""
        return channels_last(self.axis, output)


class GroupNorm(Elementwise):
    """Normalization over groups of channels (Wu, He, arXiv:1803.08494)."""

    kind: ClassVar[str] = "groupnorm"
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

    def centres(self, output: Shape, frozen: bool) -> bool:
        """If every channel is its own group."""
        same = self.num_groups == output[0]
        return same if isinstance(same, bool) else False


class Lrn(Elementwise):
    """Local response normalization across neighbouring channels (Krizhevsky 2012, section 3.3)."""

    kind: ClassVar[str] = "lrn"
    natural: ClassVar[str | None] = "size"
    normalizes: ClassVar[bool] = True

    size: Size = arg(Count("number of neighbouring channels in the sum"))
    alpha: int | Fraction = arg(Number("factor of the sum"), Fraction("1e-4"))
    beta: int | Fraction = arg(Number("exponent of the denominator"), Fraction("0.75"))
    k: int | Fraction = arg(Number("added to the sum"), 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape: a map."""
        map_of(self.kind, single(inputs))
        return super().output(inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """x/(k + α/n·Σx²)^β: per element a square, n − 1 additions, α/n, k, a power and a division."""
        numbers = numel(output)
        return Operations(add=numbers * self.size, multiply=2 * numbers, power=numbers, divide=numbers)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input; the squares, padded by n − 1 channels; the denominator, before and after the power."""
        numbers = numel(output)
        squares = numbers // output[0] * (output[0] + self.size - 1)
        return INPUT.and_own(SavedTensor(squares, "squares"), SavedTensor(2 * numbers, "denominator"))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The channels of its own pixel."""
        return across(single(inputs), 0)


class L2Norm(Elementwise):
    """The channels of every pixel divided by their Euclidean norm (Liu, ParseNet, arXiv:1506.04579)."""

    kind: ClassVar[str] = "l2norm"
    normalizes: ClassVar[bool] = True
    hides_gradient: ClassVar[bool] = True

    eps: int | Fraction = arg(Number("lower bound of the length"), Fraction("1e-12"))

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """A square and a division per element; per pixel C − 1 additions, a root and a comparison with eps."""
        numbers = numel(output)
        pixels = numbers // output[0]
        squares = Operations(multiply=numbers, divide=numbers, sqrt=pixels, compare=pixels)
        return squares + cost_of_sums(numbers, pixels)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input; the length of every pixel, before and after the bound."""
        return INPUT.and_own(SavedTensor(2 * (numel(output) // output[0]), "lengths"))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The channels of its own pixel."""
        return across(single(inputs), 0)


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
