"""Layers that weight every element of a vector: linear, LeNet-5's radial basis functions, capsules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.convolution import cost_of_products, with_bias
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Choice, Count, Flag
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, single, text
from cnncalc.layers.memory_order import Order, Orders, can_merge, channels_last
from cnncalc.layers.operations import Operations, cost_of_sums, softmax
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import across, everything
from cnncalc.layers.saved import NONE, Saved, SavedTensor, Wanted, input_if, is_one
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class VectorAxis(Choice):
    """The axis of a layer that acts on vectors; a vector itself has only one, which needs no word."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> str | None:  # type: ignore[override]
        """The word; None for a vector."""
        word = super().convert(value, rank)
        return None if rank == 0 else word


AXIS = VectorAxis(
    "the axis that it acts on if the input is not a vector: the channels or the last axis", ("channels", "last")
)


class Linear(Layer):
    """A fully connected layer: y = x·Aᵀ + b."""

    kind: ClassVar[str] = "linear"
    natural: ClassVar[str | None] = "out_features"
    weighs: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    out_features: Size = arg(Count("number of output features"))
    bias: bool = arg(Flag("trainable constant per output feature"), True)
    axis: str | None = arg(AXIS, None)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[out_features]; for more than a vector, the size of `axis` is replaced."""
        shape = single(inputs)
        index = axis_index(self.kind, self.axis, shape)
        return (*shape[:index], self.out_features, *shape[index + 1 :])

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[out_features, in_features]."""
        shape = single(inputs)
        features = shape[axis_index(self.kind, self.axis, shape)]
        return with_bias((self.out_features, features), (self.out_features,), self.bias)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, in_features MACs and an addition for the bias."""
        shape = single(inputs)
        features = shape[axis_index(self.kind, self.axis, shape)]
        return cost_of_products(numel(output) * features, numel(output), self.bias)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """For the weights' gradient, the input."""
        return input_if(wanted.weights)

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """All elements along its axis."""
        return across(single(inputs), axis_index(self.kind, self.axis, single(inputs)))

    @property
    def positions(self) -> Positions:
        """Kept if it acts on channels; a vector has no positions."""
        return "kept" if self.axis == "channels" else "gathered"

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Contiguous; over channels, with the channels last."""
        return channels_last(output) if self.axis == "channels" else None

    def copied(self, inputs: Sequence[Shape], before: Orders) -> tuple[int, ...]:
        """A copy, unless the rows of its axis can be viewed as those of one matrix."""
        shape = single(inputs)
        index = axis_index(self.kind, self.axis, shape) + 1
        rows = [axis for axis in range(len(shape) + 1) if axis != index]
        return () if can_merge(before[0], shape, rows) else (0,)


class Rbf(Layer):
    """LeNet-5's output: the squared distance of the input to a fixed code per class.

    y_i = Σ_j (x_j − w_ij)²; source: LeCun, Bottou, Bengio, Haffner, 1998, equation 7.
    """

    kind: ClassVar[str] = "rbf"
    natural: ClassVar[str | None] = "classes"
    positions: ClassVar[Positions] = "gathered"
    hides_gradient: ClassVar[bool] = True

    classes: Size = arg(Count("number of classes, each with a fixed code"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[classes], from a vector."""
        if len(single(inputs)) != 1:
            raise LayerError(f"rbf needs a vector, got {text(single(inputs))}", hint="put `flatten` before it")
        return (self.classes,)

    def buffers(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """The fixed codes: [classes, features]."""
        return {"codes": (self.classes, *single(inputs))}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """A difference and its square per class and feature, and their sum per class; no MACs."""
        read = numel(output) * numel(single(inputs))
        return Operations(add=read, multiply=read) + cost_of_sums(read, numel(output))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """Every difference."""
        return NONE.and_own(SavedTensor(numel(output) * numel(single(inputs)), "differences"))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """All elements."""
        return everything(single(inputs))


class Capsule(Layer):
    """Capsules that receive their input by agreement (dynamic routing).

    Every pair of capsules has a transformation of its own.
    Source: Sabour, Frosst, Hinton, arXiv:1710.09829, equations 1 to 3.
    """

    kind: ClassVar[str] = "capsule"
    positions: ClassVar[Positions] = "gathered"
    hides_gradient: ClassVar[bool] = True

    capsules: Size = arg(Count("number of output capsules"))
    dim: Size = arg(Count("length of each output capsule"))
    routings: Size = arg(Count("number of routing iterations"), 3)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[capsules, dim], from [input capsules, input dim]."""
        if len(single(inputs)) != 2:
            raise LayerError(
                f"capsule needs an input of shape [capsules, dim], got {text(single(inputs))}",
                hint="put `reshape` before it",
            )
        return self.capsules, self.dim

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[capsules, input capsules, dim, input dim]."""
        below, dim = single(inputs)
        return {"weight": (self.capsules, below, self.dim, dim)}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """The predictions û = W·u are MACs; the routing between them is counted by what it does.

        Per routing a softmax over the capsules for each one below (equation 3), the sums Σ c·û (equation 2), and the
        squash s·|s|/(1 + |s|²) (equation 1); in all but the last the agreements û·v, added to what is there.
        """
        below, dim = single(inputs)
        numbers, pairs = self.capsules * self.dim, self.capsules * below
        terms = pairs * self.dim
        squash = Operations(multiply=2 * numbers, add=numbers, sqrt=self.capsules, divide=self.capsules)
        routing = softmax(pairs, below) + Operations(multiply=terms) + cost_of_sums(terms, numbers) + squash
        agreements = Operations(multiply=terms, add=terms).times(self.routings - 1)
        return Operations(mac=terms * dim) + routing.times(self.routings) + agreements

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input for the weights' gradient; the predictions; of every routing its tensors, as autograd meets them.

        Per routing: the couplings, the sum s, |s|, s·|s| and 1 + |s|²; and v in all but the last. For the input's
        gradient a copy of the weights in the order of the product.
        """
        below, dim = single(inputs)
        numbers, pairs = self.capsules * self.dim, self.capsules * below
        routing = self.routings * (pairs + 2 * numbers + 2 * self.capsules) + (self.routings - 1) * numbers
        own = [SavedTensor(routing, "routing")]
        if not is_one(self.routings):
            own.append(SavedTensor(pairs * self.dim, "predictions"))
        if wanted.any_input and not any(map(is_one, (self.capsules, self.dim, below))):
            own.append(SavedTensor(pairs * self.dim * dim, "weights in another order", each=False))
        return input_if(wanted.weights).and_own(*own)

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """All elements."""
        return everything(single(inputs))


def axis_index(kind: str, axis: str | None, shape: Shape) -> int:
    """The index of the axis that a vector layer acts on; anything but a vector needs an explicit axis."""
    if len(shape) == 1:
        return 0
    if axis is None:
        raise LayerError(f"{kind} needs a vector, got {text(shape)}", hint=_axis_hint(shape))
    return 0 if axis == "channels" else len(shape) - 1


def _axis_hint(shape: Shape) -> str:
    """The two axes that a layer may act on, with their sizes; the last one first for a list of tokens."""
    channels, last = f"`axis: channels` ({shape[0]})", f"`axis: last` ({shape[-1]})"
    if len(shape) == 2:
        return f"set {last} or {channels}, or put `flatten` before it"
    return f"put `flatten` before it, or set {channels} or {last}"
