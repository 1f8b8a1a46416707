"""Single layers of Caffe's: both syntaxes, in place, phases, rounding, and what cannot be."""

import random

import pytest

from cnncalc import parse
from cnncalc.errors import CnncalcError, Source, SpecError, UsageError
from cnncalc.importers.caffe import read_prototxt
from cnncalc.importers.caffe.trace import trace
from cnncalc.importers.writing.spec_text import spec_text

from ...examples import examples
from ...fuzz.prototxts import make_prototxt

HEAD = 'name: "net" input: "data" input_shape { dim: 1 dim: 4 dim: 13 dim: 13 }\n'


def traced(body, head=HEAD, given=None):
    return trace(Source("net.prototxt", head + body), given)


def layer(kind, told="", name="one", bottom="data", top=None):
    reads = "".join(f'bottom: "{each}" ' for each in bottom.split())
    makes = "".join(f'top: "{each}" ' for each in (top or name).split())
    return f'layer {{ name: "{name}" type: "{kind}" {reads}{makes}{told} }}\n'


def only(body):
    (node,) = traced(body).nodes
    return node


@pytest.mark.parametrize(
    ("kind", "told", "made", "arguments", "output"),
    [
        (
            "Convolution",
            "convolution_param { num_output: 6 kernel_size: 3 stride: 2 pad: 1 group: 2 bias_term: false }",
            "conv",
            {"out_channels": 6, "kernel_size": 3, "stride": 2, "padding": 1, "groups": 2, "bias": False},
            (6, 7, 7),
        ),
        (
            "Convolution",
            "convolution_param { num_output: 6 kernel_h: 1 kernel_w: 5 pad_h: 0 pad_w: 2 }",
            "conv",
            {"kernel_size": [1, 5], "padding": [0, 2]},
            (6, 13, 13),
        ),
        ("Convolution", "convolution_param { num_output: 6 kernel_size: 3 dilation: 2 }", "conv", {}, (6, 9, 9)),
        (
            "Deconvolution",
            "convolution_param { num_output: 4 kernel_size: 4 stride: 2 group: 4 }",
            "conv_transpose",
            {"groups": 4},
            (4, 28, 28),
        ),
        ("Pooling", "pooling_param { kernel_size: 2 stride: 2 }", "maxpool", {"ceil_mode": True}, (4, 7, 7)),
        ("Pooling", "pooling_param { kernel_size: 3 stride: 2 pad: 1 pool: AVE }", "avgpool", {}, (4, 7, 7)),
        ("Pooling", "pooling_param { kernel_size: 2 stride: 2 round_mode: FLOOR }", "maxpool", {}, (4, 6, 6)),
        ("Pooling", "pooling_param { global_pooling: true pool: AVE }", "global_avgpool", {}, (4, 1, 1)),
        ("ReLU", "", "relu", {}, (4, 13, 13)),
        ("ReLU", "relu_param { negative_slope: 0.1 }", "leaky_relu", {}, (4, 13, 13)),
        ("PReLU", "", "prelu", {"num_parameters": 4}, (4, 13, 13)),
        ("LRN", "lrn_param { local_size: 3 alpha: 0.0001 }", "lrn", {"size": 3}, (4, 13, 13)),
        ("BatchNorm", "batch_norm_param { eps: 1e-3 }", "batchnorm", {"affine": False}, (4, 13, 13)),
        ("Scale", "scale_param { bias_term: true }", "scale", {"bias": True}, (4, 13, 13)),
        ("Flatten", "", "flatten", {}, (676,)),
        ("Reshape", "reshape_param { shape { dim: 0 dim: 2 dim: -1 } }", "reshape", {}, (2, 338)),
        ("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }", "permute", {}, (13, 13, 4)),
        ("Dropout", "dropout_param { dropout_ratio: 0.2 }", "dropout", {}, (4, 13, 13)),
        ("Softmax", "", "softmax", {"dim": 1}, (4, 13, 13)),
    ],
)
def test_layers(kind, told, made, arguments, output):
    node = only(layer(kind, told))
    assert node.kind == made
    assert arguments.items() <= node.arguments.items()
    assert node.output == output
    spec_text(traced(layer(kind, told)))


def test_the_older_syntax_is_the_same():
    old = """
layers { name: "c" type: CONVOLUTION bottom: "data" top: "c"
  convolution_param { num_output: 2 kernel_size: 1 } }
layers { name: "r" type: RELU bottom: "c" top: "c" }
layers { name: "p" type: POOLING bottom: "c" top: "p" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layers { name: "f" type: INNER_PRODUCT bottom: "p" top: "f" inner_product_param { num_output: 5 } }
layers { name: "l" type: SOFTMAX_LOSS bottom: "f" bottom: "label" top: "l" }"""
    network = traced(old)
    assert [node.kind for node in network.nodes] == ["conv", "relu", "maxpool", "flatten", "linear"]
    assert network.outputs == {"output": "f"}


def test_in_place_layers_follow_one_another():
    body = layer("ReLU", name="a", top="data") + layer("TanH", name="b", top="data") + layer("Sigmoid", name="c")
    network = traced(body)
    assert [(node.name, node.inputs) for node in network.nodes] == [("a", ("data",)), ("b", ("a",)), ("c", ("b",))]
    assert network.outputs == {"output": "c"}


