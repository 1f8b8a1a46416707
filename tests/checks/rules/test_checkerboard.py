from collections import Counter
from itertools import product
from math import gcd

import pytest

from cnncalc.checks.rules.checkerboard import overlaps

from ..marked import findings

RULE = "checkerboard"


@pytest.mark.parametrize(("kernel", "stride", "dilation"), list(product(range(1, 8), range(1, 6), range(1, 5))))
def test_overlaps_are_those_counted_one_by_one(kernel, stride, dilation):
    """Every input row i writes the output rows S·i + D·u; how often is an output row written, away from the ends?"""
    written = Counter(stride * i + dilation * u for i in range(60) for u in range(kernel))
    middle = range(3 * stride + dilation * kernel, stride * 55)
    assert overlaps(kernel, stride, dilation) == tuple(sorted({written[row] for row in middle}))


def test_undilated_it_is_divisibility():
    for kernel, stride in product(range(1, 20), range(1, 10)):
        assert (len(overlaps(kernel, stride, 1)) == 1) == (kernel % stride == 0)


@pytest.mark.parametrize(
    ("fields", "numbers", "fix"),
    [
        ("kernel_size: 3, stride: 2", "kernel 3×3 and stride 2×2", "make kernel_size a multiple of stride"),
        (
            "kernel_size: 4, stride: 2, dilation: 2",
            "kernel 4×4, stride 2×2, dilation 2×2",
            "choose a dilation that shares no factor with stride",
        ),
        (
            "kernel_size: 3, stride: 4, dilation: 6",
            "kernel 3×3, stride 4×4, dilation 6×6",
            "make kernel_size a multiple of stride and choose a dilation that shares no factor with stride",
        ),
    ],
)
def test_the_fix_is_what_does_not_hold_yet(fields, numbers, fix):
    (found,) = findings(RULE, f"input: 8x16x16\nlayers: [{{conv_transpose: {{out_channels: 8, {fields}}}}}]\n")
    assert found.message.startswith(f"{numbers}: outputs along an axis alternate between sums of ")
    assert found.fix.words == f"{fix}; or upsample, then convolve"


def test_both_conditions_together_are_evenness():
    for kernel, stride, dilation in product(range(1, 9), range(1, 7), range(1, 7)):
        even = kernel % stride == 0 and gcd(stride, dilation) == 1
        assert (len(overlaps(kernel, stride, dilation)) == 1) == even
