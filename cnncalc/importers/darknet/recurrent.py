"""Darknet's recurrent layers, which are not PyTorch's: one step of each is written out, from a state of zeros.

Darknet computes one step after another, and its counts are those of a step. Source: darknet (AlexeyAB), parser.c,
rnn_layer.c, gru_layer.c, lstm_layer.c, crnn_layer.c, conv_lstm_layer.c.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.darknet.sections import Section
from cnncalc.importers.darknet.tracing import CONSTANT, Handler, Tracing
from cnncalc.symbolic import Size

NOTE = "recurrent layers are one step, as Darknet counts them, from a state of zeros"
GATES = "fio"


class Cell:
    """One step of a recurrent section: its products, which are linear layers or convolutions, and its state."""

    def __init__(self, section: Section, trace: Tracing) -> None:
        self.section, self.trace = section, trace
        self.maps = section.kind in ("crnn", "conv_lstm")
        trace.notes[NOTE] = None
        if any(not isinstance(size, int) for size in trace.shape()):
            raise SpecError([Fault(f"[{section.kind}] needs an input of fixed size", section.span)])
        self.entering = self._map() if self.maps else trace.flat(section)

    def _map(self) -> str:
        shape = self.trace.shape()
        if len(shape) == 3:
            return self.trace.running
        return self.trace.add(self.section, "reshape", {"shape": [shape[0], 1, 1]})  # a vector is a map of one pixel

    def add(self, kind: str, *sources: str, **arguments: object) -> str:
        """One of our layers on these tensors."""
        return self.trace.add(self.section, kind, arguments, *sources)

    def product(self, source: str, out: int, *, strided: bool = False, default: str = "linear") -> str:
        """A product with weights of its own: its normalization and the section's activation are part of it."""
        section, normalized = self.section, self.section.flag("batch_normalize")
        if self.maps:
            size, dilation = section.whole("size", 3, 1), section.whole("dilation", 1, 1)
            padding = size // 2 if section.flag("pad") else section.whole("padding", 0)
            arguments: dict[str, object] = {
                "out_channels": out,
                "kernel_size": size,
                "stride": section.whole("stride", 1, 1) if strided else 1,
                "padding": padding * (1 if size == 1 else dilation),
                "dilation": 1 if size == 1 else dilation,
                "groups": section.whole("groups", 1, 1),
                "bias": not normalized,
            }
            made = self.add("conv", source, **arguments)
        else:
            made = self.add("linear", source, out_features=out, bias=not normalized)
        made = self.add("batchnorm", made) if normalized else made
        return self.trace.activate(section, made, default) if default or self.maps else made

    def state(self, like: str, channels: int | None = None) -> str:
        """A state of zeros of the shape of a tensor."""
        shape: list[Size] = list(self.trace.shapes[like])
        shape[0] = shape[0] if channels is None else channels
        return self.add(CONSTANT, shape=shape, value=0)


def rnn(section: Section, trace: Tracing) -> None:
    """rnn and crnn: input to hidden, with its stride; hidden to hidden; their sum to output."""
    cell = Cell(section, trace)
    hidden = section.whole("hidden", section.whole("hidden_filters", 1, 1), 1)
    output = section.whole("output", section.whole("output_filters", 1, 1), 1)
    entering = cell.product(cell.entering, hidden, strided=True, default="logistic")
    state = cell.state(entering)
    summed = cell.add("add", entering, cell.product(state, hidden, default="logistic"))
    if section.flag("shortcut"):
        summed = cell.add("add", summed, state)
    trace.leave(cell.product(summed, output, default="logistic"))


def gru(section: Section, trace: Tracing) -> None:
    """Two products for each of two gates and the state; the reset gate acts before the product."""
    cell, output = Cell(section, trace), section.whole("output", 1, 1)
    inputs = {gate: cell.product(cell.entering, output, default="") for gate in "zrh"}
    state = cell.state(inputs["z"])
    update, reset = (
        cell.add("sigmoid", cell.add("add", inputs[gate], cell.product(state, output, default=""))) for gate in "zr"
    )
    kept = cell.add("multiply", state, reset)
    new = cell.add("sigmoid", cell.add("add", inputs["h"], cell.product(kept, output, default="")))
    rest = cell.add("multiply", new, cell.add("rescale", update, factor=-1, offset=1))
    trace.leave(cell.add("add", cell.add("multiply", state, update), rest))


def lstm(section: Section, trace: Tracing) -> None:
    """lstm and conv_lstm: two products for each of three gates and the state; with `peephole`, one more per gate."""
    if section.flag("bottleneck"):
        _leave_bottleneck(section, trace)
        return
    cell, output = Cell(section, trace), section.whole("output", 1, 1)
    activation = "linear" if cell.maps else ""
    peephole = cell.maps and section.flag("peephole")

    def product(source: str, *, strided: bool = False) -> str:
        return cell.product(source, output, strided=strided, default=activation)

    inputs = {gate: product(cell.entering, strided=True) for gate in "figo"}
    hidden, before = cell.state(inputs["f"]), cell.state(inputs["f"])

    def gate(name: str, seen: str) -> str:
        parts = [inputs[name], product(hidden), *([product(seen)] if peephole else [])]
        return cell.add("sigmoid", cell.add("add", *parts))

    forget, enter = gate("f", before), gate("i", before)
    new = cell.add("tanh", cell.add("add", inputs["g"], product(hidden)))
    after = cell.add("add", cell.add("multiply", forget, before), cell.add("multiply", enter, new))
    leave = gate("o", after)
    trace.leave(cell.add("multiply", leave, cell.add("tanh", after)))


def _leave_bottleneck(section: Section, trace: Tracing) -> None:
    """A conv_lstm with a bottleneck, whose counts were not observed."""
    cell = Cell(section, trace)
    like = trace.shapes[cell.product(cell.entering, section.whole("output", 1, 1), strided=True)]
    trace.leave(trace.add_unknown(section, "an LSTM with a bottleneck", like))


RECURRENT: Mapping[str, Handler] = {
    "rnn": rnn,
    "gru": gru,
    "lstm": lstm,
    "crnn": rnn,
    "conv_lstm": lstm,
}
"""Section → how it is traced."""
