"""Every shipped variant that torchvision lists: its parameters exactly, its MACs within the rounding of the list."""

from fractions import Fraction

import pytest

import cnncalc
from cnncalc.solutions.conditions import solve, symbolic_input

from ..torchvision_table import (
    NO_MODELS_OF_OURS,
    NOT_SHIPPED,
    ROWS,
    RUNS_HEADS,
    SHIPPED,
    WITH_HEADS,
    name_of,
    params_of,
)

HALF_OF_THE_LAST_DIGIT = Fraction(1, 2000)


@pytest.mark.parametrize("row", [row for row in ROWS if row.spec], ids=str)
def test_parameters_and_macs_are_torchvisions(row):
    report = cnncalc.load(row.spec).analyze(input=(3, row.size, row.size) if row.size else None)
    heads = report.training_heads.params if row.model in WITH_HEADS else 0
    assert report.totals.trainable + heads == row.params  # what is frozen is a buffer there
    macs = sum(layer.macs for layer in report.layers if not layer.node.training or row.model in RUNS_HEADS)
    assert abs(Fraction(macs, 10**9) - Fraction(row.gmacs)) <= HALF_OF_THE_LAST_DIGIT


@pytest.mark.parametrize("model", sorted({row.model for row in ROWS if row.spec and row.min_size}))
def test_the_smallest_input_is_torchvisions(model):
    if model.startswith("efficientnet_v2_"):
        pytest.skip("runs on one pixel too; torchvision says 33")
    if model.startswith(("vit_", "swin_", "maxvit_")):
        pytest.skip("a network of its own for every input; torchvision says the size of the weights")
    (expected,) = {row.min_size for row in ROWS if row.model == model}
    spec = cnncalc.load(SHIPPED[model])
    symbolic = symbolic_input(spec.inputs())
    graph = spec.graph(input=symbolic, params=params_of(model))
    height, width = solve(graph).axes[-2:]
    assert expected == smallest(height) == smallest(width)


def smallest(axis):
    return next(size for size in range(1, 1000) if axis.valid.contains(size))


def test_every_model_is_shipped_or_named():
    """A convolutional model that we have no spec of stands in NOT_SHIPPED."""
    others = tuple(start for starts in NO_MODELS_OF_OURS for start in starts)
    assert {row.model for row in ROWS if not row.spec and not row.model.startswith(others)} == NOT_SHIPPED
    assert not {spec for model, spec in SHIPPED.items() if model.startswith(others)}


def test_names_are_written_together():
    assert name_of("resnet", "50") == "resnet50"
    assert name_of("regnet", "y_400mf") == "regnet_y_400mf"
    assert {
        "resnet18": "resnet@18",
        "googlenet": "googlenet",
        "alexnet": "alexnet@torchvision",
    }.items() <= SHIPPED.items()
