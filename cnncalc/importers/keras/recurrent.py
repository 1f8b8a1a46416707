"""Recurrent layers. Without biases, or with two per gate, they are ours; with one, `unknown` with known numbers.

Parameters and MACs: Keras, layers/rnn/lstm.py, gru.py, simple_rnn.py, conv_lstm.py (build and call of the cells).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cnncalc.importers.keras.config import Config, shown
from cnncalc.importers.keras.model import KerasLayer, nested_model
from cnncalc.importers.keras.sliding import is_last, kernel_of
from cnncalc.importers.keras.tracing import Handler, Tracing
from cnncalc.importers.keras.values import Shape, Step, UnsupportedError, Value, product
from cnncalc.layers.padding import same_padding
from cnncalc.layers.window import Window
from cnncalc.symbolic import Size

GATES = {"LSTM": 4, "CuDNNLSTM": 4, "GRU": 3, "CuDNNGRU": 3, "SimpleRNN": 1}
TWO_STATES = frozenset({"LSTM", "CuDNNLSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
KINDS = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}
WHY = "no equivalent layer: its weights are not PyTorch's"


class Cell(NamedTuple):
    """What a recurrent layer is: the shape of its state, its parameters and its MACs over all steps."""

    state: Shape
    params: Size
    macs: Size | None


def recurrent(step: Step, trace: Tracing) -> list[Value]:
    """LSTM, GRU, SimpleRNN, ConvLSTM: the last output, or one per step, and the last states where asked for."""
    if (exact := _exact(step, trace)) is not None:
        return exact
    cell = CELLS[step.kind](step, trace)
    steps = steps_of(step)
    made = [trace.add_unknown(step, UnsupportedError(WHY, (*steps, *cell.state), cell.params, cell.macs))]
    if step.config.flag("return_state", default=False):
        made += states_of(step, trace, step.kind, cell.state, 1)
    return made


def _exact(step: Step, trace: Tracing, both: bool = False) -> list[Value] | None:
    """The outputs of an `lstm`, `gru` or `rnn` of ours, in `both` directions; None if it is another layer.

    A state is [size, directions] here, and [size] in Keras, one direction after the other.
    """
    config, kind = step.config, step.kind.removeprefix("CuDNN")
    twice = step.kind.startswith("CuDNN") or (kind == "GRU" and config.flag("reset_after", default=False))
    biased = config.flag("use_bias", default=True)
    if kind not in KINDS or (biased and not twice) or (kind == "GRU" and not twice) or not _is_usual(step):
        return None
    if step.first.rank != 2 or config.flag("stateful", default=False):
        return None
    arguments: dict[str, object] = {"hidden_size": config.count("units", "output_dim"), "bias": biased}
    if both:
        arguments["bidirectional"] = True
    if kind == "SimpleRNN" and _word(step, "activation", "tanh") == "relu":
        arguments["nonlinearity"] = "relu"
    every = config.flag("return_sequences", default=False)
    value = trace.add(step, KINDS[kind], arguments, trace.in_form(step, step.first, True), moved=True)
    states = ["h_n", "c_n"] if kind == "LSTM" else ["h_n"]
    kept = config.flag("return_state", default=False)
    read = states if kept else [] if every else ["h_n"]
    made = {name: _flat(step, trace, trace.further(value, name)) for name in read}
    first = value if every else made["h_n"]
    return [first, *(made[name] for name in states)] if kept else [first]


def _mirrors(one: Step, other: object) -> bool:
    """Whether the layer that runs backwards, where the file states it, is of the same weights and functions."""
    if not isinstance(other, dict):
        return other is None
    inner, own = other.get("config"), one.config.values
    same = ("units", "activation", "recurrent_activation", "use_bias", "reset_after")
    return (
        other.get("class_name") == one.kind
        and isinstance(inner, dict)
        and all(inner.get(name) == own.get(name) for name in same)
    )


def _is_usual(step: Step) -> bool:
    """Whether its functions are PyTorch's, and it runs from the first step to the last."""
    config = step.config
    fixed = ("go_backwards", "unroll_backwards", "time_major")
    usual = ("tanh", "relu") if step.kind == "SimpleRNN" else ("tanh",)
    return (
        _word(step, "activation", "tanh") in usual
        and _word(step, "recurrent_activation", "sigmoid") == "sigmoid"
        and not any(config.values.get(name) for name in fixed)
    )


def _word(step: Step, name: str, default: str) -> str:
    """The name of a function that is a field; default where it is not given."""
    given = step.config.values.get(name, default)
    if isinstance(given, dict):
        inner = given.get("config")
        given = inner if isinstance(inner, str) else given.get("class_name")
    return str(given).rpartition(".")[2].lower()


def _flat(step: Step, trace: Tracing, state: Value) -> Value:
    if state.ours[1] == 2:
        state = trace.add(step, "permute", {"dims": [2, 1]}, state, moved=True)
    return trace.add(step, "flatten", {}, state, moved=False)


