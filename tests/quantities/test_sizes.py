import pytest

from cnncalc.quantities.sizes import count_text, listed, plural, shape_record, shape_text, share_text, tensors_text
from cnncalc.symbolic import symbol

H = symbol("H")


@pytest.mark.parametrize(
    ("shape", "layout", "batch", "expected"),
    [
        ((96, 55, 54), "chw", 1, "96×55×54"),
        ((96, 55, 54), "hwc", 1, "55×54×96"),
        ((96, 55, 54), "chw", 8, "8×96×55×54"),
        ((10,), "hwc", 1, "10"),
        ((), "chw", 1, "a single number"),
        ((8, (H + 1) // 2 - 2), "chw", 1, "8×(⌊(H+1)/2⌋ − 2)"),
    ],
)
def test_shapes(shape, layout, batch, expected):
    assert shape_text(shape, layout, batch) == expected


def test_record_reads_back():
    assert shape_record((96, 55, 55)) == "96x55x55"
    assert shape_record((96, 54, 55), "hwc") == "54x55x96"


def test_several_tensors_are_named():
    assert tensors_text({"input": (3, 8, 8)}) == "3×8×8"
    assert tensors_text({"a": (3, 8, 8), "b": (4,)}) == "a 3×8×8, b 4"


def test_counts():
    assert count_text(60_965_224) == "60,965,224"
    assert count_text(3 * H) == "3·H"


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 4, "25.0%"), (1, 10_000, "<0.1%"), (0, 4, ""), (1, 0, ""), (H, 4, ""), (4, 4, "100.0%")],
)
def test_shares(part, whole, expected):
    assert share_text(part, whole) == expected


def test_words():
    assert plural(1, "layer") == "1 layer"
    assert plural(1200, "layer") == "1,200 layers"
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcdefgh")) == "a, b, c, d, e, f and 2 more"
