"""The sentences with which layers refuse: each gives the name and the value, some a hint."""

import pytest

from cnncalc.errors import LayerError
from cnncalc.layers import LAYERS

from .test_pytorch import require

CONV = {"out_channels": 8, "kernel_size": 3}


@pytest.mark.parametrize(
    ("kind", "arguments", "shapes", "sentence"),
    [
        ("conv", CONV, [(3,)], "conv needs a map (channels and one to three spatial axes), got [3]"),
        ("conv", {**CONV, "groups": 2}, [(3, 9, 9)], "conv: in_channels (=3) must be divisible by groups (=2)"),
        ("conv", {**CONV, "groups": 3}, [(3, 9, 9)], "conv: out_channels (=8) must be divisible by groups (=3)"),
        ("conv", CONV, [(3, 2, 9)], "the kernel of conv is 3, larger than its input of 2"),
        (
            "conv",
            {**CONV, "dilation": 3, "padding": 1},
            [(3, 4, 9)],
            "the kernel of conv is 3 (reaching 7), larger than its input of 6 (4 + padding)",
        ),
        (
            "conv",
            {**CONV, "padding": 4, "padding_mode": "reflect"},
            [(3, 4, 9)],
            "conv: padding (=4) must be smaller than the input (=4) in mode reflect",
        ),
        (
            "conv",
            {**CONV, "padding": 5, "padding_mode": "circular"},
            [(3, 4, 9)],
            "conv: padding (=5) must be at most the input (=4) in mode circular",
        ),
        ("conv", {**CONV, "stride": 0}, [(3, 9, 9)], "stride: expected a whole number of at least 1, got 0"),
        ("conv", {**CONV, "connections": [[0]]}, [(3, 9, 9)], "conv: connections has 1 rows for 8 filters"),
        (
            "conv",
            {**CONV, "connections": [[0], [3], *[[1]] * 6]},
            [(3, 9, 9)],
            "conv: connections lists channel 3, but there are 3 (counted from 0)",
        ),
        (
            "conv",
            {**CONV, "connections": [[0, 0], *[[1]] * 7]},
            [(3, 9, 9)],
            "conv: row 0 of connections lists a channel twice",
        ),
        (
            "conv",
            {**CONV, "groups": 2, "connections": [[0]] * 8},
            [(4, 9, 9)],
            "conv: connections and groups are mutually exclusive",
        ),
        (
            "conv_transpose",
            {**CONV, "output_padding": 1},
            [(3, 9, 9)],
            "conv_transpose: output_padding (=1) must be smaller than stride (=1) or dilation (=1)",
        ),
        ("conv_transpose", {**CONV, "padding": 2}, [(3, 2, 9)], "the padding of conv_transpose leaves an output of 0"),
        (
            "maxpool",
            {"kernel_size": 3, "padding": 2},
            [(3, 9, 9)],
            "maxpool: padding (=2) must be at most half of the window (=3)",
        ),
        (
            "maxpool",
            {"kernel_size": 3, "padding": [[0, 3], 0]},
            [(3, 9, 9)],
            "maxpool: padding (=3) must be smaller than the window (=3)",
        ),
        (
            "avgpool",
            {"kernel_size": 2, "padding": 1},
            [(3, 9, 9, 1)],
            "avgpool over three axes needs an input of at least the kernel (=2) without padding, got 1",
        ),
        (
            "avgpool",
            {"kernel_size": 2, "divisor_override": 2},
            [(3, 9)],
            "avgpool: divisor_override needs two or three spatial axes",
        ),
        ("lppool", {"norm_type": 0, "kernel_size": 2}, [(3, 9)], "lppool: norm_type (=0) must not be zero"),
        ("linear", {"out_features": 10}, [(3, 9, 9)], "linear needs a vector, got [3, 9, 9]"),
        ("linear", {"out_features": 10}, [(3, 9)], "linear needs a vector, got [3, 9]"),
        ("layernorm", {}, [(3, 9, 9)], "layernorm needs a vector, got [3, 9, 9]"),
        ("rbf", {"classes": 10}, [(3, 9, 9)], "rbf needs a vector, got [3, 9, 9]"),
        (
            "capsule",
            {"capsules": 10, "dim": 16},
            [(3, 9, 9)],
            "capsule needs an input of shape [capsules, dim], got [3, 9, 9]",
        ),
        ("flatten", {"start_dim": 3, "end_dim": 2}, [(3, 9, 9)], "flatten: start_dim (=3) comes after end_dim (=2)"),
        ("flatten", {"start_dim": 0}, [(3, 9, 9)], "flatten: start_dim (=0) is the batch; channels are 1"),
        (
            "flatten",
            {"start_dim": 4},
            [(3, 9, 9)],
            "flatten: start_dim (=4) must be between 1 and 3, the axes of [3, 9, 9]",
        ),
        ("reshape", {"shape": [5, -1]}, [(3, 9)], "reshape: the 27 elements of [3, 9] do not fill [5, -1]"),
        ("reshape", {"shape": [-1, -1]}, [(3, 9)], "reshape: only one size can be -1; got [-1, -1]"),
        ("reshape", {"shape": [27, 0]}, [(3, 9)], "reshape: sizes must be at least 1, or -1 once, got 0"),
        ("permute", {"dims": [1, 1]}, [(3, 9)], "permute: dims must be [1, 2] in some order; got [1, 1]"),
        (
            "pixel_shuffle",
            {"upscale_factor": 2},
            [(3, 9)],
            "pixel_shuffle needs a map with two spatial axes, got [3, 9]",
        ),
        (
            "pixel_shuffle",
            {"upscale_factor": 2},
            [(3, 9, 9)],
            "pixel_shuffle: in_channels (=3) must be divisible by the square of upscale_factor (=4)",
        ),
        (
            "pixel_unshuffle",
            {"downscale_factor": 2},
            [(3, 8, 9)],
            "pixel_unshuffle: the width (=9) must be divisible by downscale_factor (=2)",
        ),
        ("pad", {}, [(3, 9, 9)], "pad needs one of padding, size, like"),
        ("pad", {"padding": 1, "size": 9}, [(3, 9, 9)], "pad: padding and size are mutually exclusive"),
        ("pad", {"size": 8}, [(3, 9, 9)], "pad cannot grow 9 to 8"),
        (
            "pad",
            {"padding": 1, "value": 1, "mode": "reflect"},
            [(3, 9)],
            "pad: value applies only to mode constant, not to reflect",
        ),
        ("crop", {"like": "x"}, [(3, 9, 9), (3, 9, 12)], "crop cannot crop 9 to 12"),
        (
            "crop",
            {"like": "x"},
            [(3, 9, 9), (3, 9)],
            "crop: like [3, 9] and the input [3, 9, 9] have different numbers of axes",
        ),
        ("crop", {"margin": 5}, [(3, 9, 9)], "crop: the margin leaves an output of -1"),
        ("slice", {"start": 12}, [(3, 9, 9)], "slice: 12 to 3 of 3 is empty"),
        (
            "upsample",
            {"scale_factor": 2, "mode": "trilinear"},
            [(3, 9, 9)],
            "upsample: mode trilinear needs 3 spatial axes, got 2",
        ),
        (
            "upsample",
            {"scale_factor": 2, "align_corners": True},
            [(3, 9, 9)],
            "upsample: align_corners applies only to linear, bilinear, bicubic, trilinear, not to nearest",
        ),
        ("mean", {"dim": [2, 2]}, [(3, 9)], "mean: dim lists a dimension of [3, 9] twice, got [2, 2]"),
        ("add", {}, [(3, 9), (3, 8)], "add needs inputs of the same shape, got [3, 9] and [3, 8]"),
        ("add", {}, [(3, 9), (3,)], "add needs inputs with the same number of axes, got [3, 9] and [3]"),
        (
            "concat",
            {},
            [(3, 9), (3, 8)],
            "concat needs inputs that agree except in dimension 1, got [3, 9] and [3, 8]",
        ),
        ("matmul", {}, [(3, 9), (3, 8)], "matmul needs [n, k] and [k, m], got [3, 9] and [3, 8]"),
        (
            "prelu",
            {"num_parameters": 2},
            [(3, 9)],
            "prelu: num_parameters (=2) must be 1 or the number of channels (=3)",
        ),
        ("groupnorm", {"num_groups": 2}, [(3, 9)], "groupnorm: in_channels (=3) must be divisible by num_groups (=2)"),
        ("instancenorm", {}, [(3, 1, 1)], "instancenorm needs more than one pixel, got [1, 1]"),
        ("hardtanh", {"min_val": 2}, [(3,)], "hardtanh: min_val (=2) must be smaller than max_val (=1)"),
        ("celu", {"alpha": 0}, [(3,)], "celu: alpha (=0) must not be zero"),
        ("dropout", {"p": 2}, [(3,)], "p: expected at most 1, got 2"),
    ],
)
def test_sentence(kind, arguments, shapes, sentence):
    with pytest.raises(LayerError) as caught:
        LAYERS[kind].make(arguments, len(shapes[0]) - 1).output(shapes, require)
    assert caught.value.message == sentence


