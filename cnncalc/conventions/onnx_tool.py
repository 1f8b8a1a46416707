"""onnx-tool 1.0.1 (`onnx_tool/node.py`): weighted instructions of the exported graph, called MACs.

A multiplication, an addition and a comparison count 1, a division 4, an exponential 32, a logarithm 43, a root 24, tanh
38 (twice). The export folds a batchnorm into the convolution before it, as its bias. A transposed convolution
counts by its output, with output channels instead of input channels.
"""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.rules import entering, leaving, macs, merging, nothing, rules
from cnncalc.symbolic import Size


def _conv(call: Call) -> Size:
    return call.macs + (call.y if call.biased or call.folded else 0)


def _transposed(call: Call) -> Size:
    groups: Size = call.layer.groups
    return call.y * (call.channels // groups) * call.kernel + (call.y if call.biased or call.folded else 0)


def _batchnorm(call: Call) -> Size:
    return 0 if call.folded else 31 * call.y


def _layernorm(call: Call) -> Size:
    return 7 * call.x + 29 * call.rows


def _linear(call: Call) -> Size:
    return call.macs + call.bias


def _pool(call: Call) -> Size:
    return call.y * call.kernel


def _adaptive(call: Call) -> Size | None:
    """A mean over everything is GlobalAveragePool; other sizes are exported as a window if they divide, or not at
    all.
    """
    if set(call.node.output[1:]) == {1}:
        return call.x + 4 * call.y
    sizes = zip(call.node.shapes[0][1:], call.node.output[1:], strict=True)
    divides = all(isinstance(size, int) and isinstance(out, int) and size % out == 0 for size, out in sizes)
    return call.x if divides else None


def _elementwise(call: Call) -> Size:
    return call.y * (len(call.node.inputs) - 1)


def _quotient(call: Call) -> Size:
    return 4 * _elementwise(call)


def _resize(call: Call) -> Size | None:
    mode = call.layer.mode
    return None if mode == "area" else {"nearest": 0, "nearest-exact": 0, "bicubic": 8}.get(mode, 4) * call.y


ONNX_TOOL = Convention(
    "onnx-tool",
    "1.0.1",
    "MACs (weighted instructions)",
    rules(
        (_conv, "conv"),
        (_transposed, "conv_transpose"),
        (_linear, "linear"),
        (macs, "matmul"),
        (_batchnorm, "batchnorm"),
        (_layernorm, "layernorm"),
        (_pool, "POOLS"),
        (_adaptive, "AVERAGING"),
        (entering(), "mean"),
        (leaving(), "relu"),
        (leaving(2), "relu6 leaky_relu prelu hardtanh"),
        (leaving(4), "hardsigmoid"),
        (leaving(5), "hardswish"),
        (leaving(32), "sigmoid"),
        (leaving(33), "silu"),
        (leaving(35), "elu"),
        (leaving(36), "softmax"),
        (leaving(76), "softplus tanh"),
        (leaving(80), "log_softmax"),
        (_elementwise, "add subtract multiply"),
        (_quotient, "divide"),
        (merging(leaving(), leaving()), "TENSORS"),
        (_resize, "upsample"),
        (nothing, "concat dropout MOVES"),
    ),
)
