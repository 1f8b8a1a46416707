"""torchinfo (`layer_info.py: LayerInfo.calculate_macs`): hooks modules; only parameters cost.

A class named …Conv… costs (weights + biases) per output pixel, also if transposed, which is stride² times too many. Any
other costs its parameters once, whatever its input: a batchnorm 2 per channel, and in 1.8.0 a linear layer, which
`main` multiplies by the rows. Of a recurrent layer, 1.8.0 counts the parameters per step.
"""

from __future__ import annotations

from cnncalc.conventions.attention import attending
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.recurrent import stored
from cnncalc.conventions.rules import biased, nothing, rules, without
from cnncalc.symbolic import Size


def _transposed(call: Call) -> Size:
    return call.spread + call.bias


def _params(call: Call) -> Size:
    return call.params


def _conv(call: Call) -> Size:
    """By the name of the class: one without "Conv" in it costs its parameters once."""
    return biased(call) if "Conv" in (call.derived or "Conv") else call.params


REST = "POOLS lppool ADAPTIVE SOFTMAXES JOINED MOVES upsample dropout lrn matmul mean l2norm rescale TENSORS"
PARAMETERLESS = without("ACTIVATIONS", "prelu")
ROWS = (
    (_conv, "conv"),
    (_transposed, "conv_transpose"),
    (_params, "NORMS prelu scale"),
    (nothing, f"{REST} {PARAMETERLESS}"),
    (attending(nothing, nothing), "attention"),
)

DETECTION = ((biased, "deform_conv"), (nothing, "grid_sample roi_align nms"))  # tried with the release alone

LATER = ((stored(), "RECURRENT"), (biased, "std_conv"), (nothing, "unfold fold blurpool"))  # likewise
TENSORS = ((_params, "rmsnorm grn embedding"), (nothing, "REDUCED glu drop_path"))

RELEASED = Convention(
    "torchinfo",
    "1.8.0",
    "mult-adds",
    rules(*ROWS, *DETECTION, *LATER, *TENSORS, (_params, "linear")),
    hooks=True,
)
MAIN = Convention("torchinfo", "main", "mult-adds", rules(*ROWS, (biased, "linear")), hooks=True)
