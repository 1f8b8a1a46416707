"""The JSON schema: it accepts the shipped specs, refuses the usual mistakes, and knows every layer."""

from pathlib import Path

import pytest
import yaml

from cnncalc import shipped
from cnncalc.document.checks import LEVELS
from cnncalc.document.expectations import FIGURES
from cnncalc.document.schema import SECTION_DOCS, SECTIONS, spec_schema
from cnncalc.document.schema_checks import FIGURE_DOCS, LEVEL_DOCS
from cnncalc.layers import LAYERS

jsonschema = pytest.importorskip("jsonschema")


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft7Validator(spec_schema())


def test_is_a_schema():
    jsonschema.Draft7Validator.check_schema(spec_schema())


@pytest.mark.parametrize("name", shipped.names())
def test_shipped_specs(validator, name):
    validator.validate(yaml.safe_load(Path(shipped.path_of(name)).read_text("utf-8")))


def layers(text: str) -> str:
    return f"input: 3x32x32\nlayers: [{text}]"


def expecting(text: str) -> str:
    return f"input: 3x8x8\nlayers: []\nexpect: {{{text}}}"


@pytest.mark.parametrize(
    "text",
    [
        layers("relu, dropout: 0.5, {dropout: {p: 0.5}}, {relu: , name: a}"),
        layers("{linear: 10}, {linear: 2*w}, {linear: {out_features: 10, bias: false}}, {conv: , share: x}"),
        layers("mine, {mine: 3}, {mine: {a: 3, b: [1, 2]}}, {$unit: {w: 3}, repeat: {i: 3}}, {mine: , frozen: true}"),
        layers("{concat: a}, {add: [a, b]}, {concat: {with: a, crop: center}}, {concat: , from: [a, b]}"),
        layers("{branches: {merge: concat, paths: [[relu], []]}}, {residual: [relu]}, {sequence: [relu], when: a > 1}"),
        "input: 3x8x8\nblocks: {'up(a, tensor b)': [concat: b]}\nlayers: [{up: {a: 3, b: [a, 'b{i} for i in 3']}}]",
        layers("{branches: {merge: add, paths: [{when: a > 1, layers: [relu]}, {layers: []}, [tanh]]}}"),
        layers("{conv: {out_channels: 3, kernel_size: [3, 5], padding: [[0, 1], [2, w]]}}"),
        layers(
            "{branches: {merge: {concat: {dim: 2}}, paths: [[relu], []]}}, {branches: {merge: matmul, paths: [[]]}}"
        ),
        layers("conv, {conv: {out_channels: 3}}, {residual: [conv: {padding: 1}]}, {$unit: }")
        + "\ndefaults: {conv: {kernel_size: 3}, linear: {axis: channels, bias: a > 3}}",
        "input: {a: 3x8x8, b: [3, H, W]}\nlayers: [{relu: , from: a}]\noutputs: [relu1]\nname: 3\nyear: 2012",
        expecting("fits: pixels"),
        expecting("params: at most 5M, output: [10], fits: true, receptive_field: [at least 3, 5]"),
        expecting("flops: {fvcore: 4.11G +/- 1%, a: {fvcore: 3}}, macs: {default: 5, b: '> 5'}"),
        expecting("layer4: {output: {a: 3x8x8}}, at: {3x9x9: {layer4: {activation_memory: 5 MiB}, output: 7}}"),
        expecting("time: {rtx4090: at most 2ms, h200: {default: <= 1.5 us}}"),
        "input: 3x8x8\nlayers: []\ncheck: {ignore: [expectation], error: [unused-ignore, faulty-spec]}",
        "input: 3072\nlayers: []\nheads: {aux: {from: conv1, training: true, layers: [relu]}}\nexpect: {params: 5}",
    ],
)
def test_right_specs(validator, text):
    validator.validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (layers("{conv: {out_channels: 3, kernel_size: 3, pading: 1}}"), "'pading' was unexpected"),
        (layers("{conv: {out_channels: 3}}"), "'kernel_size' is a required property"),
        (layers("{conv: {out_channels: -3, kernel_size: 3}}"), "-3"),
        (layers("{conv: {out_channels: 3, kernel_size: 3, bias: 3}}"), "3 is not of type 'boolean', 'string'"),
        (layers("{conv: 3}"), "3 is not of type 'object', 'null'"),
        (layers("{conv: }"), ""),
        (layers("conv"), "'conv'"),
        (layers("{conv: , out_channels: 3}"), "'out_channels' is not one of"),
        (layers("{relu: , conv: {out_channels: 1, kernel_size: 1}}"), ""),
        (layers("{name: a}"), ""),
        (layers("{linear: 0}"), "0"),
        (layers("{branches: {merge: cat, paths: [[relu]]}}"), "'cat' is not one of"),
        (layers("{branches: {merge: {cat: }, paths: [[relu]]}}"), "'cat' was unexpected"),
        (layers("{branches: {merge: {concat: {with: a}}, paths: [[relu]]}}"), "'with' was unexpected"),
        (layers("relu") + "\ndefaults: {linaer: {bias: false}}", "'linaer' was unexpected"),
        (layers("relu") + "\ndefaults: {linear: {axes: last}}", "'axes' was unexpected"),
        (layers("{conv: {pading: 1}}") + "\ndefaults: {conv: {kernel_size: 3}}", "'pading' was unexpected"),
        (layers("{residual: [conv]}") + "\ndefaults: {}\nblocks: {a: {relu: }}", "is not of type 'array'"),
        (layers("{residual: {shortcut: [relu]}}"), "'body' is a required property"),
        (layers("[relu]"), ""),
        ("layers: [relu]", "'input' is a required property"),
        ("input: 3x8x8\nlayers: {relu: {}}", "is not of type 'array'"),
        ("input: 3x8x8\nlayer: [relu]\nlayers: []", "'layer' was unexpected"),
        (expecting("params: at moist 5M"), "'at moist 5M' does not match"),
        (expecting("params: 618MiB"), "'618MiB' does not match"),
        (expecting("at: {}"), "should be non-empty"),
        ("input: 3x8x8\nlayers: []\ncheck: {ignore: [faulty-spec]}", "'faulty-spec' is not one of"),
        (expecting("params: [5]"), "[5] is not of type 'number'"),
        (expecting("receptive_field: [5, x]"), "'x' does not match"),
        (expecting("prams: 5"), "5 is not of type 'object'"),
        (expecting("fits: pixles"), "'pixles' is not one of ['pixels']"),
        (expecting("time: {rtx4090: at most 2MiB}"), "does not match"),
        (expecting("time: at most 2ms"), "is not of type 'object'"),
        (expecting("fits: 3"), "3 is not of type 'boolean'"),
        (expecting("conv1: {peak_memory: 3}"), "'peak_memory' was unexpected"),
        (expecting("at: {3x9x9: {at: {}}}"), "should be non-empty"),
        ("input: 3x8x8\nlayers: []\ncheck: {ignore: [expectatoin]}", "'expectatoin' is not one of"),
        ("input: 3x8x8\nlayers: []\ncheck: {hide: [expectation]}", "'hide' was unexpected"),
        ("input: 3x8x8\nlayers: []\nheads: {aux: {layers: []}}", "'from' is a required property"),
    ],
)
def test_mistakes(validator, text, message):
    errors = list(validator.iter_errors(yaml.safe_load(text)))
    assert errors
    assert any(message in error.message for error in errors), [error.message for error in errors]


def test_every_layer_and_field_is_described():
    definitions = spec_schema()["definitions"]
    for kind, layer in LAYERS.items():
        schema = definitions[kind]
        assert schema["description"]
        mapping = schema.get("then", schema)
        assert set(layer.accepted()) <= set(mapping["properties"])
        assert all(field["description"] for field in mapping["properties"].values())


def test_every_section_is_described():
    assert set(SECTION_DOCS) == set(SECTIONS)
    assert set(FIGURE_DOCS) == set(FIGURES)
    assert set(LEVEL_DOCS) == set(LEVELS)
