"""The field that the page shows, and its inverse, against `rf --position`: shipped networks at random positions.

`CNNCALC_EXAMPLES=42` has 500 positions of every network, `CNNCALC_ZOO=1` every variant.
"""

import random
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

import cnncalc
from cnncalc.errors import CnncalcError
from cnncalc.layers.existing_rows import read
from cnncalc.layers.reading import WHOLE
from cnncalc.page.moving import AXES, set_free
from cnncalc.page.readings import routes_record
from cnncalc.page.tables import Tables

from ..examples import examples
from ..shipped_networks import TAKEN, small
from .asking import NODE, ask

FOLLOW = Path(__file__).with_name("field.mjs")
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
    answers = [point for network in ask(FOLLOW, asked) for point in network]
    for (name, report, pairs), point in zip(reports, answers, strict=True):
        for (tensor, position), answer in zip(pairs, point, strict=True):
            seen = {each: (rows, exact) for each, rows, exact in answer["seen"]}
            assert seen == expected(report, tensor, position), f"{name} at {report.inputs}: {tensor}, {position}"
            assert not answer["faults"], name


PATHS = """
input: 1x9x8
layers:
  - conv: {out_channels: 2, kernel_size: 3, stride: 2, padding: 1}
  - residual:
      body:
        - conv: {out_channels: 2, kernel_size: 3, padding: [2, 1], dilation: [2, 1]}
        - conv: {out_channels: 2, kernel_size: 3, padding: 1, padding_mode: reflect}
      shortcut: []
  - upsample: {scale_factor: 2, mode: bilinear}
  - conv_transpose: {out_channels: 2, kernel_size: 3, stride: 2, padding: 1}
  - global_avgpool
  - multiply:
    from: [conv_transpose1, global_avgpool1]
  - flatten: {start_dim: 2}
"""


def count_paths(graph, name, position):
    """Every way from a position to the pixels of the input, one reading after the other; channels are one."""
    ways, shapes = {name: Counter({tuple(position): 1})}, {**graph.inputs, **{n.name: n.output for n in graph.nodes}}
    for node in reversed(graph.nodes):
        for place, count in ways.pop(node.name, {}).items():
            for source, axes in node.layer.reading(node.shapes):
                sizes = shapes[node.inputs[source]][1:]
                rows = [
                    range(size) if axis == WHOLE else read(axis, place[axis.along - 1], size)
                    for axis, size in zip(axes[1:], sizes, strict=True)
                ]
                seen = ways.setdefault(node.inputs[source], Counter())
                for pixel in product(*rows):
                    seen[pixel] += count
    return ways["input"]


def test_paths_are_counted():
    graph = cnncalc.parse(PATHS).graph()
    last, numbers = graph.nodes[-1], len(graph.nodes)
    positions = [[row] for row in range(0, last.output[1], 17)]
    asked = [[numbers, position, True] for position in positions]
    ((answers,),) = ask(FOLLOW, [{"document": document_of(graph), "points": [{"values": {}, "asked": asked}]}])
    pixels = list(product(range(9), range(8)))
    for position, answer in zip(positions, answers, strict=True):
        counted = count_paths(graph, last.name, position)
        assert answer["ways"] == [counted[pixel] for pixel in pixels], position
