"""Antialiased interpolation: which rows have a weight, and how many weights there are, against PyTorch's own matrix."""

from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name

import cnncalc
from cnncalc.layers.existing_rows import read
from cnncalc.layers.reading import Axis
from cnncalc.layers.routes import resample

FACTORS = [Fraction(1, 3), Fraction("0.7"), Fraction(3, 2), 2, Fraction(1, 2), Fraction("0.3")]


def matrix(rows, mode, aligned, **to):
    """[rows, out]: the weight of each row in each row that leaves."""
    eye = torch.eye(rows, dtype=torch.float64)[None, ..., None].repeat(1, 1, 1, 2)  # of one column, PyTorch is wrong
    return F.interpolate(eye, mode=mode, align_corners=aligned or None, antialias=True, **to)[0, ..., 0]


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("aligned", [False, True])
def test_rows_with_a_weight(mode, aligned):
    for size in range(1, 14):
        targets = [(out, None, {"size": (out, 2)}) for out in range(1, 14)]
        targets += [(int(size * f), f, {"scale_factor": (float(f), 1.0)}) for f in FACTORS if int(size * f) >= 1]
        for out, factor, to in targets:
            weights = matrix(size, mode, aligned, **to)
            assert weights.shape[1] == out
            reading = resample(size, out, factor, mode, aligned, antialias=True)
            for row in range(out):
                found = weights[:, row].abs().gt(1e-9).nonzero().flatten().tolist()
                assert list(read(Axis(reading, 1), row, size)) == found, (size, out, factor, row)


def test_cost_is_the_number_of_weights():
    graph = cnncalc.parse(
        "input: 3x9x12\nlayers:\n  - upsample: {size: [4, 5], mode: bicubic, antialias: true}"
    ).graph()
    wide, high = ((matrix(n, "bicubic", False, size=(out, 2)).abs() > 1e-9).sum() for n, out in ((12, 5), (9, 4)))
    operations = graph.nodes[0].layer.operations(graph.nodes[0].shapes, graph.nodes[0].output)
    assert operations.multiply == 3 * (9 * int(wide) + 5 * int(high))
    assert operations.add == operations.multiply - 3 * (9 * 5 + 5 * 4)


def test_the_field_widens_where_the_map_shrinks():
    text = "input: 3x64x64\nlayers:\n  - upsample: {{scale_factor: 0.25, mode: bilinear, antialias: {}}}"
    fields = [cnncalc.Report(cnncalc.parse(text.format(how)).graph()).receptive_fields for how in ("false", "true")]
    assert [each["upsample1"]["input"].size for each in fields] == [(2, 2), (8, 8)]


def test_an_import_has_it():
    class Shrinks(torch.nn.Module):
        def forward(self, x):
            return F.interpolate(F.interpolate(x, (5, 7), mode="bicubic", antialias=True), scale_factor=0.5)

    spec = cnncalc.from_torch(Shrinks(), (3, 20, 30))
    assert spec.graph().nodes[0].layer.antialias
    x = torch.randn(2, 3, 20, 30)
    assert torch.allclose(spec.to_torch()(x), Shrinks()(x))
