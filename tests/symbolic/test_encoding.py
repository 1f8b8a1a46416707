"""Closed forms as data, evaluated by `cnncalc/page/forms.js` under node, against Python's values."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.symbolic import Expr, Undecidable, evaluate_size, maximum, minimum, symbol
from cnncalc.symbolic.encoding import Encoder

from ..examples import examples
from .test_random import NAMES, random_rule, work_out

FORMS = Path(cnncalc.__file__).parent / "page" / "forms.js"
EVALUATE = Path(__file__).with_name("evaluate.mjs")
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")
AXES = ("T", "H", "W")


def javascript(encoder, forms, points):
    document = json.dumps({"atoms": encoder.atoms, "forms": forms, "points": points})
    done = subprocess.run([NODE, EVALUATE, FORMS], input=document, capture_output=True, text=True, check=True)
    return [list(map(int, values)) for values in json.loads(done.stdout)]


def compare(sizes, points):
    """Encode all sizes with one encoder and compare every value at every point; return how many were compared."""
    encoder = Encoder()
    forms = [encoder.form(size) for size in sizes]
    texts = [{name: str(value) for name, value in point.items()} for point in points]
    values = javascript(encoder, forms, texts)
    assert values == [[evaluate_size(size, point) for size in sizes] for point in points]
    return len(sizes) * len(points)


def test_as_data():
    encoder = Encoder()
    height = symbol("H")
    assert encoder.form(0) == []
    assert encoder.form(2**70) == [["1180591620717411303424"]]
    assert sorted(encoder.form((height + 1) // 4 * 3 - 1)) == [["-1"], ["3", 1]]
    assert encoder.atoms == ["H", ["//", [["1", 0], ["1"]], "4"]]
    assert encoder.form(height * height) == [["1", 0, 0]]


@needs_node
def test_random_rules_in_javascript():
    source = random.Random(18)
    sizes = []
    while len(sizes) < examples(2_000):
        try:
            value = work_out(
                random_rule(source, 5, extrema=True), {name: symbol(name) for name in NAMES}, minimum, maximum
            )
        except (Undecidable, ZeroDivisionError):
            continue
        sizes.append(value)
    assert sum(isinstance(size, Expr) for size in sizes) > len(sizes) // 2
    ranges = [(1, 30), (1, 2**31), (2**53, 2**90), (-(2**60), 2**60)]
    compare(sizes, [{name: source.randint(*span) for name in NAMES} for span in ranges * 3])


def figures_of(report):
    """Every form of a report that depends on its input."""
    for layer in report.layers:
        yield from layer.output
        yield from layer.fit.leftover if layer.fit else ()
        yield from (figure for figure in (layer.params, layer.macs, layer.flops) if figure is not None)
    yield from (report.params, report.macs, report.flops)
    for condition in report.graph.conditions:
        yield from (condition.relation.left, condition.relation.right)


@needs_node
def test_shipped_networks_at_random_sizes_in_javascript():
    source, seen, sizes = random.Random(7), 0, {}
    for name in shipped.names():
        spec = cnncalc.load(name)
        inputs = spec.inputs()
        if len(inputs) != 1:
            continue
        ((channels, *spatial),) = inputs.values()
        try:
            report = spec.analyze(input=(channels, *AXES[len(AXES) - len(spatial) :]))
        except cnncalc.CnncalcError:  # it depends on the size which layers there are
            continue
        sizes.update(dict.fromkeys(size for size in figures_of(report) if isinstance(size, Expr)))
        seen += 1
    assert seen >= 30
    points = [{axis: source.randint(1, limit) for axis in AXES} for limit in (64, 512, 4_000, 10**7) for _ in range(5)]
    compare(sizes, points)
