"""Darknet's recurrent layers, which are not PyTorch's: their weights and products are counted, their rule is `unknown`.

Source: darknet (AlexeyAB), rnn_layer.c, gru_layer.c, lstm_layer.c, crnn_layer.c, conv_lstm_layer.c.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TypeAlias

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.darknet.sections import Section
from cnncalc.importers.darknet.tracing import Handler, Tracing

Pairs: TypeAlias = "tuple[tuple[int, int], ...]"
REASON = "a recurrent layer of Darknet's own"


def _entering(section: Section, trace: Tracing) -> int:
    sizes = [size for size in trace.shape() if isinstance(size, int)]
    if len(sizes) != len(trace.shape()):
        raise SpecError([Fault(f"[{section.kind}] needs an input of fixed size", section.span)])
    return prod(sizes)


def _connected(section: Section, inputs: int, outputs: int) -> int:
    """The trainable numbers of one product: weights, biases, and the factors of a normalization."""
    return inputs * outputs + outputs * (2 if section.flag("batch_normalize") else 1)


def rnn(section: Section, trace: Tracing) -> None:
    """Three products: input to hidden, hidden to hidden, hidden to output."""
    inputs, hidden, output = _entering(section, trace), section.whole("hidden", 1, 1), section.whole("output", 1, 1)
    pairs = ((inputs, hidden), (hidden, hidden), (hidden, output))
    _leave(section, trace, pairs, output)


def gru(section: Section, trace: Tracing) -> None:
    """Two products for each of two gates and the state."""
    inputs, output = _entering(section, trace), section.whole("output", 1, 1)
    _leave(section, trace, ((inputs, output), (output, output)) * 3, output)


def lstm(section: Section, trace: Tracing) -> None:
    """Two products for each of three gates and the state."""
    inputs, output = _entering(section, trace), section.whole("output", 1, 1)
    _leave(section, trace, ((inputs, output), (output, output)) * 4, output)


def _leave(section: Section, trace: Tracing, pairs: Pairs, output: int) -> None:
    params = sum(_connected(section, *pair) for pair in pairs)
    macs = sum(a * b for a, b in pairs)
    trace.leave(trace.add_unknown(section, REASON, (output,), params=params, macs=macs))


def crnn(section: Section, trace: Tracing) -> None:
    """Three convolutions: input to hidden, with its stride; hidden to hidden; hidden to output."""
    hidden, output = section.whole("hidden", section.whole("hidden_filters", 1, 1), 1), section.whole("output", 1, 1)
    output = section.whole("output_filters", output, 1)
    _leave_maps(section, trace, lambda channels: ((channels, hidden), (hidden, hidden), (hidden, output)), output)


def conv_lstm(section: Section, trace: Tracing) -> None:
    """Two convolutions for each of three gates and the state; with `peephole`, one more for each gate."""
    output = section.whole("output", 1, 1)
    more = 3 if section.flag("peephole") else 0

    def pairs(channels: int) -> Pairs:
        return ((channels, output), (output, output)) * 4 + ((output, output),) * more

    _leave_maps(section, trace, pairs, output)


def _leave_maps(section: Section, trace: Tracing, pairs: Callable[[int], Pairs], output: int) -> None:
    if len(trace.shape()) == 1:  # a vector is a map of one pixel
        trace.leaving[-1] = trace.add(section, "reshape", {"shape": [trace.shape()[0], 1, 1]})
    channels, height, width = trace.channels(section), *trace.shape()[1:]
    if not (isinstance(channels, int) and isinstance(height, int) and isinstance(width, int)):
        raise SpecError([Fault(f"[{section.kind}] needs an input of fixed size", section.span)])
    size, stride, groups = (section.whole(key, 1, 1) for key in ("size", "stride", "groups"))
    padding = size // 2 if section.flag("pad") else section.whole("padding", 0)
    out = [(n + 2 * padding - size) // stride + 1 for n in (height, width)]
    if min(out) < 1:
        raise SpecError([Fault(f"[{section.kind}]: its kernel is larger than the map", section.span)])
    weights = [a * b * size * size // groups for a, b in pairs(channels)]
    biases = sum(b * (2 if section.flag("batch_normalize") else 1) for _, b in pairs(channels))
    macs = sum(weights) * out[0] * out[1]
    trace.leave(trace.add_unknown(section, REASON, (output, *out), params=sum(weights) + biases, macs=macs))


RECURRENT: Mapping[str, Handler] = {
    "rnn": rnn,
    "gru": gru,
    "lstm": lstm,
    "crnn": crnn,
    "conv_lstm": conv_lstm,
}
