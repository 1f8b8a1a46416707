"""The sentences below `cnncalc rf`: per axis, true of every layer that they cover, and of inputs that are no images."""

import pytest

from cnncalc.render.views.rf import fields_view
from cnncalc.render.views.summary import summary_view

CONV = "{conv: {out_channels: 4, kernel_size: 5, padding: 2}}"


TWO_INPUTS = """
input: {a: 3x32x32, b: 7}
layers:
  - conv: {out_channels: 2, kernel_size: 3}
    from: a
  - global_avgpool
  - flatten
  - linear: 3
    from: b
    name: second
  - concat: flatten1
"""


def notes_of(report):
    return [note.text for note in fields_view(report, report.receptive_fields).notes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"input: 3x5x100\nlayers: [{CONV}, {CONV}]",
            ["from conv2 on, the receptive field (9×9) exceeds the image (5×100) in height"],
        ),
        (
            f"input: 3x100x5\nlayers: [{CONV}, {CONV}]",
            ["from conv2 on, the receptive field (9×9) exceeds the image (100×5) in width"],
        ),
        (
            f"input: 3x5x10\nlayers: [{CONV}, {CONV}, {CONV}]",
            [
                "from conv2 on, the receptive field (9×9) exceeds the image (5×10) in height",
                "from conv3 on, the receptive field (13×13) exceeds the image (5×10) in width",
            ],
        ),
        (
            f"input: 3x8x6x4\nlayers: [{CONV}, {CONV}]",
            [
                "from conv1 on, the receptive field (5×5×5) exceeds the input (8×6×4) in width",
                "from conv2 on, the receptive field (9×9×9) exceeds the input (8×6×4) in depth and height",
            ],
        ),
        (f"input: 3x8x8\nlayers: [{CONV}]", ["no receptive field exceeds the image (8×8)"]),
        (f"input: 3x8\nlayers: [{CONV}, {CONV}]", ["from conv2 on, the receptive field (9) exceeds the input (8)"]),
        (
            "input: 10\nlayers: [linear: 20, relu]",
            ["the input is a vector: it has one position, which is the whole receptive field"],
        ),
        (
            TWO_INPUTS,
            [
                "from global_avgpool1 on, everything sees all of a (32×32)",
                "b is a vector: it has one position, which is the whole receptive field",
            ],
        ),
        (
            f"input: 3x8x8\nlayers: [{CONV}, {{branches: {{merge: concat, paths: [[{CONV}], []]}}}}]",
            ["from branch1.conv1 on, the receptive field (9×9) exceeds the image (8×8)"],
        ),
        (
            f"input: 3x8x8\nlayers: [{{branches: {{merge: concat, paths: [[{CONV}, {CONV}], [{CONV}]]}}}}]",
            ["at branch1.conv2, the receptive field (9×9) exceeds the image (8×8)"],
        ),
    ],
)
def test_sentences(report, text, expected):
    assert notes_of(report(text)) == expected


def test_a_network_on_vectors_has_no_pixels(report):
    def legend(text):
        found = report(text)
        return [note.text for note in summary_view(found, found.memory()).notes if note.text.startswith("field")]

    assert legend("input: 10\nlayers: [linear: 20, relu]") == []
    assert legend("input: 3x10\nlayers: [relu]") == ["field: receptive field in input positions"]
    assert legend("input: 3x10x10\nlayers: [relu]") == ["field: receptive field in input pixels"]
