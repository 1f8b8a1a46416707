"""Markdown, CSV, JSON and HTML of the same views."""

import csv
import io
import json
from html.parser import HTMLParser

import pytest

from cnncalc import shipped
from cnncalc.render.formats.csv import csv_text
from cnncalc.render.formats.html import page_part
from cnncalc.render.formats.json import documents_text, dump_json
from cnncalc.render.formats.markdown import markdown
from cnncalc.render.views.params import params_view
from cnncalc.render.views.shapes import shapes_view

NASTY = 'name: "<script>alert(1)</script> | *x*"\nsource: "a & b"\ninput: 3x8x8\nlayers: [relu]\n'


class Tags(HTMLParser):
    """Every tag that is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", shipped.names())
@pytest.mark.parametrize("view_of", [shapes_view, params_view])
def test_html_is_well_formed(report, name, view_of):
    parser = Tags()
    parser.feed(page_part(view_of(report(name))))
    assert parser.open == []
    assert parser.seen == {"div", "table", "thead", "tbody", "tr", "th", "td"}


def test_html_is_escaped(report):
    page = page_part(shapes_view(report(NASTY)))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "a &amp; b" in page


def test_a_notebook_shows_the_shapes(report):
    assert report("lenet5")._repr_html_() == page_part(shapes_view(report("lenet5")))


def test_markdown(report):
    text = markdown(shapes_view(report("lenet5")))
    assert text.startswith("## LeNet-5\n\n- source: ")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert table[0] == "| layer | what it is | output | fit |"
    assert len({line.count("|") for line in table}) == 1


def test_markdown_is_escaped(report):
    text = markdown(shapes_view(report(NASTY)))
    assert "\\<script\\>" in text
    assert "\\| \\*x\\*" in text


def test_csv_reads_back(report):
    rows = list(csv.DictReader(io.StringIO(csv_text(params_view(report("googlenet"))))))
    assert sum(int(row["params"]) for row in rows) == 13_004_888
    assert sum(int(row["params"]) for row in rows if row["training"] == "false") == 6_624_904
    assert (
        csv_text(shapes_view(report("alexnet"))).splitlines()[1]
        == 'conv1,conv,"conv 11×11, 96, stride 4",96x55x55,true,none,0; 0,input'
    )


@pytest.mark.parametrize("name", shipped.names())
def test_json_reads_back(report, name):
    document = json.loads(documents_text([report(name).to_dict()], several=False))
    assert document == report(name).to_dict()
    assert sum(layer["params"] for layer in document["layers"] if not layer["training"]) == document["totals"]["params"]
    assert json.loads(documents_text([report(name).to_dict()], several=True)) == [document]


@pytest.mark.parametrize(
    "value", [{}, [], [1, [2, 3], []], {"a": [1, 2], "b": {"c": None}}, "ü\n", 1.5, True, [{"a": 1}]]
)
def test_dumped_is_json(value):
    assert json.loads(dump_json(value)) == value
