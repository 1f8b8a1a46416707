"""Layers around layers and models, and layers whose shape follows from their class."""

import pytest

from .models import sequential, totals, traced

CONV = ("Conv2D", {"filters": 4, "kernel_size": 3})
INNER = sequential((12, 12, 3), CONV, ("BatchNormalization", {}), ("Flatten", {}), ("Dense", {"units": 3}))


def around(kind, inner, shape):
    return traced(sequential(shape, (kind, {"layer": inner})))


def test_a_model_on_every_step():
    tracing, (value,) = around("TimeDistributed", INNER, (5, 12, 12, 3))
    (node,) = tracing.nodes
    weights = 4 * 9 * 3 + 4 + 8 + 3 * 400 + 3
    assert value.shape == (5, 3)
    assert totals(tracing) == (weights + 8, weights)
    assert node.arguments["macs"] == 5 * (4 * 27 * 100 + 3 * 400)


def test_a_model_in_a_model_on_every_step():
    frames = ("TimeDistributed", {"layer": INNER})
    tracing, (value,) = around("TimeDistributed", sequential((5, 12, 12, 3), frames), (2, 5, 12, 12, 3))
    assert (value.shape, tracing.nodes[0].arguments["macs"]) == ((2, 5, 3), 10 * (4 * 27 * 100 + 3 * 400))


def test_spectral_normalization():
    """Keras stores an estimate besides, of as many numbers as there are filters."""
    inner = {"class_name": "Conv2D", "config": CONV[1]}
    tracing, (value,) = around("SpectralNormalization", inner, (12, 12, 3))
    assert (value.shape, totals(tracing)) == ((10, 10, 4), (4 * 27 + 4 + 4, 4 * 27 + 4))


@pytest.mark.parametrize(
    ("kind", "fields", "shape", "output"),
    [
        ("CategoryEncoding", {"num_tokens": 5, "output_mode": "multi_hot"}, (8,), (5,)),
        ("CategoryEncoding", {"num_tokens": 5, "output_mode": "one_hot"}, (1,), (5,)),
        ("HashedCrossing", {"num_bins": 9, "output_mode": "int"}, (1,), (1,)),
        ("RandomPerspective", {}, (8, 8, 3), (8, 8, 3)),
        ("AdaptiveAveragePooling2D", {"output_size": [3, 2]}, (8, 8, 5), (3, 2, 5)),
        ("AdaptiveMaxPooling1D", {"output_size": 3}, (8, 5), (3, 5)),
    ],
)
def test_the_shapes_of_rarer_layers(kind, fields, shape, output):
    _, (value,) = traced(sequential(shape, (kind, fields)))
    assert value.shape == output