def test_a_normalization_and_its_scale_are_one():
    body = layer("BatchNorm", name="bn", top="data") + layer(
        "Scale", "scale_param { bias_term: true }", "s", top="data"
    )
    (node,) = traced(body + layer("ReLU", name="r", top="data")).nodes[:1]
    assert (node.name, node.kind, node.arguments.get("affine", True)) == ("bn", "batchnorm", True)


def test_joins_and_slices():
    body = (
        layer("Slice", "slice_param { axis: 1 slice_point: 1 }", "s", top="left right")
        + layer("Convolution", "convolution_param { num_output: 1 kernel_size: 1 }", "c", "right")
        + layer("Eltwise", "eltwise_param { operation: SUM coeff: 1 coeff: -1 }", "e", "left c")
        + layer("Concat", "", "j", "e c")
    )
    network = traced(body)
    assert [node.kind for node in network.nodes] == ["slice", "slice", "conv", "subtract", "concat"]
    assert network.nodes[-1].output == (2, 13, 13)


def test_layers_of_training_are_left_out():
    data = 'layer { name: "data" type: "Data" top: "data" top: "label" include { phase: %s } '
    data += "transform_param { crop_size: 9 } }"
    body = (
        data % "TRAIN"
        + data.replace("9", "8") % "TEST"
        + layer("ReLU")
        + layer("Accuracy", name="acc", bottom="one label")
    )
    network = traced(body, head="")
    assert dict(network.inputs) == {"data": (3, 8, 8)}
    assert network.outputs == {"output": "one"}
    assert "3 channels are assumed" in network.warnings[0]
    assert dict(traced(body, "", (1, 28, 28)).inputs) == {"data": (1, 28, 28)}


def test_a_last_window_outside_is_not_pretended():
    """Caffe puts a window of 1 at row 6 of 5; no layer here does, and the node is unknown."""
    network = traced(layer("Pooling", "pooling_param { kernel_size: 1 stride: 3 }"), HEAD.replace("13", "5"))
    assert network.nodes[0].kind == "unknown"
    assert network.nodes[0].output == (4, 3, 3)
    assert "outside the input" in network.warnings[0]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (layer("ReLU", bottom="nothing"), "net.prototxt:2:1: one reads 'nothing', which no earlier layer produces"),
        (layer("Convolution", "convolution_param { num_output: 6 }"), "one: no kernel_size"),
        (layer("Convolution", "convolution_param { kernel_size: 3 }"), "one: no num_output"),
        (
            layer("Convolution", "convolution_param { num_output: x kernel_size: 3 }"),
            "num_output: expected a whole number",
        ),
        (layer("Convolution", "convolution_param { num_output: 6 kernel_size: 99 }"), "larger than its input of 13"),
        ('layer { name: "x" }', "a layer without a type"),
        ("", "no layers: not the prototxt of a network?"),
        ("layer { name: 'a' type: 'ReLU' }", "a (ReLU) reads nothing"),
        (layer("LRN", "lrn_param { alpha: much }"), "alpha: expected a number, got much"),
    ],
)
def test_faults_have_their_place(body, sentence):
    with pytest.raises(SpecError) as caught:
        traced(body)
    assert sentence in str(caught.value)


def test_a_network_without_an_input():
    with pytest.raises(SpecError, match="the network has no input"):
        traced(layer("ReLU"), head="")
    with pytest.raises(SpecError, match="does not give the image size"):
        traced('layer { name: "data" type: "Data" top: "data" }' + layer("ReLU"), head="")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_prototxt(tmp_path / "net.prototxt")


@pytest.mark.parametrize("seed", range(examples(200)))
def test_any_text_gives_an_answer(seed):
    try:
        spec_text(trace(Source("net.prototxt", make_prototxt(random.Random(seed)).decode("utf-8", "replace"))))
    except CnncalcError as error:
        assert str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("strde: 2", "has no field 'strde': ignored (did you mean 'stride'?)"),
        ("made_up: 2", "has no field 'made_up': ignored"),
    ],
)
def test_a_field_that_caffe_does_not_have_is_said(told, said):
    network = traced(layer("Convolution", f"convolution_param {{ num_output: 6 kernel_size: 3 {told} }}"))
    assert network.warnings == (f"line 2: one: Caffe's convolution_param {said}",)


def test_weights_of_one_name_count_once():
    told = 'param {{ name: "w" }} param {{ {} }} convolution_param {{ num_output: 6 kernel_size: 3 }}'
    body = [layer("Convolution", told.format(bias), name) for name, bias in
            (("one", 'name: "b"'), ("two", 'name: "b"'), ("three", "lr_mult: 2"))]  # fmt: skip
    network = traced("".join(body) + layer("Concat", name="all", bottom="one two three"))
    assert [node.shares for node in network.nodes] == [None, "one", None, None]
    assert [node.kind for node in network.nodes] == ["conv", "conv", "unknown", "concat"]  # a bias of its own
    assert parse(spec_text(network)).analyze().params == 4 * 6 * 9 + 6 + 6


def test_a_long_name_is_cut_in_a_message():
    with pytest.raises(SpecError) as caught:
        traced(layer("Convolution", "convolution_param { num_output: 4 kernel_size: 30 }", name="N" * 10_000))
    assert len(caught.value.faults[0].message) < 300
