"""ptflops 0.7.5: hooks on the exact type of a module, and patched functions besides (`pytorch_ops.py`).

The modules call those functions, so ReLU, PReLU, ELU, GELU, every pooling and Upsample count twice; ReLU6 and
LeakyReLU, whose modules call others, once. `ptflops-nofunc` is `count_functional=False`; `ptflops-aten` the other
backend: matrix products and convolutions with their biases.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.conventions.attention import attending, by_function, hooked_heads
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.recurrent import forward, stored
from cnncalc.conventions.rules import (
    Rule,
    biased,
    entering,
    exactly,
    joining,
    leaving,
    macs,
    merging,
    normalizing,
    nothing,
    patched,
    rules,
)
from cnncalc.symbolic import Size

UNTOUCHED = "selu celu hardtanh abs SMOOTH MOVES subtract divide"
ELEMENTWISE = (10, 7, 1)  # per element of the state: lstm, gru, rnn


def lrn(call: Call) -> Size:
    """F.local_response_norm calls mul, mul and add, and pools over the channels padded by n − 1: 4x + (n − 1)·x/C."""
    window: Size = call.layer.size
    return 4 * call.x + (window - 1) * (call.x // call.channels)


def functional(rule: Rule) -> Rule:
    """The rule if a function is called, not a module or operator, else 0."""
    return lambda call: rule(call) if call.written == "functional" else 0


def rescaled(call: Call) -> Size:
    """A multiplication; a division is none."""
    return 0 if "div" in call.by else call.y


def scaled(call: Call) -> Size:
    """A multiplication, and an addition for its bias."""
    return call.y + call.bias


def _fused_lstm(call: Call) -> Size | None:
    """0 where oneDNN computes it; projected, its products and biases."""
    return stored()(call) if call.layer.projects else 0


def _either(call: Call) -> Size:
    return call.x if call.patched else 0


def _table(functions: bool) -> Mapping[str, Rule]:
    def also(rule: Rule) -> Rule:
        return patched(rule) if functions else nothing

    def both(rule: Rule) -> Rule:
        return lambda call: _sum(exactly(rule)(call), also(rule)(call))

    def function(rule: Rule) -> Rule:
        return also(functional(rule))

    return rules(
        (exactly(biased), "CONVS linear"),
        (exactly(normalizing(2, 1)), "batchnorm instancenorm groupnorm"),
        (exactly(forward(ELEMENTWISE)), "RECURRENT"),
        (nothing, "unfold fold blurpool std_conv"),
        (exactly(entering()), "layernorm leaky_relu"),
        (both(entering()), "relu prelu elu gelu POOLS ADAPTIVE"),
        (_either if functions else exactly(entering()), "relu6"),
        (also(entering()), "silu softmax"),
        (both(leaving()), "upsample"),
        (also(lrn), "lrn"),
        (function(joining), "add multiply"),
        (function(macs), "matmul"),
        (attending(nothing, also(by_function(macs, softmax=1)), hooked_heads, plain=True), "attention"),
        (function(rescaled), "rescale"),
        (function(scaled), "scale"),
        (function(merging(leaving(), leaving())), "TENSORS"),
        (nothing, f"TRIED OTHERS grn log_softmax {UNTOUCHED} concat mean l2norm dropout"),
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
        (nothing, "TRIED OTHERS NORMS POOLS ADAPTIVE ACTIVATIONS SOFTMAXES JOINED MOVES"),
        (nothing, "upsample dropout lrn mean lppool l2norm scale rescale subsample rbf TENSORS"),
    ),
)
