"""THE formula against a window that really slides, PyTorch's ceil_mode, and worked examples."""

import random
import warnings
from collections.abc import Iterator
from itertools import product

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name

from cnncalc.layers.padding import same_padding
from cnncalc.layers.window import Trailing, Window
from cnncalc.symbolic import Expr, evaluate_size, symbol

from ..examples import examples

BOX = list(product(range(1, 10), range(1, 5), range(1, 5), range(3), range(3), range(1, 4)))


def windows(ceil_mode: bool) -> Iterator[Window]:
    """Every window of the box. PyTorch has ceil_mode for pooling only, and so for padding shorter than the window."""
    for n, f, s, low, high, d in BOX:
        window = Window(n, f, s, low, high, d, ceil_mode)
        if not ceil_mode or max(low, high) < window.extent:
            yield window


def starts(window: Window) -> list[int]:
    """Where the windows begin, by sliding: row 0 is the first of the input, the low padding has negative rows."""
    first_row, end = -window.low, window.size + window.high
    found = []
    for start in range(first_row, end + window.stride, window.stride):
        overhang = start + window.extent - end
        inside = overhang <= 0 or (window.ceil_mode and overhang < window.stride and start < window.size)
        if not inside:
            break
        found.append(start)
    return found


def slid_trailing(window: Window) -> Trailing:
    """What no window reads behind the last one, counted row by row."""
    begins = starts(window)
    rows = range(begins[-1] + window.extent, window.size + window.high)
    real = sum(row < window.size for row in rows)
    between = len(range(window.extent, window.stride))  # rows from the end of one window to the start of the next
    gap = min(real, between)
    return Trailing(len(rows) - real, gap, real - gap)


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_counts_the_windows_of_a_slide(ceil_mode):
    for window in windows(ceil_mode):
        assert max(0, window.out) == len(starts(window)), window
        assert window.exists is (window.out >= 1)


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_trailing_rows_are_those_of_a_slide(ceil_mode):
    for window in windows(ceil_mode):
        if window.out >= 1:
            assert window.trailing() == slid_trailing(window), window
            assert window.leftover == window.size + window.high - (starts(window)[-1] + window.extent)


def test_reads_the_rows_that_a_convolution_reads():
    """The gradient of a real convolution says which rows output i reads: S·i − P_low + D·u, within the input."""
    draw = random.Random(1)
    for _ in range(examples(150)):
        n, f, s, low, high, d = draw.choice(BOX)
        window = Window(n, f, s, low, high, d)
        if window.out < 1:
            continue
        x = torch.zeros(1, 1, n, requires_grad=True)
        y = F.conv1d(F.pad(x, (low, high)), torch.ones(1, 1, f), stride=s, dilation=d)
        assert y.shape[-1] == window.out
        for i in range(window.out):
            (read,) = torch.autograd.grad(y[0, 0, i], x, retain_graph=True)
            rows = {s * i - low + d * u for u in range(f)} & set(range(n))
            assert set(read[0, 0].nonzero().flatten().tolist()) == rows


def test_rounds_up_as_pytorch():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for n, f, s, p, d in product(range(1, 12), range(1, 6), range(1, 6), range(3), range(1, 3)):
            window = Window(n, f, s, p, p, d, ceil_mode=True)
            if p > f // 2 or window.out < 1:
                continue
            pooled = F.max_pool1d(torch.zeros(1, 1, n, device="meta"), f, s, p, d, ceil_mode=True)
            assert window.out == pooled.shape[-1], window


def test_is_one_rule_for_numbers_and_symbols():
    height = symbol("H")
    for f, s, low, high, d in product(range(1, 4), range(1, 5), range(3), range(3), range(1, 3)):
        for ceil_mode in (False, True):
            form = Window(height, f, s, low, high, d, ceil_mode)
            for n in (1, 2, 7, 30, 31):
                number = Window(n, f, s, low, high, d, ceil_mode)
                assert evaluate_size(form.out, {"H": n}) == number.out
                assert evaluate_size(form.leftover, {"H": n}) == number.leftover


def test_makes_no_object_for_plain_numbers():
    window = Window(224, 7, 2, 3, 3, 1)
    assert type(window.out) is int
    assert type(window.leftover) is int


def test_trailing_of_a_symbol_is_refused():
    with pytest.raises(TypeError, match="depends on symbols"):
        Window(symbol("H"), 3, 2).trailing()


def test_a_kernel_as_large_as_its_input_fits_at_every_size():
    h = symbol("H")
    whole, less = Window(h, h, 2), Window(h, h - 1, 2)
    assert whole.is_numeric
    assert whole.trailing() == (0, 0, 0)
    assert less.leftover == 1
    assert not less.is_numeric  # of the row that is left, the gap between windows takes part where H is 1 or 2


@pytest.mark.parametrize(
    ("n", "f", "s", "p", "out", "leftover"),
    [
        (7, 3, 1, 0, 5, 0),  # CS231n, "Spatial arrangement": 7×7 input, 3×3 filter, stride 1
        (7, 3, 2, 0, 3, 0),  # … stride 2
        (7, 3, 3, 0, 2, 1),  # … stride 3 does not fit: 2.33
        (7, 3, 1, 1, 7, 0),  # … one row of zeros keeps the size
        (10, 3, 2, 0, 4, 1),  # CS231n, "Constraints on strides": 4.5
        (32, 5, 1, 2, 32, 0),  # CS231n: ten 5×5 filters with stride 1 and padding 2 on 32×32×3
        (227, 11, 4, 0, 55, 0),  # AlexNet, as it must have been
        (224, 11, 4, 0, 54, 1),  # AlexNet, as the paper says: 54.25
        (224, 7, 2, 3, 112, 1),  # ResNet's first layer: the leftover row is padding
        (112, 3, 2, 1, 56, 1),  # … and its pooling
    ],
)
def test_worked_examples(n, f, s, p, out, leftover):
    window = Window(n, f, s, p, p)
    assert (window.out, window.leftover) == (out, leftover)


@pytest.mark.parametrize(
    ("window", "unread"),
    [
        (Window(227, 11, 4), "none"),
        (Window(224, 11, 4), "pixels"),
        (Window(224, 7, 2, 3, 3), "padding"),
        (Window(56, 1, 2), "gap"),
        (Window(6, 3, 2, ceil_mode=True), "none"),  # hangs over: nothing is unread
        (Window(6, 3, 2), "pixels"),
    ],
)
def test_unread(window, unread):
    assert window.trailing().unread == unread


def test_same_padding_keeps_ceil_of_n_over_s_with_the_least_rows():
    for n, f, s, d in product(range(1, 20), range(1, 6), range(1, 6), range(1, 4)):
        low, high = same_padding(n, f, s, d)
        window = Window(n, f, s, low, high, d)
        assert window.out == -(-n // s)
        assert high - low in (0, 1)
        assert low + high == 0 or Window(n, f, s, low, high - 1, d).out < window.out


def test_same_padding_of_tensorflow():
    assert same_padding(224, 7, 2, 1) == (2, 3)  # Keras pads ResNet's first layer by hand to (3, 3) instead
    assert same_padding(224, 3, 2, 1) == (0, 1)
    assert same_padding(5, 3, 1, 2) == (2, 2)


def test_same_padding_of_a_symbol():
    low, high = same_padding(symbol("H"), 3, 2, 1)
    assert isinstance(low, Expr)
    assert high == 1
    for n in range(1, 12):
        assert (evaluate_size(low, {"H": n}), evaluate_size(high, {"H": n})) == same_padding(n, 3, 2, 1)
