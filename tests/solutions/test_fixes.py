"""Fixes: each one really makes the layer fit, and is the smallest of its kind."""

import random
from itertools import product

import pytest

import cnncalc
from cnncalc.analysis.fit import fit_of
from cnncalc.layers.window import Window
from cnncalc.solutions.fixes import _even, input_fixes, layer_fixes
from cnncalc.spec import parse_item

from ..examples import examples

CONV = "conv: {out_channels: 8, kernel_size: 3, stride: "


def item(text, shape):
    return parse_item(text).graph(input=shape)


@pytest.mark.parametrize(
    ("text", "shape", "expected"),
    [
        (CONV + "3}", (1, 7, 7), ["padding: 1", "padding: [[0, 2], [0, 2]]", "kernel_size: 4"]),
        (CONV + "2}", (1, 8, 8), ["padding: [[0, 1], [0, 1]]", "kernel_size: 4"]),
        (CONV + "2}", (1, 8, 9), ["padding: [[0, 1], 0]", "kernel_size: [4, 3]"]),
        ("maxpool: 2", (1, 7, 7), ["padding: [[0, 1], [0, 1]]", "kernel_size: 3, stride: 2"]),
    ],
)  # fmt: skip
def test_the_fixes_of_a_layer(text, shape, expected):
    graph = item(text, shape)
    assert [fix.change for fix in layer_fixes(graph, graph.nodes[0].name)] == expected


def test_every_fix_of_random_layers_fits_when_it_is_written_into_the_spec():
    rng = random.Random(7)
    seen = 0
    for _ in range(examples(400)):
        kernel, stride, size = rng.randint(1, 6), rng.randint(1, 6), rng.randint(6, 30)
        fields = f"out_channels: 2, kernel_size: {kernel}, stride: {stride}"
        graph = item(f"conv: {{{fields}}}", (1, size, size + rng.randint(0, 3)))
        for fix in layer_fixes(graph, "conv1"):
            if fix.change.startswith("kernel_size"):
                text = f"conv: {{out_channels: 2, stride: {stride}, {fix.change}}}"
            else:
                text = f"conv: {{{fields}, {fix.change}}}"
            fixed = item(text, tuple(graph.inputs["input"])).nodes[0]
            assert fit_of(fixed).fits, text
            assert fixed.output == fix.output
            if fix.change.startswith("kernel_size"):
                assert fixed.output == graph.nodes[0].output
            seen += 1
    assert seen > 300


def test_padding_for_both_sides_is_the_smallest():
    for size, kernel, stride, low, high in product(range(6, 12), range(1, 5), range(1, 8), range(2), range(2)):
        tried = (Window(size, kernel, stride, low + more, high + more) for more in range(stride))
        least = next(((each.low, each.high) for each in tried if each.slack % stride == 0), None)
        assert _even(Window(size, kernel, stride, low, high)) == least


def test_the_nearest_inputs_of_a_network_fit_everywhere_and_nothing_nearer_does():
    spec = cnncalc.load("alexnet")
    graph = spec.graph(input=(3, 224, 224))
    assert [fix.change for fix in input_fixes(graph)] == ["input: 3x195x195", "input: 3x227x227"]

    def fits(size):
        return all(fit.fits for node in spec.graph(input=(3, size, size)).nodes if (fit := fit_of(node)))

    assert [size for size in range(195, 228) if fits(size)] == [195, 227]


def test_where_sizes_make_the_layers_another_input_has_others():
    graph = item('conv: {out_channels: 1, kernel_size: "[in_size[0] - 1]", stride: 2}', (1, 9))
    assert input_fixes(graph) == []  # of the kernel as it is here, 8, inputs of 8 and 10 would fit


def test_a_network_that_fits_nowhere_has_no_fix_of_the_input():
    half = "{conv: {out_channels: 1, kernel_size: 1, stride: 2}}"
    graph = cnncalc.parse(f"input: 1x9\nlayers: [{half}, {{upsample: {{scale_factor: 2}}}}, {half}]").graph()
    assert input_fixes(graph) == []
