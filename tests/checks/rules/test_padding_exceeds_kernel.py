from itertools import product

from cnncalc.checks.rules.padding_exceeds_kernel import _is_outside
from cnncalc.layers.window import Window


def test_an_empty_window_is_one_that_lies_beside_the_map():
    """Held against every window in its place, all of its rows taken."""
    tried = empty = 0
    for size, kernel, stride, low, high, dilation in product(
        range(1, 7), range(1, 4), range(1, 4), range(7), range(7), (1, 2)
    ):
        window = Window(size, kernel, stride, low, high, dilation)
        if window.slack < 0:
            continue
        starts = [stride * i - low for i in range(window.out)]
        beside = any(start + window.extent <= 0 or start >= size for start in starts)
        assert _is_outside(window) == beside, window
        tried += 1
        empty += beside
    assert tried > 3000 < empty * 3
