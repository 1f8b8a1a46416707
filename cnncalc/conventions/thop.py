"""thop 0.1.1 and its active fork, ultralytics-thop (`profile.py register_hooks`, `basic_hooks.py`): hooks on
modules.

Activations, max pooling, functions and joins cost nothing; a normalization 2 per element, 4 with trainable scale. The
original counts a transposed convolution by its output (stride² times too many) and an adaptive mean by the ratio of the
sizes. The fork corrects both, counts the elements that averages actually read, and counts matrix products wherever they
are called.
"""

from __future__ import annotations

from cnncalc.conventions.attention import attending, projected
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.recurrent import stored, unprojected
from cnncalc.conventions.rules import (
    by_mode,
    entering,
    hooked,
    leaving,
    macs,
    normalizing,
    nothing,
    rules,
    without,
)
from cnncalc.symbolic import Size

ELEMENTWISE = (8, 7, 1)  # per element of the state: lstm, gru, rnn
UPSAMPLE = {"linear": 5, "bilinear": 11, "bicubic": 259}
FREE = without("ACTIVATIONS", "prelu")
REST = f"{FREE} JOINED MOVES maxpool adaptive_maxpool global_maxpool lppool mean dropout lrn l2norm TENSORS"


def _spread(call: Call) -> Size:
    return call.spread


def _by_ratio(call: Call) -> Size:
    """(∏ in/out + 1)·y, in and out over the spatial axes."""
    return call.x + call.y


def _softmax(call: Call) -> Size:
    """3n − 1 per row of n: exponentials, additions, divisions."""
    return 3 * call.x - call.rows


def _log_softmax(call: Call) -> Size:
    return 3 * call.x


def _windows(call: Call) -> Size | None:
    """One addition per element read, one division per output element."""
    return None if call.parts is None else call.parts + call.y


def _window(call: Call) -> Size | None:
    """The same for a sliding window: padding counts if it is included in the mean, overhang never."""
    layer = call.layer
    read = call.channels
    for window, out in zip(layer.windows(call.node.shapes), call.node.output[1:], strict=True):
        if not all(isinstance(size, int) for size in (*window, out)):
            return call.y * call.kernel + call.y if not layer.ceil_mode and layer.count_include_pad else None
        low, high = (-window.low, window.size + window.high) if layer.count_include_pad else (0, window.size)
        starts = range(-window.low, -window.low + window.stride * out, window.stride)
        read = read * sum(max(0, min(at + window.kernel, high) - max(at, low)) for at in starts)
    return read + call.y


THOP = Convention(
    "thop",
    "0.1.1",
    "MACs",
    rules(
        (macs, "conv linear"),
        (_spread, "conv_transpose"),
        (normalizing(4, 2), "batchnorm instancenorm layernorm"),
        (entering(), "prelu"),
        (_softmax, "softmax"),
        (leaving(), "avgpool"),
        (_by_ratio, "AVERAGING"),
        (by_mode({"nearest": 1, **UPSAMPLE}), "upsample"),
        (unprojected(ELEMENTWISE), "RECURRENT"),
        (nothing, "unfold fold blurpool std_conv"),
        (nothing, f"{REST} groupnorm log_softmax matmul TRIED OTHERS rescale scale grn deform_conv"),
        (attending(nothing, nothing), "attention"),
    ),
    hooks=True,
    exact=True,
)
ULTRALYTICS = Convention(
    "ultralytics-thop",
    "2.2.3",
    "MACs",
    rules(
        (hooked(macs), "conv conv_transpose linear"),
        (macs, "matmul"),
        (attending(macs, macs, projected), "attention"),
        (hooked(normalizing(4, 2)), "batchnorm instancenorm layernorm groupnorm"),
        (hooked(stored(ELEMENTWISE)), "RECURRENT"),
        (nothing, "unfold fold blurpool std_conv"),
        (hooked(entering()), "prelu"),
        (hooked(_softmax), "softmax"),
        (hooked(_log_softmax), "log_softmax"),
        (hooked(_window), "avgpool"),
        (hooked(_windows), "AVERAGING"),
        (hooked(by_mode({**UPSAMPLE, "trilinear": 31})), "upsample"),
        (hooked(entering(4)), "rmsnorm"),
        (nothing, f"{REST} glu OTHERS rescale scale grn deform_conv"),
    ),
)