@pytest.mark.parametrize(
    ("kind", "arguments", "shape", "hint"),
    [
        (
            "linear",
            {"out_features": 10},
            (3, 9, 8),
            "put `flatten` before it, or set `axis: channels` (3) or `axis: last` (8)",
        ),
        ("layernorm", {}, (196, 192), "set `axis: last` (192) or `axis: channels` (196), or put `flatten` before it"),
        ("layernorm", {}, (3, 9, 8), "put `flatten` before it, or set `axis: channels` (3) or `axis: last` (8)"),
        ("conv", {"out_channels": 8, "kernel_size": 11}, (227, 227, 3), "channels last? write [3, 227, 227]"),
        (
            "upsample",
            {"scale_factor": 2, "mode": "linear"},
            (3, 9, 9),
            "choose from nearest, nearest-exact, bilinear, bicubic, area",
        ),
    ],
)
def test_hint(kind, arguments, shape, hint):
    with pytest.raises(LayerError) as caught:
        LAYERS[kind].make(arguments, len(shape) - 1).output([shape], require)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("kind", "arguments", "field"),
    [
        ("conv", {**CONV, "stride": 0}, "stride"),
        ("dropout", {"p": 2}, "p"),
        ("maxpool", {"kernel_size": "big"}, "kernel_size"),
    ],
)
def test_names_the_field_at_fault(kind, arguments, field):
    with pytest.raises(LayerError) as caught:
        LAYERS[kind].make(arguments, 2)
    assert caught.value.field == field
