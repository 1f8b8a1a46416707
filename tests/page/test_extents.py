"""The receptive fields that the page composes in numbers, against those of the report at the same sizes.

`CNNCALC_ZOO=1` has every variant.
"""

import random
from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc
from cnncalc.analysis.field.receptive_field import receptive_fields
from cnncalc.page.document import page_document

from ..shipped_networks import TAKEN, small
from .asking import NODE, ask
from .test_field import moved

ASK = Path(__file__).with_name("extents.mjs")
CHUNKS = 6

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def text(number):
    return None if number is None else str(number)


def record_of(axis):
    """An extent as the page has it."""
    first = next((phase for phase in axis.phases if phase is not None), None)
    stride = None if axis.stride is None else Fraction(axis.stride)
    return {
        "image": text(axis.image),
        "size": text(axis.size),
        "stride": stride and [text(stride.numerator), text(stride.denominator)],
        "first": first and [*map(text, first)],
        "phases": len(axis.phases),
        "whole": axis.whole,
        "unknown": not axis.known,
        "aligned": axis.aligned,
        "through": axis.through,
    }


def records_of(fields):
    return {name: [record_of(axis) for axis in field.axes] for name, field in fields.items()}


def told_apart(report, source):
    """A few tensors and, of each, one of those that it is computed from."""
    names = [*report.graph.inputs, *(node.name for node in report.graph.nodes)]
    numbers = {name: number for number, name in enumerate(names)}
    nodes = {node.name: node for node in report.graph.nodes}
    for node in source.sample(report.graph.nodes, min(3, len(report.graph.nodes))):
        target = node
        while source.random() < 0.8 and target.inputs and target.inputs[0] in nodes:
            target = nodes[target.inputs[0]]
        yield numbers[node.name], numbers[target.name], node.name, target.name


def agree(said, fields):
    """Whether fields from closed forms are those of the report, to which a map of one row is seen whole."""
    axes = [pair for name, each in fields.items() for pair in zip(said[name], each, strict=True)]
    return said.keys() == fields.keys() and all(
        mine == its or (its["whole"] and its["stride"] is None and not mine["unknown"]) for mine, its in axes
    )


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_shipped_networks(chunk):
    """In the inputs, from forms and composed; of a few layers, in a layer before them."""
    source, asked, expected = random.Random(chunk), [], []
    for name in TAKEN[chunk::CHUNKS]:
        given, spec = small(name), cnncalc.load(name)
        report = spec.analyze(given.get("input"), given.get("params"))
        document = page_document(report, spec, given.get("params"))
        opening = {each["name"]: each["value"] for each in document["symbols"] if each["of"] == "size"}
        points = []
        for at, values in ((report, opening), moved(spec, given, report, opening, source)):
            among = [*told_apart(at, source)]
            points.append({"values": values, "among": [each[:2] for each in among]})
            expected.append((name, at, among))
        asked.append({"document": document, "points": points})
    answers = [point for network in ask(ASK, asked) for point in network]
    for (name, report, among), answer in zip(expected, answers, strict=True):
        for layer, composed, said in zip(report.layers, answer["composed"], answer["said"], strict=True):
            fields = records_of(layer.receptive_field)
            where = f"{name} at {report.inputs}: {layer.name}"
            assert {each: axes for each, axes in composed.items() if axes is not None} == fields, where
            assert agree(said, fields), where
        for (*_, layer, target), axes in zip(among, answer["among"], strict=True):
            fields = records_of(receptive_fields(report.graph, [target])[layer]) if layer != target else {}
            assert layer == target or {target: axes} == fields, f"{name}: {layer} in {target}"
