"""What single layers read, against gradients of PyTorch: the kinds that random networks leave out.

Weights and inputs are random here, not positive: what cancels would have to do so by accident.
"""

from itertools import product

import pytest
import torch

from cnncalc import parse
from cnncalc.analysis.field.footprint import footprints
from cnncalc.layers.existing_rows import read
from cnncalc.layers.reading import Axis, Slide, Spread
from cnncalc.pytorch import build
from cnncalc.pytorch.verification.fields import pixels

LAYERS = [
    ("2x5x6", "softmax: 1"),
    ("2x5x6", "softmax: 2"),
    ("2x5x6", "log_softmax: -1"),
    ("3x5x6", "layernorm: {axis: channels}"),
    ("3x5x6", "layernorm: {axis: last}"),
    ("4x5x6", "groupnorm: 2"),
    ("4x5x6", "instancenorm"),
    ("4x5x6", "instancenorm: {track_running_stats: true}"),
    ("4x5x6", "batchnorm"),
    ("4x5x6", "batchnorm: {track_running_stats: false}"),
    ("4x5x6", "lrn: 3"),
    ("4x5x6", "l2norm"),
    ("4x5x6", "scale"),
    ("4x5x6", "channel_shuffle: 2"),
    ("4x6x6", "subsample"),
    ("4x5x6", "adaptive_avgpool: [3, 4]"),
    ("4x5x6", "linear: {out_features: 3, axis: channels}"),
    ("4x5x6", "linear: {out_features: 3, axis: last}"),
    ("2x3x4", "permute: [2, 1, 3]"),
    ("2x3x4", "permute: [1, 3, 2]"),
    ("2x3x4", "permute: [3, 1, 2]"),
    ("2x3x4", "flatten: {start_dim: 2}"),
    ("2x3x4x5", "flatten: {start_dim: 3}"),
    ("2x3x4x5", "flatten: {start_dim: 2, end_dim: 3}"),
    ("2x3x4", "flatten: {end_dim: 2}"),
    ("2x3x4", "flatten"),
    ("2x3x4", "reshape: [2, 12]"),
    ("6x3x4", "reshape: [2, 3, 3, 4]"),
    ("2x3x4", "reshape: [6, 4]"),
    ("2x3x4", "mean"),
    ("2x3x4", "mean: {dim: 2}"),
    ("2x3x4", "mean: {dim: 1}"),
    ("2x3x4", "sum"),
    ("2x3x4", "max: {dim: 1}"),
    ("2x3x4", "var: {dim: 3, keepdim: true}"),
    ("2x3x4", "std: {dim: 2}"),
    ("2x3x4", "cumsum: 1"),
    ("2x5x4", "cumsum: 2"),
    ("2x5x4", "cumsum: -1"),
    ("4x5x6", "glu"),
    ("4x6x6", "glu: {dim: 2, gate: gelu}"),
    ("4x6x6", "glu: {dim: 3, gate: silu}"),
    ("3x5x6", "rmsnorm: {axis: channels}"),
    ("3x5x6", "rmsnorm: {axis: last}"),
    ("3x5x6", "grn"),
    ("3x5x6", "l2norm: {dim: spatial}"),
    ("3x5x6", "l2norm: {dim: [1, 3]}"),
    ("3x5x6", "drop_path"),
    ("4x6", "parameter: {merge: add}"),
    ("4x6", "parameter: {merge: multiply}"),
    ("2x3x4", "slice: {dim: 2, start: -2}"),
    ("2x9x4", "slice: {dim: 2, start: 1, end: -1, step: 3}"),
    ("2x3x4", "concat: {dim: 2}, from: [input, input]"),
    ("2x3x4", "take: {indices: [2, 0, 0, 1], dim: 2}"),
    ("4x3x4", "take: [3, 1, 1]"),
    ("2x3x4", "identity"),
    ("2x3x4", "prelu"),
    ("2x3x4", "gelu"),
    ("4x4", "matmul: , from: [input, input]"),
    ("2x4x4", "matmul: , from: [input, input]"),
    ("12x5", "attention: 2"),
    ("12x4x3", "attention: 2"),
    ("12x5", "attention: {num_heads: 2, is_causal: true}"),
    ("12x6x4", "attention: {num_heads: 2, window: [3, 2]}"),
    ("12x6x4", "attention: {num_heads: 2, window: [3, 2], shift: 1, relative_bias: offset}"),
    ("12x6x2", "attention: {num_heads: 2, window: 2, shift: 1}"),
    ("12x6x4", "attention: {num_heads: 2, grid: [3, 2]}"),
    ("12x6x4", "attention: {num_heads: 2, dilation: [3, 2]}"),
    ("6x5", "attention: {num_heads: 2, relative_bias: offset}, from: [input, input, input]"),
    ("4x3", "capsule: {capsules: 2, dim: 3}"),
    ("5", "rbf: 3"),
    ("3x5x6", "conv: {out_channels: 2, kernel_size: 3, padding: 2, padding_mode: circular}"),
    ("3x5x6", "conv: {out_channels: 2, kernel_size: 3, padding: 2, padding_mode: reflect}"),
    ("6x4x4", "conv: {out_channels: 2, kernel_size: 3, connections: [[0, 1], [2, 5]]}"),
    ("1x7x1", "upsample: {size: [3, 5], mode: bilinear, align_corners: true}"),
    ("1x7x6", "upsample: {size: [1, 1], mode: bilinear, align_corners: true}"),
    ("1x7x6", "upsample: {size: [5, 9], mode: area}"),
]


