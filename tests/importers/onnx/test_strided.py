"""A view by strides, as PyTorch's exporter writes it: a gather from the flat list of all numbers."""

from __future__ import annotations

import numpy as np
import pytest

from cnncalc import parse
from cnncalc.importers.writing.spec_text import spec_text

from .models import kinds, traced

SIZES = (4, 3, 1)
LISTS = {"flat": np.array([-1]), "zero": np.array(0), "one": np.array(1), "behind": np.array([1, 2, 3])}
IMAGES = [
    ("Shape", ["x"], ["s"], {"start": 0, "end": 1}),
    ("Squeeze", ["s"], ["n"]),
    ("Range", ["zero", "n", "one"], ["rows"]),
    ("Mul", ["rows", "stride"], ["starts"]),
    ("Unsqueeze", ["starts", "behind"], ["images"]),
]
VIEW = [("Reshape", ["x", "flat"], ["numbers"]), ("Gather", ["numbers", "places"], ["y"])]


def places(*strides):
    """The place of every element of a view, [1, *SIZES]."""
    grids = np.indices((1, *SIZES))
    return sum(stride * grid for stride, grid in zip(strides, grids[1:], strict=True))


def viewed(fixed, images=12, nodes=None, shape=("batch", 12, 1, 1)):
    """A view of a map; by default of all of it, with the images of any batch one after the other."""
    nodes = [*IMAGES, ("Add", ["images", "fixed"], ["places"])] if nodes is None else nodes
    return traced([*nodes, *VIEW], {"x": list(shape)}, {**LISTS, "stride": np.array(images), "fixed": fixed})


def test_a_view_of_all_numbers_in_their_order_is_a_reshape():
    network = viewed(places(3, 1, 1))
    assert kinds(network) == ["reshape"]
    assert network.nodes[0].output == SIZES
    assert not network.warnings
    assert parse(spec_text(network)).analyze().outputs == {"output": SIZES}


def test_a_view_of_the_same_shape_is_the_map_itself():
    network = viewed(places(3, 1, 1), shape=("batch", *SIZES))
    assert kinds(network) == []


def test_a_view_of_a_batch_of_one_has_its_places_as_a_constant():
    network = viewed(places(3, 1, 1), nodes=[("Identity", ["fixed"], ["places"])], shape=(1, 12, 1, 1))
    assert kinds(network) == ["reshape"]


@pytest.mark.parametrize(
    ("fixed", "images"),
    [
        (places(1, 4, 1), 12),  # transposed
        (places(3, 1, 1) + 1, 12),  # starts one number later
        (places(3, 1, 1), 6),  # the images overlap
        (places(3, 1, 1)[:, :3], 12),  # a part of every image
    ],
)
def test_any_other_view_is_unknown(fixed, images):
    """With the shape of its indices, and what reads it is readable."""
    network = viewed(fixed, images)
    assert kinds(network)[-1] == "unknown"
    (shape,) = parse(spec_text(network)).analyze().outputs.values()
    assert shape == fixed.shape[1:]
