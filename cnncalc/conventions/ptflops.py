"""ptflops 0.7.5: hooks on the exact type of a module, and patched functions besides (`pytorch_ops.py`).

The modules call those functions, so ReLU, PReLU, ELU, GELU, every pooling and Upsample count twice; ReLU6 and
LeakyReLU, whose modules call others, once. `ptflops-nofunc` is `count_functional=False`; `ptflops-aten` the other
backend: matrix products and convolutions with their biases.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.conventions.attention import attending
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.recurrent import forward, stored
from cnncalc.conventions.rules import (
    Rule,
    biased,
    entering,
    hooked,
    leaving,
    macs,
    merging,
    normalizing,
    nothing,
    patched,
    rules,
)
from cnncalc.symbolic import Size

ELEMENTWISE = (10, 7, 1)  # per element of the state: lstm, gru, rnn


def lrn(call: Call) -> Size:
    """F.local_response_norm calls mul, mul and add, and pools over the channels padded by n − 1: 4x + (n − 1)·x/C."""
    window: Size = call.layer.size
    return 4 * call.x + (window - 1) * (call.x // call.channels)


def _fused_lstm(call: Call) -> Size | None:
    """0 where oneDNN computes it; projected, its products and biases."""
    return stored()(call) if call.layer.projects else 0


def _either(call: Call) -> Size:
    return call.x if call.patched else 0


def _table(functions: bool) -> Mapping[str, Rule]:
    def also(rule: Rule) -> Rule:
        return patched(rule) if functions else nothing

    def both(rule: Rule) -> Rule:
        return lambda call: _sum(hooked(rule)(call), also(rule)(call))

    def function(rule: Rule) -> Rule:
        return lambda call: also(rule)(call) if call.written == "functional" else 0

    return rules(
        (hooked(biased), "CONVS linear"),
        (hooked(normalizing(2, 1)), "batchnorm instancenorm groupnorm"),
        (hooked(forward(ELEMENTWISE)), "RECURRENT"),
        (nothing, "unfold fold blurpool std_conv"),
        (hooked(entering()), "layernorm leaky_relu"),
        (both(entering()), "relu prelu elu gelu POOLS ADAPTIVE"),
        (_either if functions else hooked(entering()), "relu6"),
        (also(entering()), "silu softmax"),
        (both(leaving()), "upsample"),
        (also(lrn), "lrn"),
        (function(leaving()), "add multiply"),
        (function(macs), "matmul"),
        (attending(nothing, nothing, plain=True), "attention"),
        (function(merging(leaving(), leaving())), "TENSORS"),
        (nothing, "TRIED log_softmax selu celu hardtanh abs SMOOTH MOVES subtract concat mean l2norm dropout"),
    )


def _sum(one: Size | None, other: Size | None) -> Size | None:
    return None if one is None or other is None else one + other


PTFLOPS = Convention("ptflops", "0.7.5", "MACs", _table(functions=True))
MODULES = Convention("ptflops-nofunc", "0.7.5", "MACs", _table(functions=False))
ATEN = Convention(
    "ptflops-aten",
    "0.7.5",
    "MACs",
    rules(
        (biased, "CONVS linear"),
        (macs, "matmul"),
        (attending(nothing, macs, turned=True), "attention"),
        (_fused_lstm, "lstm"),
        (stored(), "gru rnn"),
        (macs, "blurpool"),
        (biased, "std_conv"),
        (nothing, "unfold fold"),
        (nothing, "TRIED NORMS POOLS ADAPTIVE ACTIVATIONS SOFTMAXES JOINED MOVES"),
        (nothing, "upsample dropout lrn mean lppool l2norm scale subsample rbf TENSORS"),
    ),
)
