"""Traces LSTM, GRU and RNN, and the operators around them that see the steps before the batch.

ONNX has a sequence as [steps, batch, channels], and our layers as [channels, steps]. A tensor that a recurrent operator
reads or makes carries its order (`Tensor.axes`): for every axis that ONNX sees, ours, with 0 for the batch and SPLIT
for the directions, which are part of our channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cnncalc.importers.onnx.known import known_shapes
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Handler, Tracing
from cnncalc.layers import LAYERS

SPLIT = -1
STEPS_FIRST = (2, 0, 1)  # [steps, batch, channels], and of a state [layers, batch, size]
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
KINDS = {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn"}
USUAL = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
RESET_FIRST = "the reset gate acts before the product with the state, in our layer after it; its cost is the same"


def recurrent(op: Op, trace: Tracing) -> list[Tensor]:
    """LSTM, GRU, RNN: one layer, with the states that are read as its further outputs."""
    kind = KINDS[op.kind]
    entering = _sequence(op, trace)
    arguments, weights = _fields(op, entering.sample[0])
    made = trace.layer(op, kind, arguments, [entering], weights)
    if op.kind == "GRU" and not op.get("linear_before_reset", 0):
        trace.notes.append(f"GRU '{op.name}': {RESET_FIRST}")
    node = trace.nodes[-1]
    steps = node.output[1]
    directions = 2 if arguments["bidirectional"] else 1
    hidden: Any = arguments["hidden_size"]
    shape: tuple[Any, ...] = (steps, directions, trace.batch, hidden)
    order: tuple[int, ...] = (2, SPLIT, 0, 1)
    if op.get("layout", 0):
        shape, order = (trace.batch, steps, directions, hidden), (0, 2, SPLIT, 1)
    outputs = [replace(made, name=op.makes[0], shape=shape, axes=order)]
    layer = LAYERS[kind].make(arguments, 1)
    for name, output in zip(op.makes[1:], layer.further([entering.sample], node.output), strict=False):
        size, count = layer.further([entering.sample], node.output)[output]
        state: tuple[Any, ...] = (count, trace.batch, size)
        axes: tuple[int, ...] = STEPS_FIRST
        if op.get("layout", 0):
            state, axes = (trace.batch, count, size), (0, 2, 1)
        if name:
            node = node._replace(further={**node.further, output: (size, count)})
        outputs.append(Tensor(name, state, node=f"{node.name}.{output}", axes=axes))
    trace.emission.nodes[node.name] = node
    trace.emission.paths[node.name] = op.scope
    return outputs


def _sequence(op: Op, trace: Tracing) -> Tensor:
    """What a recurrent operator reads, as [channels, steps]."""
    x = op.data()
    order = x.axes or ((1, 0, 2) if x.batch_axis == 1 else (0, 1, 2))
    if len(order) != 3:
        raise UnsupportedError("it does not read a sequence")
    steps, channels = (order[1], order[2]) if op.get("layout", 0) else (order[0], order[2])
    wanted = order[0] == 0 if op.get("layout", 0) else order[1] == 0
    if not wanted:
        raise UnsupportedError("the batch is not where it should be")
    shape: Any = x.shape
    sizes = dict(zip(order, shape, strict=True))
    plain = replace(x, shape=(trace.batch, sizes[1], sizes[2]), axes=None, batch_axis=0)
    if (channels, steps) == (1, 2):
        return plain
    return trace.layer(replace(op, makes=()), "permute", {"dims": [channels, steps]}, [plain])


def _fields(op: Op, channels: Any) -> tuple[dict[str, object], dict[str, Any]]:  # noqa: ANN401
    direction = op.get("direction", "forward")
    activations: list[str] = list(op.get("activations", []))
    biases = op.optional(3)
    directions = 2 if direction == "bidirectional" else 1
    usual = USUAL[op.kind] * directions
    relu = op.kind == "RNN" and activations == ["Relu"] * directions
    if direction == "reverse":
        raise UnsupportedError("it runs from the last step to the first alone")
    if activations and activations != usual and not relu:
        raise UnsupportedError(f"its functions are {', '.join(map(str, activations))}")
    if op.optional(7) is not None or op.get("clip", 0) or op.get("input_forget", 0):
        raise UnsupportedError("it has peepholes, a clip, or coupled gates")
    if op.optional(4) is not None or not all(map(_is_zero, (op.optional(5), op.optional(6)))):
        raise UnsupportedError("it is given lengths of sequences, or a state to start from")
    rows, hidden = (op.weight(2).shape or ())[1:]
    if rows != GATES[op.kind] * hidden or (op.weight(1).shape or ())[1:] != (rows, channels):
        raise UnsupportedError("its weights do not fit")
    weights: dict[str, Any] = {}
    for suffix in ("", "_reverse")[:directions]:
        weights |= {f"weight_ih_l0{suffix}": (rows, channels), f"weight_hh_l0{suffix}": (rows, hidden)}
        if biases is not None:
            weights |= {f"bias_ih_l0{suffix}": (rows,), f"bias_hh_l0{suffix}": (rows,)}
    fields: dict[str, object] = {"hidden_size": hidden, "bias": biases is not None, "bidirectional": directions == 2}
    return fields | ({"nonlinearity": "relu"} if relu else {}), weights


def _is_zero(state: Tensor | None) -> bool:
    return state is None or (state.constant and (state.spelt_out(0) or not state.learnt))


def turn(op: Op, trace: Tracing) -> Tensor:
    """Transpose: the same layer in another order; a `permute` where the batch is back in front."""
    x = op.data()
    shape: Any = x.shape
    order = x.axes or tuple(range(len(shape)))
    perm = op.whole("perm", range(len(shape))[::-1])
    return _settle(op, trace, x, [shape[axis] for axis in perm], tuple(order[axis] for axis in perm))


def _settle(op: Op, trace: Tracing, x: Tensor, shape: Sequence[Any], order: tuple[int, ...]) -> Tensor:
    """The tensor in this order; with the batch in front, as our layers have it."""
    if order[0] != 0 or SPLIT in order:
        return replace(x, name=op.makes[0], shape=tuple(shape), axes=order)
    plain = _plain(replace(x, shape=tuple(shape), axes=order), trace)
    if order == tuple(range(len(order))):
        return replace(plain, name=op.makes[0])
    return trace.layer(op, "permute", {"dims": list(order[1:])}, [plain])


def join_directions(op: Op, trace: Tracing) -> Tensor:
    """Squeeze or Reshape that puts the directions back into the channels."""
    x, order = op.data(), op.data().axes or ()
    shape: Any = x.shape
    if order == STEPS_FIRST and op.kind == "Squeeze" and shape[0] == 1:
        return trace.layer(op, "flatten", {}, [_plain(x, trace)])
    place = order.index(SPLIT) if SPLIT in order else -1
    rest = tuple(axis for axis in order if axis != SPLIT)
    joined = [size for axis, size in zip(order, shape, strict=True) if axis != SPLIT]
    if place < 0 or (shape[place] != 1 and order[place + 1 : place + 2] != (1,)):
        raise UnsupportedError("the batch is not its first axis")
    joined[rest.index(1)] = joined[rest.index(1)] * shape[place]
    (target, *_) = known_shapes(op) or [None]
    if target is None or list(target) != joined:
        raise UnsupportedError("the batch is not its first axis")
    return _settle(op, trace, x, joined, rest)


def pick(op: Op, trace: Tracing) -> Tensor:
    """Gather of one step, or of one state: `slice` and `flatten`."""
    x, index = op.data(), op.tensor(1)
    if x.axes != STEPS_FIRST or op.get("axis", 0) % 3 or index.shape not in ((), None) or index.value is None:
        raise UnsupportedError("the batch is not its first axis")
    at = int(index.value.flat[0])
    arguments = {"dim": 2, "start": at} if at == -1 else {"dim": 2, "start": at, "end": at + 1}
    part = trace.layer(replace(op, makes=()), "slice", arguments, [_plain(x, trace)])
    return trace.layer(op, "flatten", {}, [part])


def linear(op: Op, trace: Tracing) -> Tensor:
    """MatMul by a constant (`linear` of the patterns has a bias): over the channels, whatever the order is."""
    x, weight = op.data(), op.weight(1)
    rows, *columns = weight.shape or (0,)
    if x.axes != STEPS_FIRST or len(columns) != 1:
        raise UnsupportedError("the batch is not its first axis")
    bias = op.kind == "linear"
    weights: dict[str, Any] = {"weight": (columns[0], rows), **({"bias": (columns[0],)} if bias else {})}
    arguments = {"out_features": columns[0], "bias": bias, "axis": "channels"}
    made = trace.layer(op, "linear", arguments, [_plain(x, trace)], weights)
    return replace(made, shape=(made.sample[1], trace.batch, made.sample[0]), axes=STEPS_FIRST)


def _plain(x: Tensor, trace: Tracing) -> Tensor:
    """The same tensor as our layers have it."""
    shape: Any = x.shape
    sizes = dict(zip(x.axes or (), shape, strict=True))
    return replace(x, shape=(trace.batch, *(sizes[axis] for axis in range(1, len(sizes)))), axes=None, batch_axis=0)


def concat(op: Op, trace: Tracing) -> Tensor:
    """Concat of tensors in one order: the states of a stack of layers."""
    inputs = [op.tensor(number) for number in range(len(op.inputs))]
    orders = {tensor.axes for tensor in inputs}
    order = orders.pop() or ()
    axis = op.get("axis", 0) % max(1, len(order))
    if orders or SPLIT in order or not order or order[axis] == 0 or any(tensor.constant for tensor in inputs):
        raise UnsupportedError("the batch is not its first axis")
    made = trace.layer(op, "concat", {"dim": order[axis]}, [_plain(tensor, trace) for tensor in inputs])
    sizes = dict(enumerate((trace.batch, *made.sample)))
    return replace(made, shape=tuple(sizes[each] for each in order), axes=order)


RECURRENT: Mapping[str, Handler] = dict.fromkeys(GATES, recurrent)
TURNED: Mapping[str, Handler] = {
    **RECURRENT,
    "Transpose": turn,
    "Squeeze": join_directions,
    "Reshape": join_directions,
    "Concat": concat,
    "Gather": pick,
    "MatMul": linear,
    "linear": linear,
}
