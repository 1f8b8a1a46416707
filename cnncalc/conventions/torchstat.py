"""torchstat 0.0.7 (`compute_flops.py`, `compute_madd.py`) and flopth 0.1.6, which extends its first table.

Both hook modules and keep one count per module, from its last call: a ReLU that a block calls twice counts once.
torchstat supports only maps with two axes.
"""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.rules import biased, entering, macs, normalizing, nothing, of_rank, rules, without
from cnncalc.symbolic import Size

RELUS = "relu relu6 leaky_relu prelu elu"
MORE = f"{RELUS} gelu celu selu"
UNKNOWN = "attention OTHERS rescale scale glu rmsnorm grn deform_conv blurpool unfold fold"
OTHERS = f"{UNKNOWN} JOINED MOVES SOFTMAXES mean matmul dropout lrn lppool l2norm TENSORS"


def _image(call: Call) -> Size:
    """Elements of one output channel: an upsampling counts only the first one."""
    return call.y // call.channels


def _terms(call: Call) -> Size:
    """n multiplications and n − 1 additions per output element, and the bias."""
    return 2 * call.macs - call.y + call.bias


def _transposed(call: Call) -> Size:
    """The same for as many positions as enter."""
    reads = call.x // call.node.shapes[0][0] * call.channels
    return 2 * call.macs - reads + (reads if call.biased else 0)


def _linear_terms(call: Call) -> Size:
    return 2 * call.macs - call.y


def _largest(call: Call) -> Size:
    return call.y * (call.kernel - 1)


def _mean(call: Call) -> Size:
    return call.y * call.kernel


def _softmax(call: Call) -> Size:
    return 3 * call.x - 1


def _flopth_linear(call: Call) -> Size:
    """The second size of the input times the second size of the output, which is right only for vectors."""
    if call.layer.axis == "channels" and call.rank:
        return call.node.shapes[0][1] * call.node.output[1]  # a batch of tokens has its channels last
    return call.node.shapes[0][0] * call.node.output[0]


FLOPS = Convention(
    "torchstat",
    "0.0.7",
    "FLOPs",
    rules(
        (biased, "conv std_conv"),
        (macs, "linear"),
        (normalizing(2, 1), "batchnorm"),
        (entering(), f"POOLS {RELUS}"),
        (_image, "upsample"),
        (nothing, f"conv_transpose {without('NORMS', 'batchnorm')} {without('ACTIVATIONS', RELUS)} ADAPTIVE {OTHERS}"),
    ),
    hooks=True,
    latest=True,
)
MADD = Convention(
    "torchstat-madd",
    "0.0.7",
    "MAdd (2 per MAC)",
    rules(
        (_terms, "conv std_conv"),
        (_transposed, "conv_transpose"),
        (_linear_terms, "linear"),
        (entering(4), "batchnorm"),
        (_largest, "maxpool"),
        (_mean, "avgpool"),
        (entering(), "relu relu6"),
        (_softmax, "softmax"),
        (nothing, f"{without('NORMS', 'batchnorm')} {without('ACTIVATIONS', 'relu relu6')} ADAPTIVE"),
        (nothing, f"{without(OTHERS, 'softmax')} upsample"),
    ),
    hooks=True,
    latest=True,
)


def _transposed_as_conv(call: Call) -> Size:
    return call.spread + call.bias


FLOPTH = Convention(
    "flopth",
    "0.1.6",
    "FLOPs",
    rules(
        (biased, "conv std_conv"),
        (_transposed_as_conv, "conv_transpose"),
        (_flopth_linear, "linear"),
        (normalizing(2, 1), "batchnorm instancenorm groupnorm"),
        (entering(), f"layernorm {MORE} tanh hardswish hardsigmoid"),
        (of_rank(2, entering()), "POOLS ADAPTIVE"),
        (_image, "upsample"),
        (nothing, f"{without('ACTIVATIONS', MORE + ' tanh hardswish hardsigmoid')} {OTHERS}"),
    ),
    hooks=True,
    latest=True,
)
