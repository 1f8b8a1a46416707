"""The field that the page shows, and its inverse, against `rf --position`: shipped networks at random positions.

`CNNCALC_EXAMPLES=42` has 500 positions of every network, `CNNCALC_ZOO=1` every variant.
"""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

import cnncalc
from cnncalc.errors import CnncalcError
from cnncalc.page.moving import AXES, set_free
from cnncalc.page.readings import routes_record
from cnncalc.page.tables import Tables

from ..examples import examples
from ..shipped_networks import TAKEN, small

PAGE = Path(cnncalc.__file__).parent / "page"
FOLLOW = Path(__file__).with_name("field.mjs")
NODE = shutil.which("node")
POSITIONS = examples(12)
CHUNKS = 6

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def document_of(graph):
    """The part of the page's document that fields are computed from."""
    tables, numbers = Tables(), {}
    for name in (*graph.inputs, *(node.name for node in graph.nodes)):
        numbers[name] = len(numbers)
    layers = [
        {
            "output": tables.sizes(node.output),
            "from": [numbers[name] for name in node.inputs],
            "reading": tables.record(routes_record(tables, node)),
        }
        for node in graph.nodes
    ]
    inputs = [{"output": tables.sizes(shape)} for shape in graph.inputs.values()]
    parts = {"atoms": tables.encoder.atoms, "forms": tables.forms, "records": tables.records}
    return {"inputs": inputs, "layers": layers, **parts}


def moved(spec, given, report, opening, source):
    """The network at another size that it takes, with the values of the symbols; at its own size if none is found."""
    for _ in range(8 if len(report.inputs) == 1 else 0):
        ((name, shape),) = report.inputs.items()
        values = {each: max(1, round(size * source.uniform(0.6, 1.4))) for each, size in opening.items()}
        axes = zip(AXES.get(len(shape) - 1, ()), shape[1:], strict=True)
        sizes = tuple(values.get(axis, values.get("H", size)) for axis, size in axes)
        try:
            other = spec.analyze({name: (shape[0], *sizes)}, given.get("params"))
        except CnncalcError:
            continue
        if [node.name for node in other.graph.nodes] == [node.name for node in report.graph.nodes]:
            return other, values
    return report, opening


def questions(report, source, count):
    shapes = {**report.graph.inputs, **{node.name: node.output for node in report.graph.nodes}}
    names = [*shapes]
    for _ in range(count):
        tensor = source.randrange(len(report.graph.inputs), len(names))
        yield tensor, [source.randrange(size) for size in shapes[names[tensor]][1:]]


def expected(report, tensor, position):
    names = [*report.graph.inputs, *(node.name for node in report.graph.nodes)]
    seen = report.footprint(names[tensor], position)
    return {names.index(name): ([list(rows) for rows in each.rows], each.exact) for name, each in seen.items()}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_page_sees_what_rf_says(chunk):
    """At the size of the spec and at another one; each answer is held against the inverse, and the count of paths."""
    source, asked, reports = random.Random(chunk), [], []
    for name in TAKEN[chunk::CHUNKS]:
        given, spec = small(name), cnncalc.load(name)
        report = spec.analyze(given.get("input"), given.get("params"))
        free = set_free(report)
        points = []
        for at, values in ((report, free.opening), moved(spec, given, report, free.opening, source)):
            pairs = list(questions(at, source, POSITIONS // 2))
            points.append({"values": values, "asked": pairs})
            reports.append((name, at, pairs))
        asked.append({"document": document_of(free.report.graph), "points": points})
    done = subprocess.run([NODE, FOLLOW, PAGE], input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = [point for network in json.loads(done.stdout) for point in network]
    for (name, report, pairs), point in zip(reports, answers, strict=True):
        for (tensor, position), answer in zip(pairs, point, strict=True):
            seen = {each: (rows, exact) for each, rows, exact in answer["seen"]}
            assert seen == expected(report, tensor, position), f"{name} at {report.inputs}: {tensor}, {position}"
            assert not answer["faults"], name
