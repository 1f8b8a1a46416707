"""Names of layers that are too long for a table lose their first parts."""

from __future__ import annotations

import pytest

from cnncalc.importers.traced import LONGEST_NAME, shorten_name
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")

from .onnx.models import traced  # noqa: E402


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("layer1.0.conv1", "layer1.0.conv1"),
        ("a" * 80, "a" * 80),
        ("model_" * 50 + "conv", ("model_" * 50 + "conv")[-LONGEST_NAME:]),
        (f"{'x' * 60}.{'y' * 30}.conv", f"{'y' * 30}.conv"),
        ("_" * 300, "_" * LONGEST_NAME),
    ],
)
def test_the_end_of_a_name_stays(name, short):
    assert shorten_name(name) == short
    assert len(short) <= LONGEST_NAME


def test_long_names_of_a_model_stay_apart():
    weights = {"w": np.zeros((3, 3, 1, 1), np.float32)}
    nodes = [
        ("Conv", ["x", "w"], ["m"], {"name": "graph_" * 50 + "conv"}),
        ("Relu", ["m"], ["y"], {"name": "graph_" * 50 + "relu"}),
    ]
    network = traced(nodes, {"x": ["N", 3, 8, 8]}, weights)
    names = [node.name for node in network.nodes]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= LONGEST_NAME
    assert parse(spec_text(network)).analyze().params == 9
