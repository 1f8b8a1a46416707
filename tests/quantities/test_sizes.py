import pytest

from cnncalc.quantities.sizes import (
    alike,
    count_text,
    listed,
    numel,
    plural,
    shape_record,
    shape_text,
    tensors_text,
    times,
)
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


def test_words():
    assert plural(1, "layer") == "1 layer"
    assert plural(1200, "layer") == "1,200 layers"
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcdefgh")) == "a, b, c, d, e, f and 2 more"


def test_one_text_of_several_axes():
    assert times(["3", "5"]) == "3×5"
    assert times(["H − 1", "5"]) == "(H − 1)×5"
    assert times(["H − 1"]) == "H − 1"
    assert alike(["3", "3"]) == "3"
    assert alike(["3", "5"]) == "3×5"
    assert times([]) == alike([]) == ""


def test_numel():
    assert numel((3, 8, 8)) == 192
    assert numel((3, H)) == 3 * H
    assert numel(()) == 1
