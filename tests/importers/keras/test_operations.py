"""Functions of TensorFlow in a model of Keras 2 (TFOpLambda): what they become."""

import pytest

from .models import functional, layer, traced


def applied(function, shape, *more, **options):
    """A function on one tensor, and further positional arguments and options of its call."""
    entry = layer("InputLayer", "x", batch_input_shape=[None, *shape])
    constants = [["_CONSTANT_VALUE", -1, value, {}] for value in more]
    made = {**layer("TFOpLambda", "made", function=function), "inbound_nodes": [[["x", 0, 0, options], *constants]]}
    tracing, (value,) = traced(functional([entry, made], ["x"], ["made"]))
    return [node.kind for node in tracing.nodes], value.shape


@pytest.mark.parametrize(
    ("function", "options", "kinds", "output"),
    [
        ("math.reduce_sum", {"axis": [1, 2]}, ["sum"], (4,)),
        ("math.reduce_max", {"axis": [1, 2], "keepdims": True}, ["max"], (1, 1, 4)),
        ("math.reduce_mean", {"axis": [1, 2]}, ["mean"], (4,)),
        ("clip_by_value", {"clip_value_min": 0, "clip_value_max": 6}, ["hardtanh"], (8, 6, 4)),
        ("math.negative", {}, ["rescale"], (8, 6, 4)),
        ("math.sqrt", {}, ["unknown"], (8, 6, 4)),
        ("math.maximum", {"y": 0.5}, ["unknown"], (8, 6, 4)),
    ],
)
def test_a_function(function, options, kinds, output):
    assert applied(function, (8, 6, 4), **options) == (kinds, output)


def test_axes_of_size_1():
    assert applied("expand_dims", (8, 4), axis=1)[1] == (1, 8, 4)
    assert applied("expand_dims", (8, 4), axis=-1)[1] == (8, 4, 1)
    assert applied("compat.v1.squeeze", (1, 8, 4), axis=[1])[1] == (8, 4)
    assert applied("compat.v1.squeeze", (1, 8, 1, 4))[1] == (8, 4)
