"""Operations of every layer by hand, and of the shipped networks as others print them."""

import csv
import itertools
from math import prod
from pathlib import Path

import pytest

import cnncalc
from cnncalc.analysis.cost import cost_of, macs_of, training_passes
from cnncalc.analysis.parameters import parameters_of
from cnncalc.layers import LAYERS
from cnncalc.layers.operations import adaptive_reads

DATA = Path(__file__).parents[1] / "data"
MAP = "4x6x5"  # 120 numbers, 30 pixels
# item, input → multiply-accumulates, all operations; counted by hand
BY_HAND = [
    ("conv: {out_channels: 8, kernel_size: 3, padding: 1}", MAP, 8 * 30 * 4 * 9, 2 * 8640 + 240),
    ("conv: {out_channels: 8, kernel_size: 3, padding: 1, groups: 4, bias: false}", MAP, 8 * 30 * 9, 2 * 2160),
    ("conv: {out_channels: 2, kernel_size: 2, connections: [[0], [1, 3]]}", MAP, 20 * 3 * 4, 2 * 240 + 40),
    ("conv_transpose: {out_channels: 2, kernel_size: 2, stride: 2}", MAP, 120 * 2 * 4, 2 * 960 + 240),
    ("locally_connected: {out_channels: 2, kernel_size: 2}", MAP, 40 * 16, 2 * 640 + 40),
    ("linear: 7", "[10]", 70, 147),
    ("linear: {out_features: 7, bias: false, axis: channels}", MAP, 30 * 28, 2 * 840),
    ("rbf: 3", "[10]", 0, 3 * (10 + 10 + 9)),
    ("capsule: {capsules: 2, dim: 3, routings: 1}", "5x4", 120, 240 + (10 + 5 + 10) + 30 + 24 + (12 + 6 + 2 + 2)),
    ("maxpool: 2", MAP, 0, 24 * 3),
    ("avgpool: 2", MAP, 0, 24 * 4),
    ("lppool: {norm_type: 1, kernel_size: 2}", MAP, 0, 24 * 3),
    ("lppool: {norm_type: 2, kernel_size: 2}", MAP, 0, 24 * (3 + 4 + 1)),
    ("lppool: {norm_type: 3, kernel_size: 2}", MAP, 0, 24 * (3 + 4 + 1)),
    ("subsample", MAP, 0, 24 * (3 + 2)),
    ("adaptive_avgpool: [3, 5]", MAP, 0, 120),
    ("adaptive_avgpool: 4", MAP, 0, 4 * 8 * 8),
    ("adaptive_maxpool: [3, 5]", MAP, 0, 60),
    ("global_avgpool", MAP, 0, 120),
    ("global_maxpool", MAP, 0, 116),
    ("mean", MAP, 0, 120),
    *((f"{item}", MAP, 0, 0) for item in ("flatten", "identity", "dropout", "pad: 1", "permute: [3, 1, 2]")),
    *((f"{item}", MAP, 0, 0) for item in ("reshape: [-1]", "crop: {size: 2}", "slice: {end: 2}", "pixel_shuffle: 2")),
    *((f"{item}", MAP, 0, 0) for item in ("channel_shuffle: 2", "concat: x", "upsample: 2")),
    ("pixel_unshuffle: 2", "4x6x4", 0, 0),
    ("upsample: {scale_factor: 2, mode: bilinear}", MAP, 0, 480 * 9),
    ("upsample: {size: 3, mode: area}", MAP, 0, 4 * 6 * 7),
    ("add: x", MAP, 0, 120),
    ("subtract: [x, x]", MAP, 0, 240),
    ("multiply: x", MAP, 0, 120),
    ("divide: [x, x]", MAP, 0, 240),
    ("matmul: {}", "4x5x5", 500, 1000),
    *((item, MAP, 0, 120 * each) for each, item in [
        (1, "relu"), (2, "relu6"), (2, "leaky_relu"), (2, "prelu"), (4, "elu"), (5, "selu"), (7, "celu"), (5, "gelu"),
        (9, "gelu: tanh"), (4, "silu"), (5, "mish"), (3, "sigmoid"), (1, "tanh"), (1, "abs"), (5, "hardswish"),
        (4, "hardsigmoid"), (2, "hardtanh"), (4, "softplus"), (6, "softplus: {beta: 2}"),
    ]),
    ("sum", MAP, 0, 4 * 29),
    ("max", MAP, 0, 4 * 29),
    ("var", MAP, 0, 4 * (29 + 1 + 30 + 30 + 29 + 1)),
    ("std", MAP, 0, 4 * (29 + 1 + 30 + 30 + 29 + 1 + 1)),
    ("cumsum: 2", MAP, 0, 4 * 5 * 5),
    ("embedding: {num_embeddings: 10, embedding_dim: 3}", "[7]", 0, 0),
    ("rmsnorm: {axis: channels}", MAP, 0, 30 * (4 + 3 + 1 + 1 + 1 + 1 + 4 + 4)),
    ("grn", MAP, 0, 4 * (30 + 29 + 1) + 3 + 1 + 1 + 4 + 4 * 120),
    ("glu", MAP, 0, 60 * (3 + 1)),
    *((item, MAP, 0, 0) for item in ("drop_path: 0.1", "unfold: 2", "roll: 1", "take: [2, 0]")),
    *((item, MAP, 0, 120) for item in ("parameter: {merge: add}", "constant: {merge: multiply}")),
    ("fold: {output_size: 3, kernel_size: 2}", "8x2x2", 0, 8 * 4),
    ("std_conv: {out_channels: 8, kernel_size: 3, padding: 1}", MAP, 8 * 30 * 4 * 9, 2 * 8640 + 240),
    ("blurpool", MAP, 36 * 9, 2 * 36 * 9),
    ("attention: {num_heads: 2}", "12x6", 2 * 36 * (2 + 2), 2 * 288 + 72 + 3 * 72 - 12),
    ("lstm: 3", "4x6", 6 * 12 * 7, 2 * 504 + 6 * (24 + 3 * 9 + 3 * 2 + 4 * 3)),
    ("gru: 3", "4x6", 6 * 9 * 7, 2 * 378 + 6 * (18 + 3 * 6 + 3 + 2 * 3 + 4 * 3)),
    ("rnn: 3", "4x6", 6 * 3 * 7, 2 * 126 + 6 * (6 + 3)),
    ("rescale: 0.5", MAP, 0, 120),
    ("rescale: {offset: 3}", MAP, 0, 120),
    ("rescale: {factor: -1, offset: 1}", MAP, 0, 240),
    ("softmax", MAP, 0, 3 * 120 - 30),
    ("log_softmax", MAP, 0, 3 * 120),
    ("batchnorm", MAP, 0, 240),
    ("batchnorm: {track_running_stats: false}", MAP, 0, 5 * 120 + 3 * 4 - 0 + 240),
    ("instancenorm", MAP, 0, 5 * 120 + 12),
    ("layernorm: {axis: channels}", MAP, 0, 7 * 120 + 90),
    ("groupnorm: 2", MAP, 0, 7 * 120 + 6),
    ("lrn: 5", MAP, 0, 120 * 9),
    ("l2norm", MAP, 0, 3 * 120 + 30),
    ("scale", MAP, 0, 120),
    ("scale: {bias: true}", MAP, 0, 240),
]  # fmt: skip
SYMBOLIC = ["alexnet@torchvision", "resnet@18", "googlenet", "mobilenet_v2", "unet", "alexnet", "vgg@16"]
PYCLS = {"R-50-1x64d_dds_8gpu": "resnet@50", "R-101-1x64d_dds_8gpu": "resnet@101", "R-152-1x64d_dds_8gpu": "resnet@152"}
PYCLS |= {f"X-{n}-32x4d_dds_8gpu": f"resnext@{n}_32x4d" for n in (50, 101, 152)}
PYCLS |= {f"EN-B{n}_dds_8gpu": f"efficientnet@b{n}" for n in range(6)}
PYCLS |= {
    f"RegNet{kind}-{size}F_dds_8gpu": f"regnet@{kind}_{size.replace('.0', '')}f".lower().replace(".", "_")
    for kind in "XY"
    for size in ("200M", "400M", "600M", "800M", "1.6G", "3.2G", "4.0G", "6.4G", "8.0G", "12G", "16G", "32G")
}


