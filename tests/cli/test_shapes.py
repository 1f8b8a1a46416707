import csv
import io
import json

import pytest

SPEC = """
name: Small
source: a test
input: 3x224x224
layers:
  - conv: {out_channels: 96, kernel_size: 11, stride: 4}
  - relu
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SPEC, "utf-8")
    return str(path)


def test_table(cnncalc, small):
    done = cnncalc("shapes", small)
    assert done.code == 0
    assert done.err == ""
    lines = done.out.splitlines()
    assert lines[:4] == ["Small", "source  a test", "input   3×224×224", "output  96×54×54"]
    assert any(
        line == "conv1  conv 11×11, 96, stride 4  96×54×54  "
        "▲ (224 − 11 + 2·0)/4 + 1 = 54.25: 1 row, 1 column of pixels unread"
        for line in lines
    )
    assert "▲ 1 layer drops pixels: conv1" in lines


def test_alexnet_as_caffe_has_it(cnncalc):
    done = cnncalc("shapes", "alexnet", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    outputs = [row["output"] for row in rows if row["kind"] in ("conv", "maxpool", "flatten", "linear")]
    assert outputs == [
        "96x55x55", "96x27x27", "256x27x27", "256x13x13", "384x13x13", "384x13x13", "256x13x13", "256x6x6",
        "9216", "4096", "4096", "1000",
    ]  # fmt: skip
    assert {row["fits"] for row in rows} == {"true", ""}


def test_alexnet_at_224(cnncalc):
    done = cnncalc("shapes", "alexnet", "--input", "3x224x224")
    assert "= 54.25: 1 row, 1 column of pixels unread" in done.out
    assert done.out.splitlines()[-1]
    assert "linear3   linear 1000" in done.out


@pytest.mark.parametrize(
    ("item", "size", "expected"),
    [
        ("conv: {out_channels: 1, kernel_size: 3}", "1x7x7", "1×5×5 fits"),
        ("conv: {out_channels: 1, kernel_size: 3, stride: 2}", "1x7x7", "1×3×3 fits"),
        ("conv: {out_channels: 1, kernel_size: 3, stride: 3}", "1x7x7", "= 2.33: 1 row, 1 column of pixels unread"),
        ("conv: {out_channels: 1, kernel_size: 3, padding: 1}", "1x7x7", "1×7×7 fits"),
        ("conv: {out_channels: 10, kernel_size: 5, padding: 2}", "3x32x32", "1 layer, 760 parameters"),
        ("conv: {out_channels: 32, kernel_size: 1}", "64x56x56", "32×56×56 fits"),
        ("maxpool: 2", "64x224x224", "64×112×112 fits"),
        ("linear: 10", "3072", "1 layer, 30,730 parameters"),
        ("relu", "5", "relu1 relu 5"),
    ],
)
def test_items_on_the_command_line(cnncalc, item, size, expected):
    done = cnncalc("shapes", item, "--input", size)
    assert done.code == 0, done.err
    assert expected in " ".join(done.out.split())


def test_formula(cnncalc):
    done = cnncalc("shapes", "lenet5", "--formula")
    assert "(32 − 5 + 2·0)/1 + 1 = 28" in done.out


def test_layout(cnncalc):
    done = cnncalc("shapes", "alexnet", "--layout", "hwc")
    assert "input   227×227×3" in done.out
    assert "55×55×96" in done.out


def test_batch(cnncalc):
    done = cnncalc("shapes", "alexnet", "--batch", "8")
    assert "input   8×3×227×227" in done.out
    assert "8×96×55×55" in done.out


def test_depth(cnncalc):
    full, folded = (cnncalc("shapes", "resnet@50", *more).out for more in ((), ("--depth", "1")))
    assert len(folded.splitlines()) < 25 < len(full.splitlines())
    assert "layer2           42 layers" in folded


def test_json_is_the_report(cnncalc, small):
    document = json.loads(cnncalc("shapes", small, "--format", "json").out)
    assert document["schema"] == "cnncalc/1"
    assert document["layers"][0]["fit"] == {"fits": False, "leftover": [1, 1], "unread": "pixels"}


def test_several(cnncalc, small):
    done = cnncalc("shapes", small, "vgg@16")
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "network",
        "─" * len(done.out.splitlines()[1]),
        "Small",
        "VGG@16",
    ]
    documents = json.loads(cnncalc("shapes", small, "vgg@16", "--format", "json").out)
    assert [document["name"] for document in documents] == ["Small", "VGG"]


def test_one_of_several_at_fault(cnncalc, small):
    done = cnncalc("shapes", small, "nothing.yaml")
    assert done.code == 2
    assert "Small" in done.out
    assert "nothing.yaml" in done.err


def test_set(cnncalc):
    done = cnncalc("shapes", "mobilenet_v2", "--set", "width=0.5", "--format", "csv")
    assert next(csv.DictReader(io.StringIO(done.out)))["output"] == "16x112x112"
