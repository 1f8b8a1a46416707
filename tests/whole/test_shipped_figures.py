"""Shipped networks beside figures of papers, lectures and authors that no list of models has."""

from __future__ import annotations

import csv
from fractions import Fraction
from math import prod
from pathlib import Path

import pytest

import cnncalc

ROWS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "papers.csv").read_text().splitlines()))
COUNTED = ("conv", "maxpool", "linear", "input")  # what the notes' table has lines for


def rows(network: str, quantity: str) -> list[dict[str, str]]:
    found = [row for row in ROWS if (row["network"], row["quantity"]) == (network, quantity)]
    assert found
    return found


def label(row: dict[str, str]) -> str:
    return f"{row['variant']} {row['scope']} {row['value']}"


def test_convnetjs_layer_by_layer():
    found = cnncalc.load("convnetjs_cifar10").analyze()
    ours = [found.inputs["input"], *(layer.output for layer in found.layers if layer.kind in ("conv", "maxpool"))]
    printed = [tuple(map(int, row["value"].split("x"))) for row in rows("ConvNetJS", "output_shape")]
    assert [(*shape[1:], shape[0]) for shape in ours] == printed[:-1]
    assert printed[-1] == (1, 1, *found.outputs["output"])


def test_vgg_as_the_notes_print_it():
    """The notes number the lines of their table, the input is line 0; `3.2M` and `800K` are rounded to two digits."""
    found = cnncalc.load("vgg@16").analyze()
    kept = [layer.output for layer in found.layers if layer.kind in COUNTED]
    lines = [row for row in rows("VGG", "activations") if "CS231n" in row["variant"]]
    assert len(lines) == len(kept) + 1
    for row in lines:
        number = int(row["scope"][:2])
        numbers = prod(kept[number - 1] if number else found.inputs["input"])
        printed = Fraction(row["value"].rstrip("MK")) * {"M": 10**6, "K": 1000}.get(row["value"][-1], 1)
        assert abs(numbers - printed) <= printed * Fraction(5, 100), row["scope"]
    (total,) = [row for row in rows("VGG", "params") if "CS231n" in row["variant"]]
    assert found.params // 10**6 == int(total["value"])


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({"N": 0, "M": 0, "K": 0}, ""),
        ({"N": 1, "M": 1, "K": 0, "pool": False}, "CR"),
        ({"N": 1, "M": 2, "K": 1}, "CRPCRP FR"),
        ({"N": 2, "M": 3, "K": 2}, "CRCRP CRCRP CRCRP FRFR"),
        ({"N": 3, "M": 1, "K": 3, "pool": False}, "CRCRCR FRFRFR"),
    ],
)
def test_the_pattern_of_the_notes(settings, kinds):
    """[(CONV-RELU)*N-POOL?]*M-(FC-RELU)*K-FC, by the first letters."""
    found = cnncalc.load("cs231n").analyze(params=settings)
    letter = {"conv": "C", "relu": "R", "maxpool": "P", "linear": "F", "flatten": "", "softmax": "S"}
    assert "".join(letter[layer.kind] for layer in found.layers) == kinds.replace(" ", "") + "FS"


@pytest.mark.parametrize("row", rows("CapsNet", "params"), ids=label)
def test_capsules_in_millions(row):
    found = cnncalc.load("capsnet").analyze()
    params = found.params + (0 if "without" in row["variant"] else found.training_heads.params)
    assert f"{params / 10**6:.1f}" == row["value"]


def test_darknet_53():
    """Billions of operations at 256, two for each MAC, and the classifier that YOLOv3 has not; darknet prints 18.57."""
    (row,) = rows("Darknet", "flops")
    found = cnncalc.load("yolov3").analyze(input=(3, 256, 256))
    macs = sum(layer.macs for layer in found.layers if layer.name.startswith("backbone.")) + 1024 * 1000
    assert abs(2 * macs / 10**9 / float(row["value"]) - 1) < 0.01


@pytest.mark.parametrize(("name", "numbers"), [("yolov3", 62_001_757), ("yolov3@tiny", 8_858_734)])
def test_yolos_weights_file(name, numbers):
    """It holds the parameters, running means and running variances; PyTorch counts batches in one number more."""
    totals = cnncalc.load(name).analyze()
    norms = sum(layer.kind == "batchnorm" for layer in totals.layers)
    assert totals.params + totals.totals.buffers - norms == numbers


def test_the_authors_crops_of_fcn_agree():
    """19, 27 and 31 rows, as their three models have: what a pixel sees through the scores has one place in all."""
    seen = [cnncalc.load(f"fcn@{name}").analyze()["slice2"].receptive_field["input"] for name in ("32s", "16s", "8s")]
    assert {field.padding for field in seen} == {(221, 221)}
    assert {field.stride for field in seen} == {(1, 1)}


def test_a_stack_of_wavenet_sees_1024_samples():
    """Source: van den Oord et al., arXiv:1609.03499, section 2.1: each 1, 2, 4, …, 512 block."""
    found = cnncalc.load("wavenet").analyze(params={"stacks": 1})
    fields = found.receptive_fields_of(["causal1.conv1"])
    assert fields["stack1.9.skip"]["causal1.conv1"].size == (1024,)


def test_sharing_is_what_the_neocognitron_saves():
    """Every cell of a plane with weights of its own: as many times more as there are cells in the plane."""
    shared, own = (cnncalc.load(name).analyze() for name in ("neocognitron", "neocognitron@synapses"))
    for layer in shared.layers:
        if layer.name.endswith(".S"):
            assert own[layer.name].params == layer.params * prod(layer.output[1:])


def test_machines_of_knobs():
    """What turned or was turned: 8 times 512 motors of the Mark I, 16 knobs and a threshold of the Adaline."""
    assert cnncalc.load("perceptron").analyze().totals.trainable == 8 * 512
    assert cnncalc.load("adaline").analyze().params == 16 + 1
    assert cnncalc.load("perceptron").analyze()["association"].node.shapes == ((20 * 20,),)
