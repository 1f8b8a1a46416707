import random
from itertools import product

from cnncalc.checks.rules.stride_skips_pixels import count_skipped
from cnncalc.layers.window import Window

from ...examples import examples
from ..marked import findings

RULE = "stride-skips-pixels"


def rows_read(window):
    return {
        window.stride * i - window.low + window.dilation * u for i in range(window.out) for u in range(window.kernel)
    }


def window(rng, size):
    kernel, dilation = rng.randint(1, 3), rng.randint(1, 4)
    return Window(size, kernel, rng.randint(1, 4), rng.randint(0, 3), rng.randint(0, 3), dilation)


def test_what_is_skipped_is_what_no_window_reads():
    """Counted pixel by pixel, far enough from the borders that no window is missing there."""
    rng = random.Random(7)
    found = 0
    for _ in range(examples(300)):
        rank, readers = rng.choice((1, 1, 2)), rng.randint(1, 3)
        size = 60 if rank == 2 else 300
        windows = [tuple(window(rng, size) for _ in range(rank)) for _ in range(readers)]
        read = {pixel for each in windows for pixel in product(*map(rows_read, each))}
        middle = range(20, size - 20)
        missed = [pixel for pixel in product(middle, repeat=rank) if pixel not in read]
        answer = count_skipped(windows)
        assert (answer is not None) == bool(missed), windows
        if answer:
            found += 1
            share = len(missed) / len(middle) ** rank
            assert abs(answer[0] / answer[1] - share) < 0.12, windows  # whole turns but for the ends
    assert examples(50) < found < examples(250)


def test_three_of_four():
    text = "input: 8x32x32\nlayers: [{conv: {out_channels: 8, kernel_size: 1, stride: 2}}]\n"
    (found,) = findings(RULE, text)
    assert found.message == "neither this nor any other layer reads 3 of every 4 pixels of the input"


def test_a_small_map_has_nothing_to_skip():
    assert count_skipped([(Window(1, 1, 4),)]) is None
    assert count_skipped([(Window(2, 1, 4),)]) == (3, 4)
