"""Trainable numbers in Mul and Add: one per channel or one for all, and single numbers that are fixed."""

from __future__ import annotations

import numpy as np
import pytest

from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

from .models import kinds, traced

MAP = {"x": ["N", 3, 8, 8]}
ONE = np.full((1,), 0.5, np.float32)
NONE = np.float32(0.5)
CHANNELS = np.full((3, 1, 1), 0.5, np.float32)
MUL, ADD = ("Mul", ["x", "head.a"], ["y"]), ("Add", ["x", "head.b"], ["y"])
BOTH = [("Mul", ["head.a", "x"], ["m"]), ("Add", ["m", "head.b"], ["y"])]


@pytest.mark.parametrize(
    ("nodes", "constants", "arguments", "params"),
    [
        ([MUL], {"head.a": ONE}, {"bias": False, "shared": True}, 1),
        ([MUL], {"head.a": NONE}, {"bias": False, "shared": True}, 1),
        ([MUL], {"head.a": CHANNELS}, {"bias": False}, 3),
        ([ADD], {"head.b": ONE}, {"bias": True, "shared": True, "factor": False}, 1),
        ([ADD], {"head.b": CHANNELS}, {"bias": True, "factor": False}, 3),
        (BOTH, {"head.a": ONE, "head.b": ONE}, {"bias": True, "shared": True}, 2),
        (BOTH, {"head.a": CHANNELS, "head.b": CHANNELS}, {"bias": True}, 6),
    ],
)
def test_trainable_numbers_are_a_scale(nodes, constants, arguments, params):
    network = traced(nodes, MAP, constants)
    assert kinds(network) == ["scale"]
    assert network.nodes[0].arguments == arguments
    assert parse(spec_text(network)).analyze().params == params
    assert network.warnings == ()


@pytest.mark.parametrize(
    "view",
    [
        ("Reshape", ["head.a", "to"], ["a"]),
        ("Unsqueeze", ["head.a", "axes"], ["a"]),
        ("Transpose", ["head.turned"], ["a"], {"perm": [2, 1, 0]}),
        ("Identity", ["head.map"], ["a"]),
    ],
    ids=lambda view: view[0],
)
def test_a_view_of_a_weight_is_that_weight(view):
    constants = {
        "head.a": np.full(3, 0.5, np.float32),
        "head.turned": np.full((1, 1, 3), 0.5, np.float32),
        "head.map": CHANNELS,
        "to": np.array([-1, 1, 1]),
        "axes": np.array([1, 2]),
    }
    network = traced([view, ("Mul", ["x", "a"], ["y"])], MAP, constants)
    assert kinds(network) == ["scale"]
    assert parse(spec_text(network)).analyze().params == 3


def test_a_factor_for_all_and_a_shift_per_channel_are_two():
    network = traced(BOTH, MAP, {"head.a": ONE, "head.b": CHANNELS})
    assert kinds(network) == ["scale", "scale"]
    assert parse(spec_text(network)).analyze().params == 4


@pytest.mark.parametrize("name", ["half", "onnx::Mul_12", "val_3", "/Constant_output_0"])
def test_a_number_of_another_name_is_fixed(name):
    network = traced([("Mul", ["x", name], ["y"])], MAP, {name: NONE})
    assert kinds(network) == ["rescale"]