def bidirectional(step: Step, trace: Tracing) -> list[Value]:
    """Bidirectional: both directions, joined; twice the weights and the MACs of one."""
    one = inner_step(step)
    if one.kind not in CELLS:
        raise UnsupportedError(f"of {shown(one.kind)}")
    mode, states = step.config.values.get("merge_mode", "concat"), one.config.flag("return_state", default=False)
    alike = _mirrors(one, step.config.values.get("backward_layer"))
    if mode == "concat" and not states and alike and (exact := _exact(one, trace, both=True)) is not None:
        return exact
    cell = CELLS[one.kind](one, trace)
    state = (*cell.state[:-1], cell.state[-1] * 2) if mode == "concat" else cell.state
    macs = None if cell.macs is None else 2 * cell.macs
    shape = (*steps_of(one), *state)
    made = [trace.add_unknown(step, UnsupportedError(WHY, shape, 2 * cell.params, macs))]
    if mode is None:
        made.append(trace.add_unknown(step, UnsupportedError(WHY, shape, 0, 0)))
    if states:
        made += states_of(step, trace, one.kind, cell.state, 2)
    return made


def states_of(step: Step, trace: Tracing, kind: str, state: Shape, directions: int) -> list[Value]:
    """The last states of a layer that is not ours."""
    count = directions * (2 if kind in TWO_STATES else 1)
    return [trace.add_unknown(step, UnsupportedError(WHY, state, 0, 0)) for _ in range(count)]


def steps_of(step: Step) -> Shape:
    """The axis of the steps, where a layer returns every output."""
    return (step.first.shape[0],) if step.config.flag("return_sequences", default=False) else ()


def _vectors(step: Step, trace: Tracing) -> Cell:
    value, units = step.first, step.config.count("units", "output_dim")
    if value.rank != 2:
        step.refuse(f"it needs steps and features, got {value.rank} axes without the batch")
    length, features = value.shape
    weights = GATES[step.kind] * units * (features + units)
    macs = weights * length if isinstance(length, int) else None
    return Cell((units,), weights + biases_of(step, GATES[step.kind] * units), macs)


def biases_of(step: Step, size: int) -> int:
    """The number of biases: twice as many where a GRU resets after the product, and in layers for cuDNN."""
    if not step.config.flag("use_bias", default=True):
        return 0
    twice = step.kind.startswith("CuDNN") or (step.kind == "GRU" and step.config.flag("reset_after", default=False))
    return size * (2 if twice else 1)


def _maps(step: Step, trace: Tracing) -> Cell:
    """An LSTM whose products are convolutions."""
    config, rank, value = step.config, step.axes, step.first
    if value.rank != rank + 2:
        step.refuse(f"it needs steps and a map of {rank} axes, got {value.rank} axes without the batch")
    last, filters = is_last(step, trace), config.count("filters", "nb_filter")
    length, *inner = value.shape
    channels, sizes = (inner[-1], inner[:-1]) if last else (inner[0], inner[1:])
    kernel = kernel_of(step)
    stride, dilation = (config.sizes(name, rank=rank, default=1) for name in ("strides", "dilation_rate"))
    way = config.word("padding", "border_mode", default="valid", among=("valid", "same"))
    outs = []
    for size, window, pace, holes in zip(sizes, kernel, stride, dilation, strict=True):
        low, high = same_padding(size, window, pace, holes) if way == "same" else (0, 0)
        outs.append(Window(size, window, pace, low, high, holes).out)
    state = (*outs, filters) if last else (filters, *outs)
    weights = product(kernel) * 4 * filters * (channels + filters)
    bias = 4 * filters if config.flag("use_bias", default=True) else 0
    macs = weights * product(outs) * length
    return Cell(state, weights + bias, macs if isinstance(macs, int) else None)


def inner_step(step: Step) -> Step:
    """Return the call of the layer that a wrapper holds, on the same tensors."""
    outer, name = step.config, "layer" if "layer" in step.config.values else "forward_layer"
    values = outer.values.get(name)
    if not isinstance(values, dict):
        outer.expect("a layer", name)
    path = (*outer.path, name)
    around = Config(outer.document, path, values, outer.who)
    inner = values.get("config")
    config = Config(outer.document, (*path, "config"), inner if isinstance(inner, dict) else {}, outer.who)
    layer = KerasLayer(step.layer.name, around.word("class_name"), config, around, inner=nested_model(around))
    return Step(layer, step.scope, step.inputs, step.args, step.options, step.frozen or not layer.trainable)


CELLS: Mapping[str, Callable[[Step, Tracing], Cell]] = {
    **dict.fromkeys(GATES, _vectors),
    **{f"ConvLSTM{rank}D": _maps for rank in "123"},
}
RECURRENT: Mapping[str, Handler] = {**dict.fromkeys(CELLS, recurrent), "Bidirectional": bidirectional}
"""Class → how it is traced."""
