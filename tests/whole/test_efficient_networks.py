"""The efficient networks as their papers and authors print them (tests/data/papers.csv), and what their scaling says.

A printed figure holds within one unit of its last digit: some round, some cut off, and some leave out batch
normalization, which inference folds into the convolutions.
"""

from __future__ import annotations

import csv
import math
import re
from decimal import Decimal
from pathlib import Path

import pytest

import cnncalc
from cnncalc.analysis.cost import macs_of

Row = dict[str, str]
ROWS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "papers.csv").read_text("utf-8").splitlines()))
PRINTED = {  # variants as they are printed → spec; the group of the expression is its width
    r"([\d.]+) MobileNet-\d+": "mobilenet_v1",
    r"MobileNet_v1_([\d.]+)_\d+": "mobilenet_v1",
    r"Conv MobileNet .*": "mobilenet_v1@full",
    r"Shallow MobileNet .*": "mobilenet_v1@shallow",
    r"mobilenet_v2_([\d.]+)_\d+": "mobilenet_v2",
    r"Large dm=1": "mobilenet_v3@large",
}
CHANNELS = list(enumerate((16, 24, 40, 80, 112, 192, 320), start=2))  # of EfficientNet-B0's stages: Table 1
WITHOUT_CLASSIFIER = "Conv MobileNet"
COUNTED_MORE = {
    "mnasnet": Decimal("0.03"),
    "ShuffleNetV2": Decimal("0.015"),
}  # by their authors' programs: not MACs alone


def rows(networks: str, *quantities: str) -> list[Row]:
    """The rows of some networks that print these quantities of the whole."""
    found = [row for row in ROWS if row["network"] in networks.split() and row["quantity"] in quantities]
    assert {row["network"] for row in found} == set(networks.split())
    return [row for row in found if row["scope"] in ("", "total")]


def label(row: Row) -> str:
    return f"{row['variant']} {row['quantity']}"


def spec_of(row: Row) -> tuple[str, str | None]:
    """The spec, and the multiplier of its width where that is no variant of ours."""
    if found := re.fullmatch(r"ShuffleNetV(\d) ([\d.]+)x(?: \(group=(\d)\))?", row["variant"]):
        version, width, groups = found.groups()
        return f"shufflenet_v{version}@x{width.replace('.', '_')}" + (f"_g{groups}" if groups else ""), None
    if row["network"] == "EfficientNet":
        return f"efficientnet@{row['variant'].lower()}", None
    if row["network"] == "MnasNet":
        return "mnasnet@a1", row["notes"].removeprefix("depth multiplier ")
    (spec, found) = next((s, m) for pattern, s in PRINTED.items() if (m := re.fullmatch(pattern, row["variant"])))
    return spec, found[1] if found.groups() else None


def report_of(row: Row) -> cnncalc.Report:
    spec, width = spec_of(row)
    size = int(row["input_size"].partition("x")[0])
    return cnncalc.load(spec).analyze(input=(3, size, size), params={"width": width} if width else None)


def normalization(report: cnncalc.Report) -> int:
    return sum(layer.params for layer in report.layers if layer.kind == "batchnorm")


@pytest.mark.parametrize("row", rows("MobileNetV1 MobileNetV3 EfficientNet MnasNet ShuffleNet", "params"), ids=label)
def test_printed_parameters(row: Row) -> None:
    report, printed = report_of(row), Decimal(row["value"])
    found = [count / Decimal(row["unit"]) for count in (report.params, report.params - normalization(report))]
    assert any(abs(each - printed) < last_digit(printed) for each in found)


@pytest.mark.parametrize("row", rows("MobileNetV1 MobileNetV2 MobileNetV3 MnasNet ShuffleNet", "macs"), ids=label)
def test_printed_multiply_accumulates(row: Row) -> None:
    report, printed = report_of(row), Decimal(row["value"])
    classifier = macs_of(report.graph.nodes[-1]) if row["variant"].startswith(WITHOUT_CLASSIFIER) else 0
    found = (report.macs - classifier) / Decimal(row["unit"])
    more = next((more for name, more in COUNTED_MORE.items() if row["variant"].startswith(name)), 0)
    assert found - last_digit(printed) < printed < found * (1 + more) + last_digit(printed)


def last_digit(number: Decimal) -> Decimal:
    """One unit of it: 0.01 for 1.32."""
    return Decimal(1).scaleb(int(number.as_tuple().exponent))


def test_mobilenet_layer_by_layer() -> None:
    """Table 1: what enters each convolution, the pooling, the classifier. The paper's softmax is not in the spec."""
    printed = [row for row in ROWS if (row["network"], row["quantity"]) == ("MobileNetV1", "input_shape")]
    expected = []
    for row in printed[:-1]:
        height, width, channels = map(int, row["value"].split("x"))
        expected += [(channels, height, width)] * (5 if " 5x " in row["scope"] else 1)
    nodes = cnncalc.load("mobilenet_v1").graph().nodes
    found = [node.shapes[0] for node in nodes if node.kind in ("conv", "global_avgpool", "linear")]
    assert sorted(found[:-1]) == sorted(expected[:-1])
    assert (*found[-1], 1, 1) == expected[-1]
    assert found[:13] == expected[:13]


