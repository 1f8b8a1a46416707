"""One layer solved for its output: by brute force, every answer gives the size, and none is left out."""

import pytest

import cnncalc
from cnncalc.solutions.layer import solve_layer
from cnncalc.spec import parse_item


def output_of(kernel, stride, padding, size):
    return (size - kernel + 2 * padding) // stride + 1


def test_all_paddings_kernels_and_strides_that_give_an_output_are_found():
    graph = parse_item("conv: {out_channels: 96, kernel_size: 11, stride: 4}").graph(input=(3, 227, 227))
    for target in (20, 27, 54, 55, 60, 113):
        alone = {choice.changes[0] for choice in solve_layer(graph, "conv1", (target,)) if len(choice.changes) == 1}
        expected = {("padding", p) for p in range(229) if output_of(11, 4, p, 227) == target}
        expected |= {("kernel_size", k) for k in range(1, 229) if output_of(k, 4, 0, 227) == target}
        expected |= {("stride", s) for s in range(1, 229) if output_of(11, s, 0, 227) == target}
        assert alone == expected, target


def test_what_fits_exactly_says_so():
    graph = parse_item("conv: {out_channels: 96, kernel_size: 11, stride: 4}").graph(input=(3, 227, 227))
    choices = {choice.changes: choice.fits for choice in solve_layer(graph, "conv1", (54,))}
    assert choices[("kernel_size", 12),] is False
    assert choices[("kernel_size", 15),] is True


def test_several_fields_together_give_the_size_too():
    graph = parse_item("conv: {out_channels: 8, kernel_size: 5}").graph(input=(3, 32, 32))
    together = [dict(choice.changes) for choice in solve_layer(graph, "conv1", (16,)) if len(choice.changes) > 1]
    assert {"padding": 0, "kernel_size": 2, "stride": 2} in together
    assert all(output_of(c["kernel_size"], c["stride"], c["padding"], 32) == 16 for c in together)


def test_a_transposed_convolution_is_solved_by_its_own_rule():
    graph = cnncalc.load("unet").graph()
    assert solve_layer(graph, "conv_transpose1", (57,))[0].changes == (("kernel_size", 3),)


@pytest.mark.parametrize(
    ("layer", "target", "message"),
    [
        ("conv9", (3,), "no layer named 'conv9': did you mean 'conv5'"),
        ("relu1", (3,), "relu1 is a relu: it has no kernel, stride or padding"),
        ("conv1", (3, 3, 3), "conv1 has 2 spatial axes, but --output has 3 sizes"),
    ],
)
def test_what_cannot_be_solved_is_said(layer, target, message):
    with pytest.raises(cnncalc.UsageError, match=message.replace("'", ".")):
        solve_layer(cnncalc.load("alexnet").graph(), layer, target)


def test_axes_that_need_values_of_their_own_get_them():
    graph = cnncalc.load("alexnet").graph()
    choices = {choice.changes: choice.fits for choice in solve_layer(graph, "conv1", (55, 27))}
    assert choices[("kernel_size", (11, 123)),] is True
    for changes in choices:
        fields = ", ".join(f"{name}: {list(v) if isinstance(v, tuple) else v}" for name, v in changes)
        given = {name for name, _ in changes}
        rest = [f"{n}: {v}" for n, v in (("kernel_size", 11), ("stride", 4)) if n not in given]
        spec = parse_item(f"conv: {{out_channels: 96, {', '.join([*rest, fields])}}}")
        assert spec.graph(input=(3, 227, 227)).nodes[0].output == (96, 55, 27)
