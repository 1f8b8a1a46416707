"""Keras's `model.summary()`, which counts no operations but parameters: all, or those that are trained.

All include the moving statistics of a batch normalization, but not PyTorch's counter of batches. An LSTM and a simple
RNN have one bias per gate, where PyTorch has two. A layer that is called several times counts once.

Source: Keras 3.15.1, layers/layer.py (count_params) and utils/summary_utils.py.
"""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.layers import LAYERS
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size

COUNTER = "num_batches_tracked"
ONE_BIAS = ("lstm", "rnn")
KINDS = [kind for kind in LAYERS if kind not in ("capsule", "rbf", "subsample")]  # of which Keras has nothing


def _trained(call: Call) -> Size | None:
    """The trainable parameters; 0 if they are frozen."""
    return 0 if call.node.frozen else _weights(call)


def _total(call: Call) -> Size | None:
    """The parameters, and what is stored besides; a batchnorm whose momentum is 0 is Keras's Normalization, which
    stores a count too.
    """
    weights = _weights(call)
    counter = call.node.kind == "batchnorm" and call.layer.momentum == 0
    stored = [numel(shape) for name, shape in call.node.buffers.items() if name != COUNTER or counter]
    return None if weights is None else weights + sum(stored)


def _weights(call: Call) -> Size | None:
    if call.node.kind == "unknown" and call.layer.params is None:
        return None
    left_out = "bias_hh" if call.node.kind in ONE_BIAS else COUNTER
    return sum(numel(shape) for name, shape in call.node.weights.items() if not name.startswith(left_out))


TOTAL = Convention("keras", "3.15.1", "parameters", dict.fromkeys(KINDS, _total), latest=True)
TRAINABLE = Convention("keras-trainable", "3.15.1", "trainable parameters", dict.fromkeys(KINDS, _trained), latest=True)