@pytest.mark.parametrize(("input_", "layer"), LAYERS, ids=lambda text: text)
def test_a_layer_reads_what_its_gradient_reaches(input_: str, layer: str) -> None:
    torch.manual_seed(1)
    graph = parse(f"input: {input_}\nlayers: [{layer if ':' not in layer else '{' + layer + '}'}]").graph()
    name = graph.nodes[-1].name
    network = build(graph, dtype=torch.float64).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn_like(parameter))
    x = torch.randn((1, *graph.inputs["input"]), dtype=torch.float64, requires_grad=True)
    output = network(x)
    for position in {tuple(0 for _ in output.shape[2:]), tuple(n // 2 for n in output.shape[2:])}:
        weights = torch.randn(output.shape[1], dtype=torch.float64)  # of the channels, whose sum may be constant
        number = (output[(0, slice(None), *position)] * weights).sum()
        (gradient,) = torch.autograd.grad(number, x, retain_graph=True)
        found = footprints(graph, name, position).get("input")
        mask = gradient[0].abs().gt(1e-12 * gradient.abs().max()).any(0)
        if found is None or not found.exact:
            assert layer.startswith("reshape"), "only what is laid out anew may be unknown"
            continue
        assert torch.equal(pixels(found, graph.inputs["input"]), mask)


def test_rows_that_a_transposed_window_reads_are_those_found_tap_by_tap():
    for kernel, stride, low, dilation in product(range(1, 6), range(1, 5), range(4), range(1, 5)):
        for row in range(12):
            starts = [row + low - dilation * tap for tap in reversed(range(kernel))]
            expected = [start // stride for start in starts if start % stride == 0]
            assert list(Spread(kernel, stride, low, dilation).rows(row)) == expected


def test_a_window_reads_the_rows_that_exist_however_far_it_reaches():
    for kernel, dilation, low, size in product((1, 2, 5, 9), (1, 2, 3), range(-7, 9), (1, 4, 7)):
        axis = Axis(Slide(kernel, 2, low, dilation), 1)
        for row in range(-2, 4):
            rows = [2 * row - low + dilation * tap for tap in range(kernel)]
            assert list(read(axis, row, size)) == [each for each in rows if 0 <= each < size]
    assert list(read(Axis(Slide(10**12, low=10**12 - 3), 1), 0, 8)) == [0, 1, 2]
