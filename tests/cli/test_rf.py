"""`cnncalc rf`: the table, what is asked of it, and every format."""

import csv
import io
import json

import pytest


def row(out: str, layer: str) -> list[str]:
    (line,) = [line for line in out.splitlines() if line.startswith(f"{layer} ")]
    return line.split()


def test_the_table_of_a_chain(cnncalc):
    out = cnncalc("rf", "vgg@16").out
    assert row(out, "conv3_3")[-5:] == ["40×40", "4", "18", "1.5", "3.2%"]
    assert row(out, "linear1")[-2:] == ["whole", "100.0%"]
    assert "from flatten1 on, everything sees all of the image (224×224)" in out


def test_the_layer_from_which_the_field_exceeds_the_image(cnncalc):
    out = cnncalc("rf", "resnet@50", "--depth", "1").out
    assert row(out, "layer4")[-5:] == ["427×427", "32", "213", "0", "100.0%"]
    assert "from layer3.4.conv2 on, the receptive field (235×235) exceeds the image (224×224)" in out


def test_symbols(cnncalc):
    out = cnncalc("rf", "resnet@50", "--depth", "1", "--input", "3xHxW").out
    assert row(out, "layer4")[-4:] == ["427×427", "32", "213", "0"]


def test_training_heads_apart(cnncalc):
    out = cnncalc("rf", "googlenet", "--depth", "1").out
    assert out.index("training heads") < out.index("aux1")
    assert row(out, "inception5b")[-5] == "379×379"


def test_one_layer_of_another(cnncalc):
    done = cnncalc("rf", "vgg@16", "--of", "conv3_3", "--to", "conv3_1")
    assert "of conv3_1" in done.out
    assert row(done.out, "conv3_3")[-5:] == ["5×5", "1", "2", "0", "0.8%"]
    document = json.loads(cnncalc("rf", "vgg@16", "--of", "conv3_3", "--to", "conv3_1", "--format", "json").out)
    assert [layer["name"] for layer in document["layers"]] == ["conv3_3"]
    assert document["layers"][0]["receptive_field"]["conv3_1"]["size"] == [5, 5]


def test_a_block_of_the_input(cnncalc):
    out = cnncalc("rf", "resnet@50", "--of", "layer4.2").out
    assert "layer3" not in out
    assert "conv3" in out


def test_a_position_at_the_border(cnncalc):
    out = cnncalc("rf", "resnet@50", "--position", "0,0").out
    assert "position  0,0 of layer4.2.relu3" in out
    assert "224×224  0…213 × 0…213  91.3%" in out
    alone = cnncalc("rf", "resnet@50", "--position", "0,0", "--to", "input").out
    assert "conv1" not in alone
    assert "0…213 × 0…213" in alone


def test_holes_of_a_position_are_shown(cnncalc):
    spec = "conv: {out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}"
    assert "4, 8 " in cnncalc("rf", spec, "--input", "1x16", "--position", "4").out.replace("0, ", "")
    wide = "conv: {out_channels: 1, kernel_size: 7, dilation: 2}"
    assert "0…12 (every 2nd)" in cnncalc("rf", wide, "--input", "1x32", "--position", "0").out


def test_a_position_as_json(cnncalc):
    document = json.loads(cnncalc("rf", "vgg@16", "--of", "conv1_1", "--position", "0,5", "--format", "json").out)
    assert document["position"] == {
        "layer": "conv1_1",
        "at": [0, 5],
        "sees": {
            "conv1_1": {"shape": [64, 224, 224], "rows": [[0], [5]], "exact": True},
            "input": {"shape": [3, 224, 224], "rows": [[0, 1], [4, 5, 6]], "exact": True},
        },
    }


def test_json_has_the_field_of_every_layer(cnncalc):
    document = json.loads(cnncalc("rf", "alexnet", "--format", "json").out)
    fields = [layer["receptive_field"]["input"] for layer in document["layers"]]
    assert fields[0]["size"] == [11, 11]
    assert fields[-1] == {
        "size": [227, 227],
        "stride": [None, None],
        "padding": [None, None],
        "center": [None, None],
        "whole": True,
        "aligned": None,
    }


def test_csv_and_markdown(cnncalc):
    rows = list(csv.DictReader(io.StringIO(cnncalc("rf", "alexnet", "--format", "csv").out)))
    assert (rows[0]["layer"], rows[0]["size"], rows[0]["stride"], rows[0]["of"]) == ("conv1", "11 11", "4 4", "input")
    assert "| 11×11 " in cnncalc("rf", "alexnet", "--format", "markdown").out


def test_several_specs(cnncalc):
    documents = json.loads(cnncalc("rf", "alexnet", "vgg@11", "--format", "json").out)
    assert [document["name"] for document in documents] == ["AlexNet", "VGG"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--position", "x"), "--position: expected one row per axis, such as 0,0; got 'x'"),
        (("--position", "99,0", "--of", "conv1"), "conv1 has no position 99,0: its map is 55×55"),
        (("--position", "0,0", "--input", "3xHxW"), "give the symbols values first"),
        (("--position", "0,0", "--of", "conv1", "--to", "conv2"), "conv1 sees nothing of conv2"),
        (("--of", "conf1"), "no layer named 'conf1': did you mean 'conv1'?"),
        (("--to", "conf1"), "no layer named 'conf1': did you mean 'conv1'?"),
    ],
)
def test_refusals(cnncalc, arguments, message):
    done = cnncalc("rf", "alexnet", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
