"""Every tool's total of whole networks, to the unit (tests/data/peers_networks.csv: what the tools printed)."""

import csv
from pathlib import Path

import pytest

import cnncalc
from cnncalc.conventions import CONVENTIONS, convention

from .columns import ELSEWHERE, LEFT_OUT, NETWORKS

DATA = Path(__file__).parents[1] / "data"
OURS = {  # shipped, or written beside these tests as torchvision has it
    "alexnet": "alexnet@torchvision",
    "vgg16": "vgg@16",
    "resnet18": "resnet@18",
    "resnet50": "resnet@50",
    "mobilenet_v2": "mobilenet_v2",
    "googlenet": "googlenet",
    "vgg16_bn": "vgg@16_bn",
    "resnext50_32x4d": "resnext@50_32x4d",
    "squeezenet1_0": "squeezenet@1_0",
    "mobilenet_v3_small": "mobilenet_v3@small",
    "mobilenet_v3_large": "mobilenet_v3@large",
    "efficientnet_b0": "efficientnet@b0",
    "lenet5": f"{DATA}/specs/lenet5.yaml",
}
INEXPRESSIBLE = {"vit_b_16": "attention is no layer of ours"}
PARAMS = {"vgg16": {"pool": True}, "vgg16_bn": {"pool": True}}
with (DATA / "peers_networks.csv").open() as file:
    HEAD, *ROWS = csv.reader(file)
PRINTED = {row[0]: dict(zip(HEAD, row, strict=True)) for row in ROWS}
GRAPHS = {name: cnncalc.load(ours).graph(params=PARAMS.get(name)) for name, ours in OURS.items()}


def test_every_column_and_network_is_taken():
    assert {*NETWORKS.values(), *LEFT_OUT} == set(HEAD[1:])
    assert NETWORKS.keys() | ELSEWHERE == CONVENTIONS.keys(), "columns.py names the column of every convention"
    assert {*OURS, *INEXPRESSIBLE} == PRINTED.keys()


@pytest.mark.parametrize("tool", NETWORKS)
@pytest.mark.parametrize("name", OURS)
def test_total_is_the_tools(name, tool):
    printed = PRINTED[name][NETWORKS[tool]]
    if not printed:
        pytest.skip(f"{tool} was not run on {name}")
    tally = convention(tool).tally(GRAPHS[name])
    assert ("partial:" if tally.at_least else "") + str(tally.total) == printed


@pytest.mark.parametrize("name", OURS)
def test_parameters_and_macs(name):
    report = cnncalc.load(OURS[name]).analyze(params=PARAMS.get(name))
    assert str(report.params) == PRINTED[name]["params (true, torchinfo)"]
    assert 2 * report.macs == int(PRINTED[name][NETWORKS["torch"]])
