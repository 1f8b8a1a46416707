"""Items that are kept from one version of a document to the next are those of a fresh reading."""

import random
from pathlib import Path

import pytest

from cnncalc import shipped
from cnncalc.document import read_document
from cnncalc.document.kept import KeptItems
from cnncalc.errors import Source, SpecError
from cnncalc.expression.evaluation import Expression
from cnncalc.records import Record
from cnncalc.source.nodes import Scalar
from cnncalc.source.reading import scan
from cnncalc.source.splicing import LiveTree

from ..examples import examples
from ..typing_edits import edited


def described(part):
    """A document or a part of it as plain data, places included."""
    if isinstance(part, Source):
        return part.name
    if isinstance(part, Expression):
        return part.text
    if isinstance(part, Scalar):
        return part.text, part.quoted, part.value, described(part.span)
    if isinstance(part, Record):
        return type(part).__name__, [described(getattr(part, name)) for name in part._fields]
    if isinstance(part, dict):
        return [(name, described(value)) for name, value in part.items()]
    if isinstance(part, tuple | list):
        return [described(each) for each in part]
    return part


def read(source, root, faults, kept=None):
    """The document, or its faults."""
    try:
        return described(read_document(source, root, faults, kept))
    except SpecError as error:
        return described(error.faults)


@pytest.mark.parametrize("name", ["resnet", "unet", "wavenet", "alexnet", "fpn", "mobilenet_v2"])
def test_a_document_read_with_kept_items_is_that_of_the_text(name):
    rng = random.Random(name)
    start = Path(shipped.path_of(name)).read_text("utf-8")
    tree, kept, text = LiveTree("net"), KeptItems(), start
    for _ in range(examples(40)):
        after = edited(rng, text)
        source = Source("net", after)
        root, faults = scan(source)
        live = tree.scan(after)
        if root is None:
            continue
        expected = read(source, root, faults)
        assert read(*live, kept) == expected, after
        text = after if expected[0] == "Document" or rng.random() < 0.2 else text


def test_an_item_is_read_once():
    text = "input: 3x8x8\nlayers:\n  - relu\n  - tanh\n  - conv: {out_channels: 8, kernel_size: 3}\n  - sigmoid\n"
    tree, kept = LiveTree("net"), KeptItems()
    before = read_document(*tree.scan(text), kept).layers
    after = read_document(*tree.scan(text.replace("out_channels: 8", "out_channels: 9")), kept).layers
    assert [old is new for old, new in zip(before, after, strict=True)] == [True, True, False, True]


def test_items_are_read_again_when_another_section_changes():
    text = "input: 3x8x8\nparams: {width: 8}\nlayers:\n  - relu\n  - linear: width\n"
    tree, kept = LiveTree("net"), KeptItems()
    assert read_document(*tree.scan(text), kept)
    with pytest.raises(SpecError, match="unknown name 'width'"):
        read_document(*tree.scan(text.replace("width: 8", "wide: 8")), kept)


def test_the_faults_of_an_item_are_told_every_time():
    text = "input: 3x8x8\nlayers:\n  - rellu\n  - tanh\n"
    tree, kept = LiveTree("net"), KeptItems()
    for edit in ("tanh", "sigmoid", "relu"):
        with pytest.raises(SpecError, match="rellu"):
            read_document(*tree.scan(text.replace("tanh", edit)), kept)
