"""torch-scan 0.2.0 (`torchscan/modules/flops.py`, `macs.py`): hooks modules and counts every operation of known
ones.

Unknown modules make its report partial: a lower bound, as ours is then. A pooling kernel given as one number is not
squared; dropout costs as in training.
"""

from __future__ import annotations

from cnncalc.conventions.attention import attending, every_operation
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.rules import entering, macs, normalizing, nothing, rules
from cnncalc.symbolic import Size

LARGEST = "adaptive_maxpool global_maxpool"
KNOWN = "relu relu6 leaky_relu elu sigmoid tanh"
# Functions and operators, which no hook sees.
MOVED = "flatten identity concat add subtract multiply divide mean matmul TENSORS"


def _products(call: Call) -> Size:
    """n multiplications and n − 1 additions per output element, and the bias."""
    return 2 * call.macs - call.y + call.bias


def _transposed(call: Call) -> Size:
    """The same of the output's size, and 8 per axis for working out the padding."""
    return 8 * call.rank + 2 * call.spread - call.y + call.bias


def _transposed_macs(call: Call) -> Size:
    return 4 * call.rank + call.spread


def _batchnorm(call: Call) -> Size:
    return 2 * call.node.shapes[0][0] + (4 if call.affine else 2) * call.x


def _layernorm(call: Call) -> Size:
    return (6 + len(call.node.weights)) * call.x + 2 * call.rows


def _maxpool(call: Call) -> Size:
    return call.y * (call.side - 1)


def _avgpool(call: Call) -> Size:
    return call.y * (call.side - 1 + call.rank)


def _adaptive_kernel(call: Call) -> Size | None:
    """N/out where it divides, else N mod out + 1; the product over the axes."""
    kernel: Size = 1
    for size, out in zip(call.node.shapes[0][1:], call.node.output[1:], strict=True):
        if out == 1:
            kernel = kernel * size
        elif isinstance(size, int) and isinstance(out, int):
            kernel = kernel * (size % out + 1 if size % out else size // out)
        else:
            return None
    return kernel


def _adaptive_max(call: Call) -> Size | None:
    kernel = _adaptive_kernel(call)
    return None if kernel is None else call.y * (kernel - 1)


def _adaptive_mean(call: Call) -> Size | None:
    kernel = _adaptive_kernel(call)
    return None if kernel is None else call.y * (kernel - 1 + call.rank)


def _dropout(call: Call) -> Size:
    return call.x if call.layer.p > 0 and call.layer.mode == "element" else 0


POOLED = ((_maxpool, "maxpool"), (_avgpool, "avgpool"), (_adaptive_max, LARGEST), (_adaptive_mean, "AVERAGING"))

FLOPS = Convention(
    "torchscan",
    "0.2.0",
    "FLOPs",
    rules(
        (_products, "conv linear"),
        (_transposed, "conv_transpose"),
        (_batchnorm, "batchnorm"),
        (_layernorm, "layernorm"),
        *POOLED,
        (entering(), "relu"),
        (entering(2), "relu6"),
        (entering(4), "leaky_relu sigmoid"),
        (entering(6), "elu tanh"),
        (_dropout, "dropout"),
        (attending(nothing, nothing, every_operation), "attention"),
        (nothing, MOVED),
    ),
    hooks=True,
)
MACS = Convention(
    "torchscan-macs",
    "0.2.0",
    "MACs",
    rules(
        (macs, "conv linear"),
        (_transposed_macs, "conv_transpose"),
        (normalizing(2, 1), "batchnorm"),
        *POOLED,
        (nothing, f"{KNOWN} {MOVED} dropout"),
    ),
    hooks=True,
)
