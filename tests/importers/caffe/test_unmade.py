"""Layers of Caffe's that none here expresses: the shape that leaves is computed, or the network is refused."""

import pytest

from cnncalc import parse
from cnncalc.errors import SpecError
from cnncalc.importers.writing.spec_text import spec_text

from .test_layers import layer, only, traced

LINEAR = layer("InnerProduct", "inner_product_param { num_output: 10 }", "fc", "one")


@pytest.mark.parametrize(
    ("kind", "told", "output"),
    [
        ("Pooling", "pooling_param { pool: STOCHASTIC kernel_size: 2 stride: 2 }", (4, 7, 7)),
        ("Pooling", "pooling_param { pool: STOCHASTIC global_pooling: true }", (4, 1, 1)),
        ("Pooling", "pooling_param { kernel_size: 1 stride: 7 }", (4, 3, 3)),
        ("Interp", "interp_param { shrink_factor: 2 pad_end: -2 }", (4, 6, 6)),
        ("Upsample", "upsample_param { scale: 2 pad_out_h: true }", (4, 25, 26)),
        ("Upsample", "upsample_param { upsample_h: 9 upsample_w: 8 }", (4, 9, 8)),
        ("PriorBox", "prior_box_param { min_size: 30 max_size: 60 aspect_ratio: 2 }", (2, 13 * 13 * 4 * 4)),
        ("Reorg", "reorg_param { stride: 2 }", (16, 6, 6)),
        ("Proposal", "", (5,)),
        ("PSROIPooling", "psroi_pooling_param { output_dim: 21 group_size: 7 }", (21, 7, 7)),
        ("ROIAlign", "roi_align_param { pooled_h: 6 pooled_w: 7 }", (4, 6, 7)),
        ("ROIPooling", "roi_pooling_param { pooled_h: 6 pooled_w: 7 }", (4, 6, 7)),
        ("Exp", "", (4, 13, 13)),
        ("Power", "power_param { power: 2 }", (4, 13, 13)),
        ("LRN", "lrn_param { norm_region: WITHIN_CHANNEL }", (4, 13, 13)),
        ("MVN", "mvn_param { across_channels: true }", (4, 13, 13)),
    ],
)
def test_what_leaves_is_known(kind, told, output):
    """So that what follows is counted right, and nothing is only a lower bound of the parameters."""
    network = traced(layer(kind, told) + LINEAR)
    node = network.nodes[0]
    assert (node.kind, node.output, node.arguments["params"]) == ("unknown", output, 0)
    size = 1
    for each in output:
        size *= each
    report = parse(spec_text(network)).analyze()
    assert report.params == 10 * size + 10
    assert f"{kind} (" in network.warnings[0]


def test_the_normalization_of_forks_has_factors():
    network = traced(layer("BN") + LINEAR)
    assert [node.kind for node in network.nodes] == ["batchnorm", "flatten", "linear"]
    assert parse(spec_text(network)).analyze().params == 8 + 6770


def test_a_product_along_another_axis():
    node = only(layer("InnerProduct", "inner_product_param { num_output: 5 axis: 2 }"))
    assert (node.kind, node.output) == ("unknown", (4, 5))
    assert "params" not in node.arguments


@pytest.mark.parametrize("kind", ["Python", "Reorg", "Convolution3D", "ELUX"])
def test_a_shape_that_is_not_known_is_not_guessed(kind):
    with pytest.raises(SpecError, match=rf"net.prototxt:2:1: one \({kind}\): no equivalent layer, and its output"):
        traced(layer(kind) + LINEAR)


@pytest.mark.parametrize(
    ("told", "message"),
    [("height: 3", "its output shape is not known"), ("pad_beg: x", "pad_beg: expected a whole number, got x")],
)
def test_what_a_layer_is_told_that_it_cannot_be(told, message):
    flat = layer("Flatten", name="f") if told == "height: 3" else layer("ReLU", name="f")
    with pytest.raises(SpecError, match=message):
        traced(flat + layer("Interp", f"interp_param {{ {told} }}", bottom="f") + LINEAR)


def test_an_end_of_unknown_shape_is_said():
    """Nothing is counted by it: detections, which have no shape before the network runs."""
    network = traced(layer("ReLU", name="r") + layer("DetectionOutput", bottom="r"))
    assert network.nodes[-1].kind == "unknown"
    assert "its output shape is not known and is assumed to equal its input shape" in network.warnings[0]


@pytest.mark.parametrize(("kind", "meant"), [("Convolutoin", "Convolution"), ("Relu", "ReLU"), ("Poolng", "Pooling")])
def test_a_misspelt_type_is_refused(kind, meant):
    with pytest.raises(SpecError, match=rf"one: unknown layer type '{kind}'(.|\n)*did you mean '{meant}'\?"):
        traced(layer(kind))


def test_python_that_reads_nothing_brings_data():
    body = 'layer { name: "d" type: "Python" top: "d" }' + layer("ReLU", bottom="d")
    assert dict(traced(body, "", (3, 8, 8)).inputs) == {"d": (3, 8, 8)}


@pytest.mark.parametrize(
    ("rule", "there"),
    [
        ('include { stage: "deploy" }', False),
        ("include { phase: TEST }", True),
        ('include { phase: TEST not_stage: "deploy" }', True),
        ('exclude { stage: "deploy" }', True),
        ("exclude { phase: TEST }", False),
        ("include { min_level: 1 }", False),
        ("include { max_level: 1 }", True),
    ],
)
def test_rules_of_a_net_without_stages(rule, there):
    network = traced(layer("ReLU") + layer("Sigmoid", rule, "two", "one"))
    assert ("sigmoid" in [node.kind for node in network.nodes]) is there


TOLD = "convolution_param { num_output: 2 kernel_size: 1 }"


@pytest.mark.parametrize(
    ("told", "frozen"),
    [
        ("param { lr_mult: 0 } param { lr_mult: 0 }", True),
        ("blobs_lr: 0 blobs_lr: 0", True),
        ("param { lr_mult: 0 } param { lr_mult: 2 }", False),
        ("param { lr_mult: 0 }", False),
        ("param { decay_mult: 0 } param { decay_mult: 0 }", False),
    ],
)
def test_a_rate_of_nothing_is_frozen(told, frozen):
    assert only(layer("Convolution", f"{told} {TOLD}")).frozen is frozen


def test_statistics_that_are_never_learnt_freeze_no_factors():
    """The parameters of a BatchNorm are its statistics, of rate 0; those of the Scale after it are learnt."""
    still = "param { lr_mult: 0 } " * 3
    learnt = layer("BatchNorm", still, "bn") + layer("Scale", "scale_param { bias_term: true }", "s", "bn")
    assert [node.frozen for node in traced(learnt).nodes] == [False]
    frozen = learnt.replace("scale_param", "param { lr_mult: 0 } param { lr_mult: 0 } scale_param")
    assert [(node.kind, node.frozen) for node in traced(frozen).nodes] == [("batchnorm", True)]


def test_a_part_to_the_end_says_no_end():
    body = layer("Slice", "slice_param { axis: 1 slice_point: 1 }", "s", top="left right")
    assert [node.arguments for node in traced(body).nodes] == [
        {"dim": 1, "start": 0, "end": 1},
        {"dim": 1, "start": 1},
    ]
