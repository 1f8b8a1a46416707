"""A model file as a spec: names, scales, parameters, places, and what leaves the network."""

import pytest

import cnncalc
from cnncalc.errors import Source
from cnncalc.importers import holds_model
from cnncalc.importers.ultralytics import translate
from cnncalc.importers.ultralytics.translation import letter_of

from .models import MODEL, ROWS, rows


def network(text, name="net.yaml", **more):
    return cnncalc.parse(text, name).analyze(**more)


def test_levels_keep_the_numbers_of_rows():
    report = network(MODEL)
    assert report.layers[0].name == "model.0.conv"
    assert {layer.name.split(".")[1] for layer in report.layers} == {str(number) for number in range(9)}
    assert report.outputs == {"output": (4 + 3, 160 * 160 + 80 * 80)}


def test_every_part_has_its_place_in_the_file():
    report = network(MODEL)
    places = {layer.name.split(".")[1]: report.graph.nodes[index].span for index, layer in enumerate(report.layers)}
    lines = MODEL.split("\n")
    for number, span in places.items():
        if number not in "56":  # layers of the language itself
            assert lines[span.line - 1][span.column - 1 :].startswith(("Conv", "C2f", "Detect"))


def test_scales_are_variants():
    spec = cnncalc.parse(MODEL, "net.yaml")
    assert spec.variants == ("n", "s")
    assert spec.analyze().params == spec.at("n").analyze().params < spec.at("s").analyze().params
    assert cnncalc.parse(MODEL, "net1s.yaml").analyze().params == spec.at("s").analyze().params


def test_widths_and_classes_are_parameters():
    spec = cnncalc.parse(MODEL)
    assert (
        spec.analyze(params={"width": 0.5, "max_channels": 512, "depth": 0.5}).params == spec.at("s").analyze().params
    )
    assert spec.analyze(params={"nc": 10}).outputs["output"][0] == 14


@pytest.mark.parametrize(
    ("name", "letter"),
    [("yolov8n.yaml", "n"), ("a/yolo11x-seg.yaml", "x"), ("yolov8.yaml", None), ("net.yaml", None), ("v10b.yml", "b")],
)
def test_the_letter_in_a_name(name, letter):
    assert letter_of(name) == letter


def test_a_written_import_is_the_same_network():
    translated = translate(Source("net.yaml", MODEL))
    text = translated.written().source.text
    again = cnncalc.parse(text, "again.yaml")
    for variant in (None, "n", "s"):
        one, other = (spec.at(variant).analyze() for spec in (cnncalc.parse(MODEL), again))
        assert [(a.name, a.kind, a.output, a.params) for a in one.layers] == [
            (b.name, b.kind, b.output, b.params) for b in other.layers
        ]
    assert "C2f: {channels: c128, shortcut: true, repeats: n3}" in text
    assert "name: model" in text


def test_inputs():
    assert translate(Source("net.yaml", MODEL), inputs=(3, 320, 320)).written().inputs["input"]
    assert network(MODEL).graph.inputs == {"input": (3, 640, 640)}
    assert network("ch: 1\n" + MODEL).graph.inputs == {"input": (1, 640, 640)}
    classifier = rows("[-1, 1, Conv, [64, 3, 2]]", "[-1, 1, Classify, [nc]]")
    assert network(classifier).graph.inputs == {"input": (3, 224, 224)}
    assert network(classifier).outputs == {"output": (3,)}


def test_a_spec_is_not_a_model_file():
    assert holds_model(MODEL)
    assert holds_model(ROWS)
    assert holds_model("head:\n  [[-1, 1, Conv, [8]]]\n")
    for text in (
        "input: 3x8x8\nlayers: [relu]\nheads: {}\n",
        "backbone: resnet\nhead: fcn\n",
        "layers:\nhead: [[-1, 1, A, []]]",
    ):
        assert not holds_model(text)


def test_activations():
    text = MODEL + "activation: nn.LeakyReLU(0.1)\n"
    kinds = {layer.kind for layer in network(text).layers}
    assert "leaky_relu" in kinds
    assert "silu" not in kinds
    slopes = {node.layer.negative_slope for node in network(text).graph.nodes if node.kind == "leaky_relu"}
    assert {float(slope) for slope in slopes} == {0.1}


def test_segmentation_has_prototypes():
    text = rows("[-1, 1, Conv, [64, 3, 2]]", "[[-1], 1, Segment, [nc, 32, 64]]")
    assert network(text).outputs == {"output": (4 + 3 + 32, 320 * 320), "protos": (32, 640, 640)}


def test_the_network_is_built_in_pytorch():
    torch = pytest.importorskip("torch")
    module = cnncalc.parse(MODEL).to_torch(input=(3, 64, 64))
    assert module.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 7, 16 * 16 + 8 * 8)
    assert sum(each.numel() for each in module.parameters()) == network(MODEL).params
