"""The page's document against the figures of the report at the same sizes."""

import json
import re

import pytest

import cnncalc
from cnncalc.page.document import page_document
from cnncalc.page.html import page_text
from tests.page.values import Values, peak


def assert_equal(document, report, **point):
    values = Values(document, **point)
    for record, layer in zip(document["layers"], report.layers, strict=True):
        assert record["name"] == layer.name
        assert tuple(values[form] for form in record["output"]) == layer.output
        for figure in ("params", "macs", "flops"):
            expected = getattr(layer, figure)
            assert (None if record[figure] is None else values[record[figure]]) == expected, (layer.name, figure)
        windows = document["records"][record["windows"]] if "windows" in record else []
        assert [values[window["leftover"]] for window in windows] == list(layer.fit.leftover if layer.fit else ())
    totals = document["totals"]
    assert [values[totals[key]] for key in ("params", "macs", "flops")] == [report.params, report.macs, report.flops]
    assert peak(document["memory"]["inference"], values) == report.memory().peak.bytes
    assert peak(document["memory"]["training"], values) == report.memory().training.peak.bytes


@pytest.mark.parametrize(
    ("name", "size", "params"),
    [
        ("alexnet", (3, 224, 240), {}),
        ("unet", (1, 700, 580), {"classes": 5}),
        ("resnet@18", (3, 193, 224), {"width": 48}),
        ("mobilevit", (3, 320, 256), {"expand": 3}),
        ("r3d_18", (3, 20, 96, 112), {}),
    ],
)
def test_forms_hold_at_other_sizes(name, size, params):
    spec = cnncalc.load(name)
    document = page_document(spec.analyze(), spec)
    axes = [symbol["name"] for symbol in document["symbols"] if symbol["of"] == "size"]
    point = {**dict(zip(axes, size[1:], strict=True)), **params}
    assert point.keys() <= {symbol["name"] for symbol in document["symbols"]}
    assert_equal(document, spec.analyze(size, params), **point)


def test_opens_at_the_sizes_that_were_asked_for():
    spec = cnncalc.load("lenet5")
    document = page_document(spec.analyze((1, 40, 32)), spec)
    assert [(each["name"], each["value"]) for each in document["symbols"]] == [("H", 40), ("W", 32)]
    assert document["opened"] == {"input": [1, 40, 32]}


def test_without_a_spec_the_sizes_move_and_the_parameters_do_not():
    document = page_document(cnncalc.load("resnet@18").analyze())
    assert [each["name"] for each in document["symbols"]] == ["H", "W"]
    assert document["text"] == ""


def test_layers_that_depend_on_the_size_stand_still():
    spec = cnncalc.parse("input: 3x8x8\nlayers:\n  - relu\n  - maxpool: 2\n    when: in_size[0] > 4\n")
    document = page_document(spec.analyze(), spec)
    assert document["symbols"] == []
    assert "depend on the size" in document["still"]


def test_equal_inputs_move_together_and_others_apart():
    inputs = "{image: 3x32x32, mask: 1x32x32, small: 4x8x8}"
    spec = cnncalc.parse(f"input: {inputs}\nlayers:\n  - concat:\n    from: [image, mask]\n")
    document = page_document(spec.analyze(), spec)
    assert [(each["name"], each["value"]) for each in document["symbols"]] == [
        ("H", 32),
        ("W", 32),
        ("H3", 8),
        ("W3", 8),
    ]


def test_a_vector_has_no_size_that_moves():
    document = page_document(cnncalc.load("relu").analyze("10"))
    assert (document["symbols"], document["still"]) == ([], "the input has no spatial axes")


def test_symbols_that_are_given_open_where_the_network_exists():
    spec = cnncalc.load("alexnet")
    document = page_document(spec.analyze("3xHxW"), spec)
    assert {each["name"]: each["value"] for each in document["symbols"]} == {"H": 224, "W": 224}


def test_is_json_of_bounded_size():
    spec = cnncalc.load("resnet@50")
    assert len(json.dumps(page_document(spec.analyze(), spec), separators=(",", ":"))) < 180_000


def test_a_page_has_no_control_characters():
    """Printed to a terminal, they would be obeyed."""
    page = page_text(page_document(cnncalc.load("googlenet").analyze()))
    assert "\\x01" in page, "the layout in layers separates names with it"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", page)
