from fractions import Fraction
from itertools import product

from cnncalc.checks.rules.even_kernel_shifts import _shift
from cnncalc.layers.window import Window


def test_the_shift_is_that_of_the_middle_of_the_taps():
    """Of every window that keeps its map's size: the mean of the rows that window i reads, less i."""
    shifted = 0
    for kernel, dilation, low in product(range(1, 7), (1, 2, 3), range(16)):
        extent = dilation * (kernel - 1) + 1
        if low > extent - 1:
            continue
        window = Window(32, kernel, 1, low, extent - 1 - low, dilation)
        assert window.out == 32
        mean = Fraction(sum(5 - low + dilation * tap for tap in range(kernel)), kernel) - 5
        causal = low == extent - 1
        assert _shift(window) == (0 if causal or mean.denominator == 1 else mean), window
        shifted += bool(_shift(window))
    assert shifted > 20
