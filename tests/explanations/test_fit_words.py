import pytest

from cnncalc.explanations.fit_words import verdict, worst_of
from cnncalc.render.views.fits import fit_cell, fit_notes
from cnncalc.spec import parse_item


def said(item: str, *size: int | str):
    (layer,) = parse_item(item).analyze(input=size).layers
    return verdict(layer.fit)


@pytest.mark.parametrize(
    ("item", "size", "grade", "text"),
    [
        ("conv: {out_channels: 1, kernel_size: 11, stride: 4}", (3, 224, 224), "pixels",
         "▲ (224 − 11 + 2·0)/4 + 1 = 54.25: 1 row, 1 column of pixels unread"),
        ("conv: {out_channels: 1, kernel_size: 11, stride: 4}", (3, 227, 226), "pixels",
         "▲ width (226 − 11 + 2·0)/4 + 1 = 54.75: 3 columns of pixels unread"),
        ("conv: {out_channels: 1, kernel_size: 11, stride: 4}", (3, 227, 227), "fits", "fits"),
        ("conv: {out_channels: 1, kernel_size: 3, stride: 2, padding: 1}", (3, 224, 224), "padding",
         "112.5: 1 row, 1 column of padding unread"),
        ("conv: {out_channels: 1, kernel_size: 1, stride: 2}", (3, 56, 56), "gap",
         "28.5: 1 row, 1 column in the gap between windows"),
        ("maxpool: {kernel_size: 3, stride: 2, ceil_mode: true}", (3, 56, 56), "overhang",
         "27.5: the last window extends 1 row, 1 column beyond the input"),
        ("maxpool: {kernel_size: 3, stride: 3}", (3, 100), "pixels",
         "▲ (100 − 3 + 2·0)/3 + 1 = 33.33: 1 position of the input unread"),
        ("maxpool: {kernel_size: 3, stride: 3}", (3, 9, 9, 10), "pixels",
         "▲ width (10 − 3 + 2·0)/3 + 1 = 3.33: 1 column of voxels unread"),
        ("conv: {out_channels: 1, kernel_size: in_size, stride: 2}", (3, "H", "W"), "fits", "fits"),
        ('conv: {out_channels: 1, kernel_size: "[in_size[0] - 1]", stride: 2}', (3, "H"), "depends",
         "fits where never"),
        ("relu", (3, 4, 4), "", ""),
    ],
)  # fmt: skip
def test_verdicts(item, size, grade, text):
    assert said(item, *size) == (grade, text)


def test_loudness():
    loud = fit_cell(said("maxpool: 2", 3, 5, 5))
    quiet = fit_cell(said("conv: {out_channels: 1, kernel_size: 1, stride: 2}", 3, 56, 56))
    assert loud.style == "warning"
    assert loud.text.startswith("▲")
    assert quiet.style == "dim"
    assert "▲" not in quiet.text


def test_folded():
    verdicts = [("a", said("maxpool: 2", 3, 4, 4)), ("b", said("maxpool: 2", 3, 5, 5)), ("c", said("relu", 3, 4, 4))]
    assert worst_of(verdicts).text == "▲ pixels unread in b"
    assert worst_of(verdicts[:1]).text == "fits"
    assert worst_of(verdicts[2:]).text == ""


def test_summary_says_pixels_first():
    verdicts = [
        ("a", said("maxpool: 2", 3, 5, 5)),
        ("b", said("conv: {out_channels: 1, kernel_size: 1, stride: 2}", 3, 56, 56)),
        ("c", said("maxpool: {kernel_size: 3, stride: 2, ceil_mode: true}", 3, 56, 56)),
        ("d", said("conv: {out_channels: 1, kernel_size: 3, stride: 2, padding: 1}", 3, 224, 224)),
        ("e", said("maxpool: 2", 3, 7, 7)),
    ]
    assert [cell.text for cell in fit_notes(verdicts)] == [
        "▲ 2 layers drop pixels: a, e",
        "1 layer leaves a gap between windows unread: b",
        "1 layer leaves padding unread: d",
        "1 layer has a last window that extends beyond the input: c",
    ]
    assert fit_notes([("x", said("relu", 3))]) == ()
