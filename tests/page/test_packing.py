"""What the file holds of a document: `unpack.js` gives all of it back, and what repeats costs little."""

import json
import re
from pathlib import Path

import pytest

import cnncalc
from cnncalc.page.document import page_document
from cnncalc.page.html import HOME
from cnncalc.page.packing import pack

from .asking import NODE, ask
from .test_union import PAIRS, document_of

UNPACK = Path(__file__).with_name("unpack.mjs")
DEEP = """
input: 3x16x16
layers:
  - conv: {{out_channels: 8, kernel_size: 3, padding: 1}}
  - sequence:
      - residual:
          - conv: {{out_channels: 8, kernel_size: 3, padding: 1}}
          - batchnorm
      - relu
    repeat: {count}
"""


def deep(count):
    spec = cnncalc.parse(DEEP.format(count=count))
    return page_document(spec.analyze(), spec)


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_nothing_is_lost():
    names = ("googlenet", "resnet@18", "unet", "fpn", "lstm_classifier", "vit", "dcgan", "alexnet")
    documents = [cnncalc.load(name).view().document for name in names]
    documents += [document_of(*pair) for pair in PAIRS.values()]
    documents.append(page_document(cnncalc.load("relu").analyze("10")))
    for document, answer in zip(documents, ask(UNPACK, [pack(each) for each in documents]), strict=True):
        assert answer == json.loads(json.dumps(document)), document["name"]


def test_layers_that_repeat_are_written_once():
    few, many = (pack(deep(count)) for count in (10, 20))
    assert many["likes"] == few["likes"]
    assert len(many["layers"]) == 2 * len(few["layers"]) - 1
    fields = [{row[1]["field"] for row in packed["layers"]} for packed in (few, many)]
    assert [len(packed["records"]) - len(own) for packed, own in zip((few, many), fields, strict=True)] == [
        len(few["records"]) - len(fields[0])
    ] * 2


def test_a_large_network_stays_small():
    page = cnncalc.load("resnet@152").view()
    assert len(page.html.encode()) < 380_000
    assert len(json.dumps(pack(page.document), separators=(",", ":"))) < 160_000


def test_no_text_of_a_module_spans_lines():
    """Indentation is taken off the modules."""
    for path in HOME.rglob("*.js"):
        if "vendor" not in path.parts:
            assert not any("\n" in text for text in re.findall(r"`[^`]*`", path.read_text("utf-8"))), path.name
