"""The shipped specs: every one loads in every variant, and has exactly the figures of its paper or of torchvision."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.checks.levels import Choice
from cnncalc.checks.run import check_spec

from ..shipped_networks import EVERY


@pytest.mark.parametrize("name", EVERY)
def test_every_variant_has_a_report(name):
    report = cnncalc.load(name).analyze()
    assert report.layers
    assert report.params == sum(layer.params for layer in report.layers if not layer.node.training) > 0
    assert report.to_dict()["name"]


@pytest.mark.parametrize("name", shipped.names())
def test_a_spec_is_a_page_and_says_where_it_is_from(name):
    spec = cnncalc.load(name)
    assert len(spec.document.source.text.splitlines()) <= 150
    assert {"source", "year", "task", "description"} <= spec.document.about.keys()
    assert spec.document.expect is not None


FIGURES = {
    "lenet5": 60_000,
    "alexnet": 60_965_224,
    "vgg@16": 138_357_544,
    "resnet@18": 11_689_512,
    "resnet@50": 25_557_032,
    "resnet": 25_557_032,
    "googlenet": 6_624_904,
    "mobilenet_v2": 3_504_872,
    "tcn": 66_510,
    "unet": 31_030_658,
    "unet@padded": 31_030_658,
}


@pytest.mark.parametrize("name", FIGURES)
def test_trainable_parameters(name):
    totals = cnncalc.load(name).analyze().totals
    assert totals.trainable == totals.params == FIGURES[name]


def timm_models() -> list[dict[str, str]]:
    with (Path(__file__).parents[1] / "data" / "timm.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", timm_models(), ids=lambda row: row["model"])
def test_figures_are_those_of_timm(row):
    report = cnncalc.load(row["network"]).analyze(input=row["input"])
    assert (report.params, report.totals.buffers, report.macs) == (
        int(row["params"]),
        int(row["buffers"]),
        int(row["macs"]),
    )


def test_lenet_has_fixed_codes():
    assert cnncalc.load("lenet5").analyze().totals.buffers == 840


def test_alexnet_from_layer_to_layer():
    kept = ("conv", "maxpool", "flatten", "linear")
    layers = [layer for layer in cnncalc.load("alexnet").analyze().layers if layer.kind in kept]
    assert [layer.output for layer in layers] == [
        (96, 55, 55), (96, 27, 27), (256, 27, 27), (256, 13, 13), (384, 13, 13), (384, 13, 13), (256, 13, 13),
        (256, 6, 6), (9216,), (4096,), (4096,), (1000,),
    ]  # fmt: skip


def test_alexnet_fits_at_227_and_at_the_printed_224_does_not():
    assert cnncalc.load("alexnet").analyze()["conv1"].fit.fits
    report = cnncalc.load("alexnet").analyze(input=(3, 224, 224))
    conv1 = report["conv1"]
    assert conv1.output == (96, 54, 54)
    assert conv1.fit.exact() == (Fraction("54.25"), Fraction("54.25"))
    assert conv1.fit.leftover == (1, 1)
    assert conv1.fit.unread == "pixels"
    assert [window.trailing().pixels for window in conv1.fit.windows] == [1, 1]
    assert report.outputs == {"output": (1000,)}


def test_googlenets_training_heads_stand_apart():
    report = cnncalc.load("googlenet").analyze()
    assert report.params + report.training_heads.params == 13_004_888
    assert {layer.name.partition(".")[0] for layer in report.layers if layer.node.training} == {"aux1", "aux2"}
    assert report.outputs == {"output": (1000,)}


def test_unet_crops_its_skips_or_pads():
    assert cnncalc.load("unet").analyze().outputs == {"output": (2, 388, 388)}
    assert cnncalc.load("unet@padded").analyze().outputs == {"output": (2, 512, 512)}
    crops = [layer for layer in cnncalc.load("unet").analyze().layers if layer.kind == "crop"]
    assert [layer.output for layer in crops] == [(512, 56, 56), (256, 104, 104), (128, 200, 200), (64, 392, 392)]


def test_tcn_keeps_the_length_and_reads_the_last_step():
    report = cnncalc.load("tcn").analyze()
    assert {layer.output[1] for layer in report.layers if layer.kind == "conv"} == {784}
    assert report["slice1"].output == (25, 1)


@pytest.mark.parametrize("size", [64, 97, 160, 224])
def test_mobilenet_takes_other_sizes_and_widths(size):
    report = cnncalc.load("mobilenet_v2").analyze(input=(3, size, size), params={"width": 0.5})
    assert report.outputs == {"output": (1000,)}
    assert report["unit1.conv1"].output == (16, -(-size // 2), -(-size // 2))


@pytest.mark.parametrize("name", shipped.names())
def test_every_network_keeps_what_it_promises(name):
    """Every variant is promised something, and `cnncalc check` finds it kept."""
    spec = cnncalc.load(name)
    promised = {each.where.variant for each in spec.document.expect}
    assert None in promised or {"default", *spec.variants} <= promised
    assert check_spec(spec, Choice(select=("expectation",))).findings == ()
