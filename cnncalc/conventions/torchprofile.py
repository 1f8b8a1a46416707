"""torchprofile 0.1.0 (`handlers.py`): traced operators, in MACs, plus one per output element of averages and
products.

It guesses the layout of a convolution's weights from their sizes, so a transposed one counts by its output, and its
groups are ignored unless as many channels leave as enter. Of recurrent layers it knows the LSTM, with matrices as
narrow as its projection. padding='same' is an unsupported operator: 0.
"""

from __future__ import annotations

from cnncalc.conventions.attention import Sizes, attending
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.fvcore import untraced_same
from cnncalc.conventions.recurrent import narrow
from cnncalc.conventions.rules import (
    by_mode,
    entering,
    leaving,
    macs,
    merging,
    normalizing,
    nothing,
    of_rank,
    rules,
    without,
)
from cnncalc.conventions.standardized import standardized
from cnncalc.symbolic import Size

FREE = without("ACTIVATIONS", "leaky_relu")


def _transposed(call: Call) -> Size:
    """y·(the one of weight sizes that it takes for the channels)·kernel: weights are [in, out/groups, …]."""
    channels, groups = call.node.shapes[0][0], call.layer.groups
    read = call.channels // groups if call.channels == channels else channels
    return call.y * read * call.kernel


def _scaled(call: Call) -> Size:
    """M, and a multiplication for every number that the scale multiplies: of the queries, or of the scores."""
    of = Sizes(call)
    if "divided" in call.by:
        return call.macs
    return call.macs + (of.weights if "scores" in call.by else of.lq * of.embed)


def _sampled(call: Call) -> Size:
    times = {"nearest": 0, "bicubic": 16}.get(call.layer.mode, 4)
    return times * call.y


def _views(call: Call) -> Size:
    """`nn.MultiheadAttention` multiplies sizes four times for its views, and every traced multiplication counts."""
    return 4


def _rescaled(call: Call) -> Size:
    """A multiplication by a number; a division is free."""
    return 0 if "div" in call.by else call.y


TORCHPROFILE = Convention(
    "torchprofile",
    "0.1.0",
    "MACs",
    rules(
        (untraced_same, "conv"),
        (_transposed, "conv_transpose"),
        (macs, "linear matmul"),
        (attending(macs, _scaled, _views), "attention"),
        (_rescaled, "rescale"),
        (leaving(), "scale"),
        (narrow, "lstm"),
        (macs, "blurpool"),
        (standardized(macs, affine=1, plain=0, gain=1), "std_conv"),
        (nothing, "gru rnn unfold fold"),
        (normalizing(1, 0), "NORMS"),
        (leaving(), "avgpool AVERAGING mean leaky_relu multiply"),
        (merging(nothing, leaving()), "TENSORS"),
        (_sampled, "grid_sample"),
        (entering(3), "lrn"),
        (of_rank(2, by_mode({"bilinear": 4})), "upsample"),
        (nothing, "TRIED REDUCED roi_align nms embedding drop_path deform_conv"),
        (nothing, f"{FREE} SOFTMAXES MOVES maxpool adaptive_maxpool global_maxpool add subtract divide concat dropout"),
    ),
)
