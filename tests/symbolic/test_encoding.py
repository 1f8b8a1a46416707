"""Closed forms as data, evaluated by `cnncalc/page/forms.js` under node, against Python's values."""

import json
import random
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

import cnncalc
from cnncalc.page.document import network_document
from cnncalc.page.layers import LayerRecords
from cnncalc.page.moving import set_free
from cnncalc.page.tables import Tables
from cnncalc.symbolic import Expr, Undecidable, maximum, minimum, symbol
from cnncalc.symbolic.encoding import Encoder
from cnncalc.symbolic.evaluation import evaluate_all
from cnncalc.symbolic.expr import as_terms

from ..examples import examples
from ..shipped_networks import FULL, TAKEN
from .test_random import NAMES, random_rule, work_out

FORMS = Path(cnncalc.__file__).parent / "page" / "forms.js"
EVALUATE = Path(__file__).with_name("evaluate.mjs")
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")
CHUNKS = 6
LONG = FULL or examples(1) > 1
NETWORKS = TAKEN if LONG else TAKEN[::4]


def javascript(asked, wanted="digests"):
    command = [NODE, EVALUATE, FORMS, wanted]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def compare(groups):
    """Evaluate the forms of each group, `(label, encoder, sizes, points)`, in one process; return how many agree."""
    asked = [
        {"atoms": encoder.atoms, "forms": list(map(encoder.form, sizes)), "points": [texts(p) for p in points]}
        for _, encoder, sizes, points in groups
    ]
    for (label, _, sizes, points), group, digests in zip(groups, asked, javascript(asked), strict=True):
        columns = {name: [point[name] for point in points] for name in points[0]}
        rows = zip(*evaluate_all(list(map(as_terms, sizes)), columns, len(points)), strict=True)
        for point, row, digest in zip(points, rows, digests, strict=True):
            if sha256(",".join(map(str, row)).encode()).hexdigest() != digest:
                ((values,),) = javascript([{**group, "points": [texts(point)]}], "values")
                assert list(map(int, values)) == list(row), f"{label} at {point}"
    return sum(len(sizes) * len(points) for _, _, sizes, points in groups)


def texts(point):
    return {name: str(value) for name, value in point.items()}


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
    points = [{name: source.randint(*span) for name in NAMES} for span in ranges * 3]
    compare([("random rules", Encoder(), sizes, points)])


class KeepingTables(Tables):
    """Tables that keep what they encode."""

    def __init__(self):
        super().__init__()
        self.given = {}

    def size(self, size):
        place = super().size(size)
        self.given.setdefault(place, size)
        return place


def forms_of_page(name):
    """The encoder of a page, every form in it, and the symbols that move."""
    spec = cnncalc.load(name)
    report = spec.analyze()
    moving = set_free(report, spec, sizes_only=not LONG)
    tables = KeepingTables()
    network_document(LayerRecords(tables, moving.report, report), moving, report)
    return tables.encoder, [tables.given[place] for place in range(len(tables.forms))], list(moving.opening)


@needs_node
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_form_of_a_page_in_javascript(chunk):
    """`CNNCALC_EXAMPLES=200` has 2,000 points of each shipped network, `CNNCALC_ZOO=1` of each variant."""
    source, groups = random.Random(chunk), []
    for name in NETWORKS[chunk::CHUNKS]:
        encoder, sizes, symbols = forms_of_page(name)
        limits = (64, 512, 4_000, 10**7, 2**60)
        points = [{each: source.randint(1, limits[number % 5]) for each in symbols} for number in range(examples(10))]
        if symbols:
            groups.append((name, encoder, sizes, points))
    assert len(groups) > len(NETWORKS) / CHUNKS / 2
    count = compare(groups)
    print(f"{count:,} values of {sum(len(each[2]) for each in groups):,} forms of {len(groups)} networks agree")
