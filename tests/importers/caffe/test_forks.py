"""Fields and layers of Caffe's forks, and the data layers that only they have."""

from __future__ import annotations

import pytest

from cnncalc.errors import SpecError

from .test_layers import layer, only, traced

WIDE = 'name: "net" input: "data" input_shape { dim: 1 dim: 4 dim: 112 dim: 112 }\n'


@pytest.mark.parametrize(
    ("field", "size"),
    [
        ("", 57),
        ("ceil_mode: true", 57),
        ("ceil_mode: false", 56),
        ("round_mode: FLOOR", 56),
        ("round_mode: 1", 56),
        ("round_mode: CEIL", 57),
    ],
)
def test_the_rounding_of_a_pooling_is_read(field, size):
    network = traced(layer("Pooling", f"pooling_param {{ kernel_size: 3 stride: 2 pad: 1 {field} }}"), WIDE)
    assert network.nodes[0].output == (4, size, size)
    assert network.warnings == ()


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ("hole: 2", (6, 9, 9)),
        ("hole_h: 2 hole_w: 1", (6, 9, 11)),
        ("pad_t: 1 pad_b: 2 pad_l: 0 pad_r: 0", (6, 14, 11)),
        ("pad_type: 0", (6, 11, 11)),
    ],
)
def test_fields_that_change_a_size_are_read(fields, output):
    assert only(layer("Convolution", f"convolution_param {{ num_output: 6 kernel_size: 3 {fields} }}")).output == output


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("Convolution", "convolution_param { num_output: 6 kernel_size: 3 pad_type: SAME }"),
        ("Deconvolution", "convolution_param { num_output: 6 kernel_size: 3 output_padding: 1 }"),
        ("Pooling", "pooling_param { kernel_size: 3 dilation: 2 }"),
        ("Pooling", "pooling_param { kernel_size: 3 torch_pooling: true }"),
        ("Reshape", "reshape_param { axis: 1 shape { dim: -1 dim: 4 } }"),
    ],
)
def test_fields_that_change_a_size_unread_are_refused(kind, params):
    with pytest.raises(SpecError, match="changes the output size, and is not supported"):
        traced(layer(kind, params))


@pytest.mark.parametrize(
    ("kind", "params", "kinds", "output"),
    [
        ("Interp", "interp_param { height: 30 width: 20 }", ["upsample"], (4, 30, 20)),
        ("Interp", "interp_param { zoom_factor: 2 }", ["upsample"], (4, 25, 25)),
        ("Upsample", "upsample_param { scale: 2 }", ["upsample"], (4, 26, 26)),
        ("ShuffleChannel", "shuffle_channel_param { group: 2 }", ["channel_shuffle"], (4, 13, 13)),
        ("SELU", "", ["selu"], (4, 13, 13)),
        ("Swish", "", ["silu"], (4, 13, 13)),
    ],
)
def test_layers_of_forks_are_layers(kind, params, kinds, output):
    network = traced(layer(kind, params))
    assert [node.kind for node in network.nodes] == kinds
    assert network.nodes[-1].output == output
    assert network.warnings == ()


def test_axpy_multiplies_and_adds():
    pool = layer("Pooling", "pooling_param { pool: AVE global_pooling: true }", "gate")
    network = traced(pool + layer("Axpy", name="out", bottom="gate data data"))
    assert [node.kind for node in network.nodes] == ["global_avgpool", "multiply", "add"]
    assert network.nodes[-1].inputs == (network.nodes[1].name, "data")


READER = layer("Convolution", "convolution_param { num_output: 2 kernel_size: 1 }")


@pytest.mark.parametrize(
    "kind", ["DenseImageData", "ImageLabelmapData", "VideoData", "Python", "HDF5Data", "AnnotatedData", "Made"]
)
def test_any_layer_that_reads_nothing_is_a_source(kind):
    source = f'layer {{ name: "d" type: "{kind}" top: "data" top: "label" }}\n'
    loss = layer("SoftmaxWithLoss", name="loss", bottom="one label")
    assert dict(traced(source + READER + loss, "", (3, 8, 8)).inputs) == {"data": (3, 8, 8)}
    with pytest.raises(SpecError, match=r"does not give the image size of 'data'") as raised:
        traced(source + READER + loss, "")
    assert "give its size: --input 3x224x224" in str(raised.value)


def test_several_inputs_without_sizes_are_named_in_the_command():
    source = 'layer { name: "d" type: "Python" top: "data" top: "info" }\n'
    body = source + READER + layer("Proposal", name="p", bottom="one info")
    with pytest.raises(SpecError, match="--input data=3x224x224,info=3x224x224"):
        traced(body, "")
    assert dict(traced(body, "", "data=3x8x8,info=3").inputs) == {"data": (3, 8, 8), "info": (3,)}


@pytest.mark.parametrize(
    ("kind", "params", "shape"),
    [
        ("DummyData", "dummy_data_param { shape { dim: 2 dim: 5 dim: 8 dim: 9 } }", (5, 8, 9)),
        ("DummyData", "dummy_data_param { num: 2 channels: 5 height: 8 width: 9 }", (5, 8, 9)),
        ("MemoryData", "memory_data_param { batch_size: 2 channels: 5 height: 8 width: 9 }", (5, 8, 9)),
        ("ImageData", "image_data_param { new_height: 8 new_width: 9 }", (3, 8, 9)),
        ("ImageData", "image_data_param { new_height: 8 new_width: 9 is_color: false }", (1, 8, 9)),
        ("AnnotatedData", "transform_param { resize_param { height: 8 width: 9 } }", (3, 8, 9)),
        ("VideoData", "video_data_param { new_length: 16 } transform_param { crop_size: 8 }", (3, 16, 8, 8)),
    ],
)
def test_sources_that_state_their_size(kind, params, shape):
    body = f'layer {{ name: "d" type: "{kind}" top: "data" {params} }}\n' + layer("ReLU")
    assert dict(traced(body, "").inputs) == {"data": shape}


@pytest.mark.parametrize("rule", ["phase: TRAIN", 'phase: TEST stage: "val"'])
def test_data_of_another_phase_or_stage_counts(rule):
    source = f'layer {{ name: "d" type: "Data" top: "data" include {{ {rule} }} transform_param {{ crop_size: 9 }} }}\n'
    assert dict(traced(source + READER, "").inputs) == {"data": (3, 9, 9)}


def test_data_of_this_phase_counts_first():
    sources = "".join(
        f'layer {{ name: "d" type: "Data" top: "data" include {{ phase: {phase} }} '
        f"transform_param {{ crop_size: {size} }} }}\n"
        for phase, size in (("TRAIN", 9), ("TEST", 11))
    )
    assert dict(traced(sources + READER, "").inputs) == {"data": (3, 11, 11)}


def test_a_layer_of_a_known_type_that_reads_nothing_is_a_fault():
    with pytest.raises(SpecError, match=r"reads nothing|has no input"):
        traced('layer { name: "one" type: "Convolution" top: "one" }', "")
