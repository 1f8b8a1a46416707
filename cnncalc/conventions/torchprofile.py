"""torchprofile 0.1.0 (`handlers.py`): traced operators, in MACs, plus one per output element of averages and
products.

It guesses the layout of a convolution's weights from their sizes, so a transposed one counts by its output, and its
groups are ignored unless as many channels leave as enter. Of recurrent layers it knows the LSTM, with matrices as
narrow as its projection. padding='same' is an unsupported operator: 0.
"""

from __future__ import annotations

from cnncalc.conventions.attention import attending
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
from cnncalc.layers.heads import heads_of
from cnncalc.symbolic import Size

FREE = without("ACTIVATIONS", "leaky_relu")


def _transposed(call: Call) -> Size:
    """y·(the one of weight sizes that it takes for the channels)·kernel: weights are [in, out/groups, …]."""
    channels, groups = call.node.shapes[0][0], call.layer.groups
    read = call.channels // groups if call.channels == channels else channels
    return call.y * read * call.kernel


def _scaled(call: Call) -> Size:
    """M, and a multiplication for every number of the queries: written out, the scale is a layer of its own."""
    heads = heads_of(call.layer, call.node.shapes)
    scaled: Size = call.layer.num_heads * heads.queries * heads.key
    return call.macs + scaled


TORCHPROFILE = Convention(
    "torchprofile",
    "0.1.0",
    "MACs",
    rules(
        (untraced_same, "conv"),
        (_transposed, "conv_transpose"),
        (macs, "linear matmul"),
        (attending(macs, _scaled), "attention"),
        (narrow, "lstm"),
        (macs, "blurpool"),
        (standardized(macs, affine=1, plain=0, gain=1), "std_conv"),
        (nothing, "gru rnn unfold fold"),
        (normalizing(1, 0), "NORMS"),
        (leaving(), "avgpool AVERAGING mean leaky_relu multiply"),
        (merging(nothing, leaving()), "TENSORS"),
        (entering(3), "lrn"),
        (of_rank(2, by_mode({"bilinear": 4})), "upsample"),
        (nothing, f"TRIED {FREE} SOFTMAXES MOVES maxpool adaptive_maxpool global_maxpool add subtract concat dropout"),
    ),
)
