"""Maximum, Minimum and Dot of maps, whose values are compared with NumPy's formulas through PyTorch."""

import json

import pytest

import cnncalc

from .models import functional, layer, traced

torch = pytest.importorskip("torch")


def joined(kind, *shapes, **fields):
    names = "abc"[: len(shapes)]
    entries = [
        layer("InputLayer", name, batch_input_shape=[None, *shape]) for name, shape in zip(names, shapes, strict=True)
    ]
    made = {**layer(kind, "made", **fields), "inbound_nodes": [[[name, 0, 0, {}] for name in names]]}
    return functional([*entries, made], list(names), ["made"])


def run(tmp_path, model, *inputs):
    """The output of a model for tensors as Keras lays them out."""
    (tmp_path / "net.json").write_text(json.dumps(model))
    network = cnncalc.load(tmp_path / "net.json").to_torch().eval()
    return network(*[each if each.ndim < 3 else each.movedim(-1, 1) for each in inputs])


@pytest.mark.parametrize(("kind", "function"), [("Maximum", torch.maximum), ("Minimum", torch.minimum)])
@pytest.mark.parametrize("shape", [(5, 6, 4), (7, 3), (8,)])
def test_extremes(tmp_path, kind, function, shape):
    one, two = torch.randn(2, *shape), torch.randn(2, *shape)
    made = run(tmp_path, joined(kind, shape, shape), one, two)
    expected = function(one, two)
    torch.testing.assert_close(made, expected if made.ndim < 3 else expected.movedim(-1, 1))


def test_extremes_of_different_shapes_are_unknown():
    tracing, (value,) = traced(joined("Maximum", (6, 6, 4), (1, 1, 4)))
    assert ([node.kind for node in tracing.nodes], value.shape) == (["unknown"], (6, 6, 4))


@pytest.mark.parametrize(
    ("shapes", "axes", "equation"),
    [
        (((5, 6, 4), (5, 6, 4)), 3, "bijk,bmnk->bijmn"),
        (((4, 3, 2), (5, 6, 4)), [1, 3], "bkij,bmnk->bijmn"),
        (((5, 12, 4), (4, 7)), [3, 1], "bijk,bkm->bijm"),
        (((6, 4), (6, 4)), 1, "bki,bkm->bim"),
    ],
)
@pytest.mark.parametrize("normalize", [False, True])
def test_dot(tmp_path, shapes, axes, equation, normalize):
    given = [torch.randn(2, *shape) for shape in shapes]
    made = run(tmp_path, joined("Dot", *shapes, axes=axes, normalize=normalize), *given)
    pair = axes if isinstance(axes, list) else [axes, axes]
    if normalize:
        given = [torch.nn.functional.normalize(each, dim=axis) for each, axis in zip(given, pair, strict=True)]
    torch.testing.assert_close(made, torch.einsum(equation, *given), atol=1e-5, rtol=1e-5)
