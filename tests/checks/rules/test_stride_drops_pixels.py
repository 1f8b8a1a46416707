import re
from itertools import product

import pytest

from ..marked import findings

RULE = "stride-drops-pixels"


def text(size, kernel, stride, padding):
    layer = f"conv: {{out_channels: 2, kernel_size: {kernel}, stride: {stride}, padding: {padding}}}"
    return f"input: 2x{size}x{size}\nlayers:\n  - {layer}\n"


def test_pixels_are_dropped_where_rows_lie_behind_the_last_window_and_its_gap():
    """Counted: the rows of the map after the last that a window reaches, more than the gap between any two windows."""
    dropping = 0
    for size, kernel, stride, padding in product(range(5, 14), range(1, 6), range(1, 6), range(3)):
        last = max(i for i in range(0, size + padding, stride) if i + kernel <= size + 2 * padding) + kernel - padding
        behind = max(0, size - last)
        dropped = max(0, behind - max(0, stride - kernel))
        found = findings(RULE, text(size, kernel, stride, padding))
        assert bool(found) == bool(dropped), (size, kernel, stride, padding)
        if found:
            dropping += 1
            rows = f"{dropped} row{'s' * (dropped > 1)}, {dropped} column{'s' * (dropped > 1)} of pixels unread"
            assert found[0].message.endswith(rows)
    assert dropping > 50


@pytest.mark.parametrize("sizes", [(224, 11, 4, 0), (12, 3, 2, 0), (32, 5, 3, 1)])
def test_every_fix_fixes(sizes):
    before = text(*sizes)
    (found,) = findings(RULE, before)
    changes = found.fix.words.split(" or ")
    assert changes
    for change in changes:
        field, _, value = change.partition(": ")
        kept = re.sub(rf"{field}: \d+", f"{field}: {value}", before)
        assert kept != before
        assert not findings(RULE, kept)
