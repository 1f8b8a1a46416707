from collections import Counter
from itertools import product

import pytest

from cnncalc.checks.checkerboard import overlaps

from .marked import check, specs

RULE = "checkerboard"


@pytest.mark.parametrize("path", specs(RULE), ids=lambda path: path.stem)
def test_fixtures(path):
    check(RULE, path)


@pytest.mark.parametrize(("kernel", "stride", "dilation"), list(product(range(1, 8), range(1, 6), range(1, 5))))
def test_overlaps_are_those_counted_one_by_one(kernel, stride, dilation):
    """Every input row i writes the output rows S·i + D·u; how often is an output row written, away from the ends?"""
    written = Counter(stride * i + dilation * u for i in range(60) for u in range(kernel))
    middle = range(3 * stride + dilation * kernel, stride * 55)
    assert overlaps(kernel, stride, dilation) == tuple(sorted({written[row] for row in middle}))


def test_undilated_it_is_divisibility():
    for kernel, stride in product(range(1, 20), range(1, 10)):
        assert (len(overlaps(kernel, stride, 1)) == 1) == (kernel % stride == 0)
