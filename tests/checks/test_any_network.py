"""No rule stumbles over a network, whatever is in it, sizes that are symbols included."""

from pathlib import Path

import pytest

import cnncalc
from cnncalc.analysis.report import Report
from cnncalc.checks.rule import Subject
from cnncalc.errors import CnncalcError
from cnncalc.solutions.conditions import symbolic_input

from ..analysis.random_networks import random_graph
from .marked import rule
from .test_rules import NAMES

WRITTEN = sorted((Path(__file__).parents[1] / "specs" / "ok").rglob("*.yaml"))
SHIPPED = ["alexnet", "googlenet", "lenet5", "mobilenet_v2", "resnet@18", "tcn", "unet", "unet@padded", "vgg@11"]


def all_findings(spec, report):
    names = {layer.name for layer in report.layers}
    for name in NAMES:
        for found in rule(name).findings(Subject(spec.document, spec.variant, report)):
            assert found.rule == name
            assert set(found.nodes) <= names
            assert found.span is None or found.span.source is spec.document.source
            assert "Expr" not in found.message
            assert not any(
                edit.span.source is not spec.document.source for edit in (found.fix.edits if found.fix else ())
            )


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_as_written(path):
    spec = cnncalc.load(path)
    for variant in (None, *spec.variants):
        all_findings(spec.at(variant), spec.at(variant).analyze())


@pytest.mark.parametrize("path", [*WRITTEN, *SHIPPED], ids=lambda path: getattr(path, "stem", path))
def test_with_symbols(path):
    spec = cnncalc.load(path)
    try:
        report = spec.analyze(input=symbolic_input(spec.inputs()))
    except CnncalcError:
        pytest.skip("it takes numbers only")
    all_findings(spec, report)


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_graphs(first):
    """Graphs that no text wrote, as importers make them: no layer has a place."""
    document = cnncalc.parse("input: 1\nlayers: [relu]\n").document
    for seed in range(first, first + 50):
        report = Report(random_graph(seed))
        names = {layer.name for layer in report.layers}
        for name in NAMES:
            for found in rule(name).findings(Subject(document, None, report)):
                assert set(found.nodes) <= names
                assert found.span is None or name == "input-off-fit"
