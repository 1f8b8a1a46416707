"""Rules for convolutions with standardized weights: the convolution, and the normalization of its filters."""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.rules import Rule
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


def standardized(of_conv: Rule, affine: int, plain: int, gain: int = 0) -> Rule:
    """The count of the convolution; `affine` or `plain` per weight, with and without a gain; `gain` per filter."""

    def rule(call: Call) -> Size | None:
        count, weights = of_conv(call), numel(call.node.weights["weight"])
        if count is None:
            return None
        return count + affine * weights + gain * call.channels if call.layer.gain else count + plain * weights

    return rule