def analyzed(item, size):
    layers = f"[{item}]" if item.startswith("relu") else f"\n  - identity:\n    from: x\n  - {item}"
    if item.startswith("matmul"):
        layers = "\n  - matmul:\n    from: [x, x]"
    return cnncalc.parse(f"input: {{x: {size}}}\nlayers: {layers}").analyze()


@pytest.mark.parametrize(("item", "size", "macs", "flops"), BY_HAND, ids=lambda value: str(value)[:60])
def test_operations_by_hand(item, size, macs, flops):
    report = analyzed(item, size)
    assert (report.macs, report.flops) == (macs, flops)
    assert (report.layers[-1].macs, report.layers[-1].flops) == (macs, flops)


def test_every_layer_is_counted_by_hand():
    """All but `unknown`, and those that read two tensors: `tests/layers/test_sampling.py`, `test_boxes.py`."""
    elsewhere = {"unknown", "grid_sample", "deform_conv", "roi_align", "nms"}
    assert {item.partition(":")[0] for item, *_ in BY_HAND} == LAYERS.keys() - elsewhere


def test_adaptive_windows_by_brute_force():
    for size, parts in itertools.product(range(1, 30), range(1, 30)):
        windows = ((index * size // parts, -(-(index + 1) * size // parts)) for index in range(parts))
        assert adaptive_reads(size, parts) == sum(high - low for low, high in windows)


def test_alexnet_as_designed():
    report = cnncalc.load("alexnet").analyze()
    assert (report["conv1"].macs, report["conv1"].flops) == (105_415_200, 211_120_800)
    assert report.macs == 724_406_816
    assert report.to_dict(("macs",))["totals"]["macs"] == 724_406_816


def test_shared_layers_count_every_call():
    text = "input: 4x8x8\nlayers:\n  - conv: {out_channels: 4, kernel_size: 1}\n    name: a\n  - conv:\n    share: a"
    assert cnncalc.parse(text).analyze().macs == 2 * 4 * 4 * 64


def test_training_heads_have_no_part():
    report = cnncalc.load("googlenet").analyze()
    assert report.macs == 1_498_376_192 < cost_of(report.graph.nodes).macs


@pytest.mark.parametrize("name", SYMBOLIC)
def test_symbols_give_the_same_counts(name):
    spec = cnncalc.load(name)
    channels = spec.analyze().inputs["input"][0]
    report = spec.analyze(input=(channels, "H", "W"))
    for height, width in itertools.product((224, 252, 572), repeat=2):
        if not all(c.relation.evaluate({"H": height, "W": width}) for c in report.graph.conditions):
            continue
        number = spec.analyze(input=(channels, height, width))
        assert report.macs.evaluate({"H": height, "W": width}) == number.macs
        assert report.flops.evaluate({"H": height, "W": width}) == number.flops


def test_resnet_50_in_height_and_width():
    spec = cnncalc.load("resnet@50")
    report = spec.analyze(input=(3, "H", "W"))
    assert report.macs.symbols == {"H", "W"}
    for height, width in [(1, 1), (32, 32), (33, 65), (97, 224), (224, 224), (225, 193), (427, 640), (1000, 3)]:
        number = spec.analyze(input=(3, height, width))
        assert report.macs.evaluate({"H": height, "W": width}) == number.macs
        assert report.flops.evaluate({"H": height, "W": width}) == number.flops


@pytest.mark.parametrize("config", PYCLS)
def test_pycls(config):
    with (DATA / "pycls.csv").open() as file:
        (row,) = (row for row in csv.DictReader(file) if row["config"].endswith(f"/{config}.yaml"))
    name = PYCLS[config]
    graph = cnncalc.load(name).graph(params={"nearest": True} if name.startswith("regnet") else None)
    biased = [node for node in graph.nodes if node.kind in ("conv", "linear") and "bias" in node.weights]
    assert sum(map(macs_of, graph.nodes)) + sum(prod(node.output) for node in biased) == int(row["flops"])
    assert sum(parameters_of(node).params for node in graph.nodes) == int(row["params"])


def convolutions(name):
    return sum(macs_of(node) for node in cnncalc.load(name).graph().nodes if node.kind == "conv")


def test_papers():
    """ResNet (arXiv:1512.03385 table 1, section 3.3 and 4.1), YOLO9000 (arXiv:1612.08242 section 3)."""
    assert round(cnncalc.load("resnet@18").analyze().macs / 10**9, 1) == 1.8
    assert round(cnncalc.load("vgg@19").analyze().macs / 10**9, 1) == 19.6
    assert round(convolutions("vgg@16") / 10**9, 1) == 15.3  # without the classifier
    assert round(2 * convolutions("vgg@16") / 10**9, 2) == 30.69


def test_training_needs_no_gradient_of_the_network_input():
    graph = cnncalc.load("alexnet").graph()
    passes = training_passes(graph)
    first, second = passes["conv1"], passes["conv2"]
    assert (first.to_input, first.to_weights) == (0, first.forward)
    assert (second.to_input, second.to_weights) == (second.forward, second.forward)


def test_frozen_layers_have_no_gradient_of_weights():
    text = "input: 4x8x8\nlayers:\n  - conv: {out_channels: 4, kernel_size: 1}\n    frozen: true\n  - relu"
    passes = training_passes(cnncalc.parse(text).graph())
    assert passes["conv1"].total == passes["conv1"].forward
