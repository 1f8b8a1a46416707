"""TorchLens 2.36.1 (`torchlens/capture/flops.py`): every call of torch, at estimated costs; 2 per MAC.

Normalization costs 5 per element, also at inference; dropout 2; a pooling kernel given as one number is not squared.
"""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.rules import doubled, entering, leaving, macs, merging, nothing, rules
from cnncalc.symbolic import Size


def _products(call: Call) -> Size:
    return 2 * call.macs + call.bias


def _elementwise(call: Call) -> Size:
    return call.y * (len(call.node.inputs) - 1)


def _pool(call: Call) -> Size:
    return call.y * call.side


FLOPS = Convention(
    "torchlens",
    "2.36.1",
    "FLOPs (2 per MAC)",
    rules(
        (_products, "CONVS linear"),
        (doubled(macs), "matmul"),
        (leaving(5), "NORMS softmax silu"),
        (leaving(6), "log_softmax tanh"),
        (_pool, "POOLS"),
        (entering(), "ADAPTIVE mean"),
        (leaving(), "relu relu6 leaky_relu prelu hardtanh abs"),
        (leaving(2), "dropout"),
        (leaving(3), "hardsigmoid"),
        (leaving(4), "sigmoid hardswish upsample"),
        (leaving(8), "mish"),
        (leaving(9), "elu celu softplus"),
        (leaving(10), "selu"),
        (leaving(14), "gelu"),
        (_elementwise, "add subtract multiply divide"),
        (merging(leaving(), leaving()), "TENSORS"),
        (nothing, "concat MOVES"),
    ),
)
MACS = Convention(
    "torchlens-macs",
    "2.36.1",
    "MACs",
    rules(
        (macs, "CONVS linear matmul"),
        (nothing, "NORMS SOFTMAXES POOLS ADAPTIVE ACTIVATIONS JOINED MOVES mean dropout upsample TENSORS"),
    ),
)