def test_mobilenet_shares_of_kinds_of_layers() -> None:
    """Table 2, of parameters without batch normalization, to the hundredth of a per cent or two.

    The share of the first convolution's MACs is printed as 1.19, which makes the column 99.29: it is 1.91, left out.
    """
    report = cnncalc.load("mobilenet_v1").analyze()
    parts = {"Conv 1x1": ".pointwise.conv1", "Conv DW 3x3": ".depthwise.conv1", "Conv 3x3": "full1.conv1"}
    parts["Fully Connected"] = "linear1"
    for row in ROWS:
        if not row["quantity"].endswith("_share"):
            continue
        ending = parts[row["scope"].removeprefix("layer type ")]
        nodes = [layer for layer in report.layers if layer.name.endswith(ending)]
        if row["quantity"] == "params_share":
            part, whole = sum(layer.params for layer in nodes), report.params - normalization(report)
        else:
            part, whole = sum(macs_of(layer.node) for layer in nodes), report.macs
        assert float(row["value"]) == pytest.approx(100 * part / whole, abs=0.025), row["scope"]


SEPARABLE = """
input: {maps}x{size}x{size}
layers:
  - conv: {{out_channels: in_channels, kernel_size: 3, padding: 1, groups: in_channels, bias: false}}
  - conv: {{out_channels: in_channels, kernel_size: 1, bias: false}}
"""
FULL = """
input: {maps}x{size}x{size}
layers:
  - conv: {{out_channels: in_channels, kernel_size: 3, padding: 1, bias: false}}
"""
ONE_LAYER = {"standard conv": (FULL, 512, 14), "depthwise": (SEPARABLE, 512, 14), "+ alpha": (SEPARABLE, 384, 14)}
ONE_LAYER["+ rho"] = (SEPARABLE, 384, 10)


@pytest.mark.parametrize("row", [row for row in ROWS if row["variant"] == "single layer"], ids=lambda r: r["scope"])
def test_mobilenets_one_layer(row: Row) -> None:
    """Table 3: a full convolution, a separable one, thinner, on smaller maps."""
    text, maps, size = next(case for name, case in ONE_LAYER.items() if row["scope"].startswith(name))
    report, printed = cnncalc.parse(text.format(maps=maps, size=size)).analyze(), Decimal(row["value"])
    found = (report.params if row["quantity"] == "params" else report.macs) / Decimal(row["unit"])
    assert abs(found - printed) < last_digit(printed)


@pytest.mark.parametrize("row", rows("EfficientNet", "resolution"), ids=label)
def test_efficientnets_resolution(row: Row) -> None:
    assert cnncalc.load(spec_of(row)[0]).analyze().inputs["input"] == (3, int(row["value"]), int(row["value"]))


def test_efficientnets_parameters() -> None:
    found = [cnncalc.load(f"efficientnet@b{n}").analyze().params for n in range(8)]
    assert found == [5288548, 7794184, 9109994, 12233232, 19341616, 30389784, 43040704, 66347960]


@pytest.mark.parametrize("phi", range(8))
def test_compound_scaling(phi: int) -> None:
    """Section 3.3: 1.2^phi times as deep, 1.1^phi times as wide, 1.15^phi times as large."""
    report = cnncalc.load("efficientnet").analyze(params={"phi": phi})
    size = round(224 * 1.15**phi)
    assert report.inputs["input"] == (3, size, size)
    blocks = {tuple(layer.name.split(".")[:2]) for layer in report.layers if layer.name.startswith("stage")}
    assert len(blocks) == sum(math.ceil(n * 1.2**phi - 1e-9) for n in (1, 2, 2, 3, 3, 4, 1))
    assert [abs(report[f"stage{i}.mbconv1.conv1"].output[0] / c - 1.1**phi) * c < 8 for i, c in CHANNELS] == [True] * 7


def test_published_coefficients_follow_no_phi() -> None:
    """B2 has phi 1 but for its resolution; B7 lies between phi 6.2 and 7.3."""
    spec = cnncalc.load("efficientnet")
    assert cnncalc.load("efficientnet@b2").analyze().params == spec.analyze(params={"phi": 1}).params
    assert spec.analyze(params={"phi": 6}).params < cnncalc.load("efficientnet@b7").analyze().params
    assert spec.analyze(params={"phi": 7}).params > cnncalc.load("efficientnet@b7").analyze().params


@pytest.mark.parametrize("variant", cnncalc.load("regnet").variants)
def test_regnets_are_named_for_their_cost(variant: str) -> None:
    """`y_1_6gf` has 1.6 GFLOPs, which are MACs: within a tenth."""
    number, unit = re.fullmatch(r"[xy]_([\d_]+)([mg])f", variant).groups()  # type: ignore[union-attr]
    said = float(number.replace("_", ".")) * {"m": 1e6, "g": 1e9}[unit]
    assert cnncalc.load(f"regnet@{variant}").analyze().macs == pytest.approx(said, rel=0.1)


def test_regnets_have_four_stages_and_whole_groups() -> None:
    for variant in cnncalc.load("regnet").variants:
        layers = cnncalc.load(f"regnet@{variant}").analyze().layers
        stages = {layer.name.partition(".")[0] for layer in layers if layer.name.startswith("stage")}
        assert stages == {"stage1", "stage2", "stage3", "stage4"}
