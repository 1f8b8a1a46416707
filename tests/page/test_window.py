"""The picture of a window against the window itself: random kernels, strides, padding, dilation, ceil_mode."""

import random
from pathlib import Path

import pytest

from cnncalc.layers.existing_rows import read
from cnncalc.layers.reading import Axis, Slide, Spread
from cnncalc.layers.routes import parts
from cnncalc.layers.window import Window

from ..examples import examples
from .asking import NODE, ask

DRAW = Path(__file__).with_name("window.mjs")
COUNT = examples(600)

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def drawn(asked):
    return ask(DRAW, asked)


def test_every_row_has_its_colour():
    source, windows = random.Random(5), []
    while len(windows) < COUNT:
        low, high = source.randint(0, 4), source.randint(0, 4)
        size, kernel, stride = source.randint(1, 20), source.randint(1, 7), source.randint(1, 6)
        window = Window(size, kernel, stride, low, high, source.randint(1, 3), source.random() < 0.3)
        if window.slack >= 0 and window.out >= 1:
            windows.append(window)
    asked = [
        {"window": {**window._asdict(), "extent": window.extent, "out": window.out, "leftover": window.leftover}}
        for window in windows
    ]
    for each in asked:
        each["window"]["ceil"] = each["window"].pop("ceil_mode")
    for window, picture in zip(windows, drawn(asked), strict=True):
        kinds, trailing = picture["kinds"], window.trailing()
        assert kinds.get("unread", 0) == trailing.pixels, window
        assert kinds.get("overhang", 0) == max(0, -window.leftover), window
        assert sum(kinds.values()) == window.low + window.size + window.high + max(0, -window.leftover)
        axis = Axis(Slide(window.kernel, window.stride, window.low, window.dilation), 1)
        assert picture["rows"] == [list(read(axis, row, window.size)) for row in range(window.out)], window
        if window.dilation == 1:  # within dilation, no cell between taps is a gap of the stride
            seen = {row for rows in picture["rows"] for row in rows}
            gaps = kinds.get("gap", 0) + kinds.get("unread", 0)
            assert len(seen) + trailing.pixels <= window.size <= len(seen) + gaps, window
        assert picture["runs"]
        assert picture["found"] or window.stride == 1 or window.extent > 1, window


def test_a_transposed_window_writes_what_reads_it():
    source, asked = random.Random(6), []
    for _ in range(COUNT):
        kernel, stride, dilation = source.randint(1, 6), source.randint(1, 5), source.randint(1, 3)
        size, low = source.randint(1, 9), source.randint(0, 3)
        out = (size - 1) * stride + dilation * (kernel - 1) + 1 - low - source.randint(0, low) + source.randint(0, 2)
        if out >= 1:
            window = {"kernel": kernel, "stride": stride, "low": low, "dilation": dilation}
            asked.append({"transposed": window, "size": size, "out": out})
    for each, picture in zip(asked, drawn(asked), strict=True):
        spread, size, out = Spread(*each["transposed"].values()), each["size"], each["out"]
        readers = [list(read(Axis(spread, 1), row, size)) for row in range(out)]
        assert picture["rows"] == [[row for row in range(out) if each in readers[row]] for each in range(size)], each
        assert picture["kinds"].get("empty", 0) == sum(not rows for rows in readers), each
        assert picture["runs"]


def test_the_parts_of_adaptive_pooling_are_those_that_are_read():
    asked = [
        {"parts": list(parts(size, out)), "size": size, "out": out} for size in range(1, 25) for out in range(1, 30)
    ]
    for each, picture in zip(asked, drawn(asked), strict=True):
        axis = Axis(parts(each["size"], each["out"]), 1)
        assert picture["rows"] == [list(read(axis, row, each["size"])) for row in range(each["out"])], each
        assert picture["kinds"] == {"real": each["size"]}
        assert picture["found"] or each["out"] > each["size"], each
