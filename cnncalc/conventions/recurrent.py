"""Rules for recurrent layers, in which W and b are the elements of matrices and biases, and H that of the state.

Each tool adds some elementwise operations per cell, a layer in one direction: `extra` times H.
"""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.rules import Rule
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


def stored(extra: tuple[int, int, int] = (0, 0, 0)) -> Rule:
    """W + b per step, projections included, and `extra` for lstm, gru and rnn."""
    return lambda call: (call.params + _cells(call) * _extra(call, extra)) * _steps(call)


def forward(extra: tuple[int, int, int], factor: int = 1, less: int = 0) -> Rule:
    """factor·W + b + extra − less·(rows of W) per step, for the forward direction, twice if there are two.

    Projections are left out.
    """

    def rule(call: Call) -> Size:
        number: Size = 0
        for name, shape in call.node.weights.items():
            if name.startswith("weight_") and not name.startswith("weight_hr") and not name.endswith("_reverse"):
                number = number + factor * numel(shape) - less * shape[0]
            elif name.startswith("bias_") and not name.endswith("_reverse"):
                number = number + numel(shape)
        directions = call.layer.directions
        count: Size = (directions * number + _cells(call) * _extra(call, extra)) * _steps(call)
        return count

    return rule


def unprojected(extra: tuple[int, int, int]) -> Rule:
    """W + b + extra per step, as if nothing were projected."""

    def rule(call: Call) -> Size:
        layer, biases = call.layer, 2 if call.layer.bias else 0
        rows, channels = layer.gates * layer.hidden_size, _read(call, layer.hidden_size)
        cells = _cells(call)
        matrices = rows * (channels + cells * layer.hidden_size)
        count: Size = (matrices + cells * (biases * rows + _extra(call, extra))) * _steps(call)
        return count

    return rule


def narrow(call: Call) -> Size:
    """W per step, with every matrix as narrow as the projection."""
    layer = call.layer
    width: Size = layer.leaving
    rows: Size = layer.gates * width
    return rows * (_read(call, width) + _cells(call) * width) * _steps(call)


def _read(call: Call, width: Size) -> Size:
    """The channels that all cells read, if `width` leave each below."""
    directions, layers = call.layer.directions, call.layer.num_layers
    channels: Size = directions * (call.node.shapes[0][0] + (layers - 1) * directions * width)
    return channels


def _extra(call: Call, extra: tuple[int, int, int]) -> Size:
    times = dict(zip(("lstm", "gru", "rnn"), extra, strict=True))
    size: Size = call.layer.hidden_size
    return times[call.node.kind] * size


def _cells(call: Call) -> Size:
    cells: Size = call.layer.num_layers * call.layer.directions
    return cells


def _steps(call: Call) -> Size:
    return call.node.output[-1]
