"""Recurrent layers, which read a sequence step by step: lstm, gru, rnn.

A sequence is a map with one spatial axis, [channels, steps]. Parameters, their names and the equations are those of
PyTorch's `nn.LSTM`, `nn.GRU` and `nn.RNN`, which have two biases. Every sequence starts from a state of zeros.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Choice, Count, Flag, Number
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, single, text
from cnncalc.layers.memory_order import Order, Orders, make_order
from cnncalc.layers.operations import Operations
from cnncalc.layers.ranges import ANY, ONE, POSITIVE, Range
from cnncalc.layers.reading import PAST, WHOLE, Axis, Route, Routes
from cnncalc.layers.routes import everything
from cnncalc.layers.saved import Saved, Wanted
from cnncalc.limits import MOST_STACKED
from cnncalc.symbolic import Size

SIGMOID = Operations(exp=1, add=1, divide=1)
TANH = Operations(tanh=1)
BOUNDED = Range(-ONE, ONE)


class _Recurrent(Layer):
    """Base class: `num_layers` cells, each over the whole sequence, in one direction or in both."""

    natural: ClassVar[str | None] = "hidden_size"
    positions: ClassVar[Positions] = "kept"
    hides_gradient: ClassVar[bool] = True
    gates: ClassVar[int]  # rows of the matrices per element of the state
    step: ClassVar[Operations]  # per element of the state and step, without products and biases
    states: ClassVar[tuple[str, ...]] = ("h_n",)

    hidden_size: Size = arg(Count("number of elements of the state, per direction"))
    num_layers: Size = arg(Count("number of layers; each reads the output of the one below"), 1)
    bias: bool = arg(Flag("two trainable constants per row of the matrices"), True)
    dropout: int | Fraction = arg(Number("probability of dropping an element between two layers, in training", 0, 1), 0)
    bidirectional: bool = arg(Flag("also from the last step to the first; the two outputs are concatenated"), False)

    @property
    def directions(self) -> int:
        """1, or 2 in both directions."""
        return 2 if self.bidirectional else 1

    @property
    def leaving(self) -> Size:
        """Channels that leave per direction: the size of h."""
        return self.hidden_size

    @property
    def drops(self) -> bool:
        """Whether elements are dropped between its layers."""
        return self.dropout > 0 and self._count() > 1

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[directions·size of h, steps]."""
        shape = single(inputs)
        if len(shape) != 2:
            hint = "put `flatten: {start_dim: 2}` before it" if len(shape) > 2 else None
            raise LayerError(f"{self.kind} needs a sequence [channels, steps], got {text(shape)}", hint=hint)
        if not isinstance(self.num_layers, int):
            raise _wrong_number("a plain number", self.num_layers)
        if self.num_layers > MOST_STACKED:
            raise _wrong_number(f"at most {MOST_STACKED:,}", self.num_layers)
        return (self.directions * self.leaving, shape[1])

    def further(self, inputs: Sequence[Shape], output: Shape) -> Mapping[str, Shape]:
        """The last states, [size, layers·directions]: h_n, and the cells' c_n where they have one."""
        count = self._count() * self.directions
        sizes = {"h_n": self.leaving, "c_n": self.hidden_size}
        return {name: (sizes[name], count) for name in self.states}

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """Per layer and direction, as PyTorch names and orders them."""
        weights: Weights = {}
        channels = single(inputs)[0]
        for number in range(self._count()):
            for suffix in ("", "_reverse")[: self.directions]:
                weights |= self._cell(channels, f"l{number}{suffix}")
            channels = self.directions * self.leaving
        return weights

    def _cell(self, channels: Size, place: str) -> Weights:
        rows = self.gates * self.hidden_size
        cell: Weights = {f"weight_ih_{place}": (rows, channels), f"weight_hh_{place}": (rows, self.leaving)}
        if self.bias:
            cell |= {f"bias_ih_{place}": (rows,), f"bias_hh_{place}": (rows,)}
        return cell

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per step, layer and direction: the products, both biases, and the elementwise operations of the cell."""
        channels, steps = single(inputs)
        cells = self._count() * self.directions
        above = (cells - self.directions) * self.products(self.directions * self.leaving)
        macs = self.directions * self.products(channels) + above
        biases = cells * 2 * self.gates * self.hidden_size if self.bias else 0
        return (Operations(mac=macs, add=biases) + self._elementwise().times(cells * self.hidden_size)).times(steps)

    def products(self, channels: Size) -> Size:
        """MACs of one cell and step that reads this many channels."""
        return self.gates * self.hidden_size * (channels + self.leaving)

    def _elementwise(self) -> Operations:
        return self.step

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved | None:
        """Unknown: it depends on the kernels.

        oneDNN saves a workspace and cuDNN a reserve space, both of sizes that only the library knows; PyTorch's own
        kernels save each step's tensors, and others on a GPU.
        """
        return None

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Step i reads the steps 0 … i, and in both directions all."""
        return everything(single(inputs)) if self.bidirectional else (Route(0, (WHOLE, Axis(PAST, 1))),)

    def range(self, entering: Sequence[Range]) -> Range:
        """From −1 to 1: products and means of sigmoid and tanh."""
        return BOUNDED

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """The kernels write step by step: the steps outermost, then the batch, then the channels."""
        return make_order((2, 0, 1))

    def _count(self) -> int:
        assert isinstance(self.num_layers, int)  # checked by `output`
        return self.num_layers


