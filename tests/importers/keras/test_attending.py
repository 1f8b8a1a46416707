"""Attention and EinsumDense: what they become, and their weights; shapes and numbers are those of Keras 3.15.1."""

import pytest

from cnncalc.errors import SpecError

from .models import functional, layer, sequential, totals, traced


def called(kind, shapes, options=None, **fields):
    """A layer that is called with several tensors."""
    names = "abc"[: len(shapes)]
    entries = [
        layer("InputLayer", name, batch_input_shape=[None, *shape]) for name, shape in zip(names, shapes, strict=True)
    ]
    reads = [[name, 0, 0, {}] for name in names]
    reads[0][3] = options or {}
    made = {**layer(kind, "made", **fields), "inbound_nodes": [reads]}
    return traced(functional([*entries, made], list(names), ["made"]))


@pytest.mark.parametrize(
    ("kind", "fields", "params"),
    [
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4}, 222),
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4, "value_dim": 5, "use_bias": False}, 216),
        ("GroupQueryAttention", {"head_dim": 4, "num_query_heads": 6, "num_key_value_heads": 3}, 486),
    ],
)
def test_heads_are_projections_and_attention(kind, fields, params):
    tracing, (value,) = called(kind, [(10, 6), (7, 6)], **fields)
    assert [node.kind for node in tracing.nodes] == ["linear", "linear", "linear", "attention", "linear"]
    assert value.shape == (10, 6)
    assert totals(tracing) == (params, params)


@pytest.mark.parametrize(
    ("options", "fields", "shapes", "output"),
    [
        ({"return_attention_scores": True}, {}, [(10, 6)] * 2, (10, 6)),
        ({}, {"attention_axes": [2], "output_shape": [5]}, [(10, 3, 6)] * 2, (10, 3, 5)),
    ],
)
def test_other_heads_are_unknown_with_their_weights(options, fields, shapes, output):
    tracing, (value,) = called("MultiHeadAttention", shapes, options, num_heads=2, key_dim=4, **fields)
    assert [node.kind for node in tracing.nodes] == ["unknown"]
    assert value.shape == output
    assert totals(tracing)[0] == 3 * 7 * 8 + 9 * output[-1]


def test_a_mask_is_a_query_that_sees_less():
    tracing, _ = called("MultiHeadAttention", [(5, 6)] * 2, {"use_causal_mask": True}, num_heads=2, key_dim=3)
    assert next(node for node in tracing.nodes if node.kind == "attention").arguments["is_causal"] is True
    with pytest.raises(SpecError, match="it needs a query and a value, got 1 tensor"):
        called("MultiHeadAttention", [(5, 6)], num_heads=2, key_dim=3)


@pytest.mark.parametrize(
    ("kind", "fields", "params"),
    [
        ("Attention", {}, 0),
        ("Attention", {"use_scale": True, "score_mode": "concat"}, 2),
        ("AdditiveAttention", {}, 6),
        ("AdditiveAttention", {"use_scale": False}, 0),
    ],
)
def test_attention_without_projections(kind, fields, params):
    tracing, (value,) = called(kind, [(10, 6), (7, 6)], **fields)
    assert value.shape == (10, 6)
    assert totals(tracing)[0] == params
    plain = kind == "Attention" and not fields
    assert tracing.nodes[-1].kind == ("matmul" if plain else "unknown")
    if not plain:
        assert tracing.nodes[-1].arguments["macs"] == 10 * 7 * 12


@pytest.mark.parametrize(
    ("equation", "shape", "fields", "output", "params"),
    [
        ("abc,cd->abd", (10, 6), {"output_shape": [None, 7], "bias_axes": "d"}, (10, 7), 49),
        ("...x,xy->...y", (12, 12, 4), {"output_shape": 7, "bias_axes": "y"}, (12, 12, 7), 35),
        ("ab,bc->ac", (8,), {"output_shape": [7]}, (7,), 56),
        ("abc,cde->abde", (10, 6), {"output_shape": [None, 3, 4], "bias_axes": "de"}, (10, 3, 4), 84),
        ("abcd,cde->abe", (10, 3, 4), {"output_shape": [None, 6]}, (10, 6), 72),
    ],
)
def test_einsum(equation, shape, fields, output, params):
    tracing, (value,) = traced(sequential(shape, ("EinsumDense", {"equation": equation, **fields})))
    assert value.shape == output
    assert totals(tracing)[0] == params
    (node,) = tracing.nodes
    assert node.kind == ("linear" if len(output) == len(shape) else "unknown")
    if node.kind == "unknown":
        assert node.arguments["macs"] == 10 * 72


@pytest.mark.parametrize(
    ("equation", "message"),
    [
        ("abc", "expected an equation such as"),
        ("ab,bc->ac", "its equation names 1 axes, the input has 2"),
        ("abc,cd->abd", "its sizes are not stated"),
    ],
)
def test_a_wrong_equation(equation, message):
    with pytest.raises(SpecError, match=message):
        traced(sequential((10, 6), ("EinsumDense", {"equation": equation})))
