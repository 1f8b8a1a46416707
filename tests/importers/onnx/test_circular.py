"""Circular padding: slices of a map in front of it and behind, or a Pad that wraps."""

from __future__ import annotations

import numpy as np
import pytest

from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

from .models import kinds, traced, weights

FAR = 2**63 - 1
MAP = {"x": ["N", 3, 8, 9]}


def wrap(x, y, axis, low, high):
    """Operators that put the last `low` rows of x before it and its first `high` rows after, and their constants."""
    nodes, reads, constants = [], [x], {}
    for side, start, end in (("low", -low, FAR), ("high", 0, high)):
        if (end and start != 0) or (side == "high" and high):
            name = f"{y}{side}"
            constants |= {f"{name}s": np.array([start]), f"{name}e": np.array([end]), f"{name}a": np.array([axis])}
            nodes.append(("Slice", [x, f"{name}s", f"{name}e", f"{name}a"], [name]))
            reads = [name, *reads] if side == "low" else [*reads, name]
    return [*nodes, ("Concat", reads, [y], {"axis": axis})], constants


@pytest.mark.parametrize(
    ("sides", "padding"),
    [
        ({2: (1, 1), 3: (2, 2)}, [1, 2]),
        ({2: (1, 1), 3: (1, 1)}, 1),
        ({3: (2, 2)}, [0, 2]),
        ({2: (0, 1), 3: (2, 0)}, [[0, 1], [2, 0]]),
    ],
)
def test_slices_and_a_concat_are_the_padding_of_a_convolution(sides, padding):
    nodes, constants, at = [], {"w": weights(4, 3, 3, 3)}, "x"
    for axis, (low, high) in sides.items():
        more, numbers = wrap(at, f"wrapped{axis}", axis, low, high)
        nodes, constants, at = nodes + more, constants | numbers, f"wrapped{axis}"
    network = traced([*nodes, ("Conv", [at, "w"], ["y"])], MAP, constants)
    assert kinds(network) == ["conv"]
    assert network.nodes[0].arguments["padding"] == padding
    assert network.nodes[0].arguments["padding_mode"] == "circular"
    report = parse(spec_text(network)).analyze()
    assert report.layers[0].output == network.nodes[0].output


def test_it_is_a_pad_where_no_convolution_follows():
    nodes, constants = wrap("x", "y", 2, 1, 2)
    (node,) = traced(nodes, MAP, constants).nodes
    assert (node.kind, node.output) == ("pad", (3, 11, 9))
    assert node.arguments == {"padding": [[1, 2], [0, 0]], "mode": "circular"}


def test_a_pad_that_wraps_is_the_same():
    nodes = [("Pad", ["x", "pads"], ["m"], {"mode": "wrap"}), ("Conv", ["m", "w"], ["y"])]
    constants = {"pads": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "w": weights(4, 3, 3, 3)}
    network = traced(nodes, MAP, constants, opset=19)
    assert kinds(network) == ["conv"]
    assert network.nodes[0].arguments["padding_mode"] == "circular"


def test_zeros_around_wrapped_rows_stay_two_layers():
    nodes, constants = wrap("x", "m", 2, 1, 1)
    conv = ("Conv", ["m", "w"], ["y"], {"pads": [1, 1, 1, 1]})
    assert kinds(traced([*nodes, conv], MAP, constants | {"w": weights(4, 3, 3, 3)})) == ["pad", "conv"]


def test_other_slices_are_no_padding():
    """The first rows in front are no wrapping; nor are slices of another axis."""
    nodes = [("Slice", ["x", "s", "e", "a"], ["p"]), ("Concat", ["p", "x"], ["y"], {"axis": 2})]
    for start, end, axis in ((0, 1, 2), (-1, FAR, 3)):
        constants = {"s": np.array([start]), "e": np.array([end]), "a": np.array([axis])}
        inputs = MAP if axis == 2 else {"x": ["N", 3, 8, 1]}
        assert "pad" not in kinds(traced(nodes, inputs, constants))


@pytest.mark.parametrize("size", [8, "H"])
def test_slices_in_the_other_order_are_a_roll(size):
    ends = {"three": np.array([3]), "far": np.array([FAR]), "zero": np.array([0])}
    rows, columns = {"h": np.array([2])}, {"w": np.array([3])}
    nodes = [
        ("Slice", ["x", "three", "far", "h"], ["a"]),
        ("Slice", ["x", "zero", "three", "h"], ["b"]),
        ("Concat", ["a", "b"], ["r"], {"axis": 2}),
        ("Slice", ["r", "three", "far", "w"], ["c"]),
        ("Slice", ["r", "zero", "three", "w"], ["d"]),
        ("Concat", ["c", "d"], ["y"], {"axis": 3}),
    ]
    (node,) = traced(nodes, {"x": ["N", 3, size, 9]}, {**ends, **rows, **columns}).nodes
    assert (node.kind, node.arguments) == ("roll", {"shifts": [-3, -3], "dims": [2, 3]})
