"""The document of two networks: every figure against the reports of both, at the sizes of now and at others."""

import pytest

import cnncalc
from cnncalc.differences.difference import difference
from cnncalc.page.page import ComparedPage
from cnncalc.page.union import Side, union_document
from tests.page.values import Values, peak

SMALL = """
name: small
input: 3x32x32
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
    name: stem
  - batchnorm
  - relu
  - residual:
      - conv: {out_channels: 8, kernel_size: 3, padding: 1}
      - relu
  - maxpool: 2
  - conv: {out_channels: 16, kernel_size: 3, stride: 2}
    name: down
  - global_avgpool
  - flatten
  - linear: 10
"""
EDITS = {
    "a field": ("kernel_size: 3, stride: 2", "kernel_size: 5, stride: 2"),
    "a layer less": ("  - batchnorm\n", ""),
    "a layer more": ("  - maxpool: 2\n", "  - maxpool: 2\n  - dropout: 0.5\n"),
    "another layer": ("maxpool: 2", "avgpool: 2"),
    "no residual": ("  - residual:\n      - conv: {out", "  - sequence:\n      - conv: {out"),
    "another name": ("name: down", "name: reduce"),
    "nothing": ("name: small", "name: other"),
}
PAIRS = {
    **{name: (cnncalc.parse(SMALL), cnncalc.parse(SMALL.replace(*edit))) for name, edit in EDITS.items()},
    "deeper": (cnncalc.load("resnet@18"), cnncalc.load("resnet@34")),
    "shallower": (cnncalc.load("resnet@34"), cnncalc.load("resnet@18")),
    "unlike": (cnncalc.load("squeezenet"), cnncalc.load("mobilenet_v2")),
    "branches": (cnncalc.load("googlenet"), cnncalc.load("googlenet@v1")),
}


def document_of(before, after, *given):
    reports = [spec.analyze(*given) for spec in (before, after)]
    sides = [Side(report, spec) for report, spec in zip(reports, (before, after), strict=True)]
    return union_document(difference(*reports), *sides)


def assert_layers(document, values, before, after):
    """Every layer of both reports stands in the document with its figures there."""
    news = {each["name"]: each for each in document["layers"] if each.get("status") != "removed"}
    olds = {
        each.get("before", {}).get("name", each["name"]): each
        for each in document["layers"]
        if each.get("status") != "inserted"
    }
    for report, records, old in ((before, olds, True), (after, news, False)):
        activations = {each.name: each.bytes for each in report.memory().activations}
        assert records.keys() == {layer.name for layer in report.layers}
        for layer in report.layers:
            record = records[layer.name]
            figures = {**record, **record.get("before", {})} if old else record
            assert tuple(values[form] for form in figures["output"]) == layer.output, layer.name
            assert values[figures["bytes"]] == activations[layer.name], layer.name
            for key in ("params", "macs", "flops"):
                value = None if figures[key] is None else values[figures[key]]
                assert value == getattr(layer, key), (layer.name, key)


def assert_totals(document, values, before, after):
    for report, record in ((before, document["before"]), (after, document)):
        assert [values[record["totals"][key]] for key in ("params", "macs", "flops")] == [
            report.params,
            report.macs,
            report.flops,
        ]
        assert peak(record["memory"]["inference"], values) == report.memory().peak.bytes


@pytest.mark.parametrize("name", PAIRS)
def test_figures_are_those_of_both_reports(name):
    before, after = PAIRS[name]
    document = document_of(before, after)
    assert [each["name"] for each in document["symbols"]] == ["H", "W"], document["still"]
    usual = {each["name"]: each["value"] for each in document["symbols"]}
    for point in (usual, {"H": usual["H"] + 37, "W": usual["W"] + 20}):
        reports = [spec.analyze((3, point["H"], point["W"])) for spec in (before, after)]
        values = Values(document, **point)
        assert_layers(document, values, *reports)
        assert_totals(document, values, *reports)


@pytest.mark.parametrize("name", PAIRS)
def test_is_what_diff_aligns(name):
    before, after = PAIRS[name]
    changes = difference(before.analyze(), after.analyze())
    document = document_of(before, after)
    written = [each.status if each.status not in ("same", "affected") else None for each in changes.changes]
    assert [each.get("status") for each in document["layers"]] == written
    assert [each["name"] for each in document["layers"]] == [each.name for each in changes.changes]