class Lstm(_Recurrent):
    """Long short-term memory over a sequence (Hochreiter, Schmidhuber, 1997).

    i, f, o = σ(W·x + b + U·h + c), g = tanh(…); c′ = f·c + i·g; h′ = o·tanh(c′), or W_hr·(o·tanh(c′)) if projected
    (Sak, Senior, Beaufays, arXiv:1402.1128).
    """

    kind: ClassVar[str] = "lstm"
    gates: ClassVar[int] = 4
    step: ClassVar[Operations] = SIGMOID.times(3) + TANH.times(2) + Operations(multiply=3, add=1)
    states: ClassVar[tuple[str, ...]] = ("h_n", "c_n")

    proj_size: Size = arg(Count("size to which h is projected; 0: not at all", 0), 0)

    @property
    def projects(self) -> bool:
        """Whether h is projected."""
        return not (isinstance(self.proj_size, int) and self.proj_size == 0)

    @property
    def leaving(self) -> Size:
        """Channels that leave per direction: the size of h."""
        return self.proj_size if self.projects else self.hidden_size

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[directions·size of h, steps]."""
        if self.projects:
            require(self.proj_size >= 1, partial(_projection, self))
            require(self.proj_size < self.hidden_size, partial(_projection, self))
        return super().output(inputs, require)

    def products(self, channels: Size) -> Size:
        """MACs of one cell and step, the projection included."""
        return super().products(channels) + (self.proj_size * self.hidden_size if self.projects else 0)

    def range(self, entering: Sequence[Range]) -> Range:
        """From −1 to 1; projected, any number."""
        return ANY if self.projects else BOUNDED

    def _cell(self, channels: Size, place: str) -> Weights:
        cell = super()._cell(channels, place)
        return cell | {f"weight_hr_{place}": (self.proj_size, self.hidden_size)} if self.projects else cell


class Gru(_Recurrent):
    """Gated recurrent units over a sequence (Cho et al., arXiv:1406.1078).

    r, z = σ(W·x + b + U·h + c); n = tanh(W·x + b + r·(U·h + c)); h′ = (1 − z)·n + z·h, as PyTorch and cuDNN have it.
    """

    kind: ClassVar[str] = "gru"
    gates: ClassVar[int] = 3
    step: ClassVar[Operations] = SIGMOID.times(2) + TANH + Operations(multiply=3, add=3)


class Rnn(_Recurrent):
    """A plain recurrent layer over a sequence: h′ = tanh(W·x + b + U·h + c), or with relu (Elman, 1990)."""

    kind: ClassVar[str] = "rnn"
    gates: ClassVar[int] = 1

    nonlinearity: str = arg(Choice("function of the sum", ("tanh", "relu")), "tanh")

    def _elementwise(self) -> Operations:
        return TANH if self.nonlinearity == "tanh" else Operations(compare=1)

    def range(self, entering: Sequence[Range]) -> Range:
        """From −1 to 1; with relu, from 0."""
        return BOUNDED if self.nonlinearity == "tanh" else POSITIVE


def _wrong_number(expected: str, number: Size) -> LayerError:
    return LayerError(f"num_layers: expected {expected}, got {number}", field="num_layers")


def _projection(layer: Lstm) -> LayerError:
    message = f"lstm: proj_size (={layer.proj_size}) must be smaller than hidden_size (={layer.hidden_size})"
    return LayerError(message, field="proj_size")
