"""The names of the rules of `cnncalc check`: the fault that each finds, in kebab-case.

A rule stands in the file of its name, `cnncalc/checks/dominant_layer.py`, as the class `DominantLayer`. The names stand
apart and below all else, for what reads a spec has to know them.
"""

ALWAYS_AN_ERROR = "faulty-spec"  # without a network there is nothing else to say

RULE_NAMES = (
    "stride-drops-pixels",
    "stride-drops-padding",
    "stride-skips-pixels",
    "padding-exceeds-kernel",
    "even-kernel-shifts",
    "checkerboard",
    "kernel-on-one-pixel",
    "unproductive-layer",
    "field-smaller-than-input",
    "dilation-gridding",
    "misaligned-paths",
    "bias-before-norm",
    "linear-without-activation-between",
    "repeated-activation",
    "dropout-before-norm",
    "dominant-layer",
    "flatten-pins-input-size",
    "channels-off-tensor-core",
    "unused-layer",
    "input-off-fit",
    "expectation",
    "faulty-spec",
    "unused-ignore",
)
