"""Shipped networks have the parameters, operations and sizes that their papers print (tests/data/papers.csv)."""

import csv
from pathlib import Path

import pytest

import cnncalc

SPECS = {
    ("ResNet", "ResNet-18"): "resnet@18",
    ("ResNet", "ResNet-34"): "resnet@34",
    ("ResNet", "plain-34"): "resnet@plain34",
    ("ResNet", "ResNet-50"): "resnet@50_v1",
    ("ResNet", "ResNet-101"): "resnet@101_v1",
    ("ResNet", "ResNet-152"): "resnet@152_v1",
    ("ResNet", "all ImageNet variants"): "resnet",
    ("ResNeXt", "ResNet-50"): "resnet@50",
    ("ResNeXt", "ResNeXt-50 (32x4d)"): "resnext@50_32x4d",
    ("SENet", "ResNet-50"): "resnet@50_v1",
    ("SENet", "ResNet-101"): "resnet@101_v1",
    ("SENet", "SE-ResNet-50"): "senet@resnet50",
    ("Xception", "Xception"): "xception",
}
STAGES = {"conv1": "conv1", "conv2_x": "layer1.0.relu3", "conv4_x": "layer3.0.relu3", "conv5_x": "layer4.0.relu3"}
with (Path(__file__).parents[1] / "data" / "papers.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [row for row in csv.DictReader(file) if row["network"] in {network for network, _ in SPECS}]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join([row["variant"], row["scope"], row["quantity"]]))
def test_what_the_paper_prints(row):
    report = cnncalc.load(SPECS[row["network"], row["variant"]]).analyze()
    if row["quantity"] == "output_hw":
        assert report[STAGES[row["scope"]]].output[1:] == tuple(map(int, row["value"].split("x")))
    elif row["scope"].startswith("SE blocks"):
        added = report.params - cnncalc.load("resnet@50").analyze().params
        assert added / 10**6 == pytest.approx(float(row["value"].strip("~")), rel=0.02)
    else:  # papers cut digits off, and some leave out shortcuts or poolings
        printed = float(row["value"]) * float(row["unit"] or 1)
        found = {"flops": report.macs, "params": report.params}[row["quantity"]]
        assert found == pytest.approx(printed, rel=0.02)
