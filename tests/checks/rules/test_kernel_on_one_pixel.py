from itertools import product

import pytest

from cnncalc.checks.axes import live_taps
from cnncalc.layers.window import Window

from ..marked import findings

RULE = "kernel-on-one-pixel"


def test_live_taps_are_those_that_ever_meet_a_pixel():
    axes = product(range(1, 7), range(1, 6), range(1, 4), range(5), range(5), range(1, 4), (False, True))
    tried = 0
    for size, kernel, stride, low, high, dilation, ceil_mode in axes:
        window = Window(size, kernel, stride, low, high, dilation, ceil_mode)
        if window.slack < 0 or window.out < 1:
            continue
        tried += 1
        met = {u for i in range(window.out) for u in range(kernel) if 0 <= stride * i - low + dilation * u < size}
        assert live_taps(window) == len(met), window
    assert tried > 5000


@pytest.mark.parametrize("mode", ["circular", "replicate"])
def test_padding_that_repeats_the_one_pixel_is_read(mode):
    conv = f"conv: {{out_channels: 8, kernel_size: 3, padding: 1, padding_mode: {mode}}}"
    assert not findings(RULE, f"input: 8x1x1\nlayers: [{{{conv}}}]\n")
