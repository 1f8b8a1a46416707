"""Memory over time on the page against the analysis, at random sizes and batches."""

import random
from pathlib import Path

import pytest

import cnncalc
from cnncalc.analysis.memory.liveness import loads_per_step
from cnncalc.errors import CnncalcError
from cnncalc.page.document import page_document

from .asking import NODE, ask

ASK = Path(__file__).with_name("alive.mjs")
NETWORKS = ("alexnet", "googlenet", "resnet@18", "unet", "shufflenet_v2", "lstm_classifier", "dcgan")

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def points_of(spec, document, source):
    """The values of the page, the batch, and the report at these; the first is where the page opens."""
    ((name, shape),) = spec.inputs().items()
    opening = {each["name"]: each["value"] for each in document["symbols"] if each["of"] == "size"}
    yield opening, 1, spec.analyze()
    for _ in range(3):
        values = {each: round(size * source.uniform(0.7, 1.5)) for each, size in opening.items()}
        sizes = [*values.values()] if len(values) == len(shape) - 1 else [*values.values()] * (len(shape) - 1)
        try:
            yield values, source.randint(1, 64), spec.analyze({name: (shape[0], *sizes)} if values else None)
        except CnncalcError:
            continue


def test_memory_over_time():
    source, asked, expected = random.Random(3), [], []
    for name in NETWORKS:
        spec = cnncalc.load(name)
        document = page_document(spec.analyze(), spec)
        points = list(points_of(spec, document, source))
        asked.append({"document": document, "points": [{"values": v, "batch": b} for v, b, _ in points]})
        expected += [(name, batch, report) for _, batch, report in points]
    answers = [point for network in ask(ASK, asked) for point in network]
    assert len(answers) == len(expected) > 2 * len(NETWORKS)
    for (name, batch, report), runs in zip(expected, answers, strict=True):
        memory = report.memory(batch)
        inference = loads_per_step(memory.spans, sum(not layer.node.training for layer in report.layers))
        loads = (inference, memory.training.loads)
        for run, peak, load in zip(runs, (memory.peak, memory.training.peak), loads, strict=True):
            assert run["steps"] == [each.at(batch) for each in load], (name, batch)
            assert (run["layer"], run["backward"]) == (peak.node, peak.backward), (name, batch)
            alive = sorted([each.name, each.bytes] for each in peak.alive if each.bytes)
            assert sorted(run["alive"]) == alive, (name, batch)
