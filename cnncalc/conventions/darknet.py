"""Darknet's BFLOPs, as it prints them for a cfg, in single operations (AlexeyAB's: parser.c, the files of the layers).

Two per weight and output position of a convolution, one per element of a window of a maximum, one per element and
addend of a shortcut; nothing for the rest. Binary convolutions, which it divides by 32, are counted as others here.
"""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.rules import doubled, macs, nothing, rules
from cnncalc.symbolic import Size


def _windows(call: Call) -> Size:
    return call.y * call.kernel


def _addends(call: Call) -> Size:
    return call.y * (len(call.node.inputs) - 1)


DARKNET = Convention(
    "darknet",
    "59596d7",
    "FLOPs",
    rules(
        (doubled(macs), "conv"),
        (_windows, "maxpool"),
        (_addends, "add"),
        (nothing, "linear locally_connected batchnorm dropout softmax flatten multiply concat slice upsample"),
        (nothing, "global_avgpool pixel_unshuffle pixel_shuffle crop identity blurpool constant reshape rescale"),
        (nothing, "sigmoid relu relu6 leaky_relu silu mish tanh elu selu gelu hardtanh"),
        (_windows, "avgpool"),
    ),
)