@pytest.mark.parametrize("name", PAIRS)
def test_edges_lead_forward_and_join_what_they_joined(name):
    before, after = PAIRS[name]
    document = document_of(before, after)
    names = [each["name"] for each in (*document["inputs"], *document["layers"])]
    start = len(document["inputs"])
    nodes = {node.name: node for node in after.graph().nodes}
    for number, record in enumerate(document["layers"], start):
        sources = [*record["from"], *record.get("gone", ())]
        assert all(source < number for source in sources)
        if record.get("status") != "removed":
            assert [names[source] for source in record["from"]] == list(nodes[record["name"]].inputs)
            assert not any(
                document["layers"][n - start].get("status") == "removed" for n in record["from"] if n >= start
            )
    gone = [n for record in document["layers"] for n in record.get("gone", ())]
    removed = [n for n, record in enumerate(document["layers"], start) if record.get("status") == "removed"]
    read = {n for record in document["layers"] for n in (*record["from"], *record.get("gone", ()))}
    ends = set(document["before"]["outputs"].values())
    assert set(removed) <= read | ends, "what a removed layer computed was read, or was an output"
    assert not set(gone) & {
        n for n, record in enumerate(document["layers"], start) if record.get("status") == "inserted"
    }


def test_an_edit_is_in_words():
    (edited,) = [each for each in document_of(*PAIRS["a field"])["layers"] if "edits" in each]
    assert (edited["name"], edited["edits"], edited["status"]) == ("down", ["kernel_size 3×3 → 5×5"], "edited")
    (renamed,) = [each for each in document_of(*PAIRS["another name"])["layers"] if "status" in each]
    assert (renamed["status"], renamed["before"]["name"], renamed["name"]) == ("renamed", "down", "reduce")


def test_names_that_are_equal_give_way_to_those_of_the_request():
    spec = cnncalc.parse(SMALL)
    report = spec.analyze()
    sides = (Side(report, spec, None, "a.yaml"), Side(report, spec, None, "HEAD:a.yaml"))
    document = union_document(difference(report, report), *sides)
    assert document["title"] == "a.yaml → HEAD:a.yaml"
    assert document_of(*PAIRS["nothing"])["labels"] == ("small", "other")


def test_different_inputs_stand_still():
    document = document_of(cnncalc.load("alexnet"), cnncalc.load("resnet@18"))
    assert (document["symbols"], document["still"]) == ([], "the two networks open at different sizes")


def test_parameters_stay_as_they_are():
    spec = cnncalc.parse(
        SMALL.replace("input:", "params: {width: 8}\ninput:").replace("out_channels: 8", "out_channels: width")
    )
    assert [each["name"] for each in document_of(spec, spec)["symbols"]] == ["H", "W"]


def test_symbols_that_are_given_open_where_both_networks_exist():
    document = document_of(cnncalc.load("alexnet"), cnncalc.load("resnet@18"), "3xHxW")
    assert {each["name"]: each["value"] for each in document["symbols"]} == {"H": 224, "W": 224}


def test_an_input_that_only_one_network_has():
    two = "input: {image: 3x8x8, depth: 1x8x8}\nlayers:\n  - concat:\n    from: [image, depth]\n"
    one = "input: {image: 3x8x8}\nlayers:\n  - relu\n"
    less = document_of(cnncalc.parse(two), cnncalc.parse(one))
    assert [(each["name"], each.get("status")) for each in less["inputs"]] == [("image", None), ("depth", "removed")]
    more = document_of(cnncalc.parse(one), cnncalc.parse(two))
    assert [(each["name"], each.get("status")) for each in more["inputs"]] == [("image", None), ("depth", "inserted")]


def test_the_page_of_two_is_as_long_as_that_of_its_layers():
    spec, other = PAIRS["deeper"]
    page = ComparedPage(Side(spec.analyze(), spec), Side(other.analyze(), other))
    assert len(page.html) < 400_000
    assert repr(page) == "<ComparedPage of ResNet@18 → ResNet@34>"
