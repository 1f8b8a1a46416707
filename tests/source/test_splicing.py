"""A tree that follows edits is the tree of the text as it is now, whatever was typed before."""

import random
from pathlib import Path

import pytest

from cnncalc import shipped
from cnncalc.errors import Source
from cnncalc.limits import DEEPEST_YAML
from cnncalc.source import builder, splicing
from cnncalc.source.nodes import Mapping, Scalar, Sequence
from cnncalc.source.reading import scan
from cnncalc.source.splicing import LiveTree

from ..examples import examples
from ..typing_edits import edited

LONG = "input: 3x8x8\nlayers:\n" + "  - relu\n" * 50 + "outputs: {out: relu50}\n"


def described(node):
    """A node with its places, as plain data."""
    place = node and tuple(node.span[1:])
    if isinstance(node, Scalar):
        return place, node.text, node.quoted, type(node.value), node.value
    if isinstance(node, Sequence):
        return place, node.flow, [described(item) for item in node.items]
    if isinstance(node, Mapping):
        entries = {name: (described(key), described(value)) for name, (key, value) in node.entries.items()}
        return place, node.flow, list(entries.items())
    return None


def fresh(text):
    root, faults = scan(Source("net", text))
    return described(root), [(fault.message, fault.span[1:], fault.hint) for fault in faults]


def followed(tree, text):
    source, root, faults = tree.scan(text)
    assert source.text == text
    assert source.line(2) == Source("", text).line(2)
    return described(root), [(fault.message, fault.span[1:], fault.hint) for fault in faults]


def follow_edits(rng, text, edits):
    """Make edits one after the other; most of those that break the text are undone."""
    tree = LiveTree("net")
    for _ in range(edits):
        after = edited(rng, text)
        expected = fresh(after)
        assert followed(tree, after) == expected, after
        text = text if expected[1] and rng.random() < 0.8 else after


@pytest.mark.parametrize("name", ["resnet", "unet", "wavenet", "alexnet", "densenet"])
def test_a_tree_that_follows_random_edits_is_that_of_the_text(name):
    rng = random.Random(name)
    start = Path(shipped.path_of(name)).read_text("utf-8")
    for _ in range(examples(6)):
        follow_edits(rng, start, 12)


@pytest.mark.parametrize("start", [LONG, LONG.replace("  - ", "- "), LONG.replace("\n", "\r\n"), LONG.split("out")[0]])
def test_edits_of_long_lists_are_followed(start):
    rng = random.Random(len(start))
    for _ in range(examples(6)):
        follow_edits(rng, start, 25)


CASES = [
    "  - conv:\n      out_channels: 8\n",  # a key on the next line
    "  - \n    relu\n",
    "  -\n    - relu\n",
    "  - |\n    text\n\n\n",
    "  - >+\n    text\n\n",
    "  - 'quoted\n    further'\n",
    "  - 'open\n",
    "  - {conv: 3,\n  kernel_size: 3}\n",
    "  - {open\n",
    "  - plain\n    continued\n",
    "  - &anchor relu\n",
    "  - *anchor\n",
    "  - !tag relu\n",
    "  - relu\n...\n",
    "...\n",
    "---\n",
    "  - relu # comment\n# at the margin\n",
    "# comment\n",
    "\n\n",
    "other: 1\n",
    "   - deeper\n",
    " - shallower\n",
    "\t- tab\n",
    "  - a: 1\n    a: 2\n",
    "  - yes\n",
    "  - \x07\n",
    "%YAML 1.1\n",
    "  - ? key\n    : value\n",
]


@pytest.mark.parametrize("piece", CASES)
def test_every_construct_is_read_as_in_a_whole_text(piece):
    lines = LONG.splitlines(keepends=True)
    for line in (1, 2, 3, 20, len(lines) - 2, len(lines) - 1, len(lines)):
        for removed in (0, 1):
            tree = LiveTree("net")
            for text in (LONG, "".join([*lines[:line], piece, *lines[line + removed :]]), LONG):
                assert followed(tree, text) == fresh(text), (line, removed)


def test_only_what_an_edit_touches_is_parsed():
    tree = LiveTree("net")
    before = tree.scan(LONG)[1].get("layers").items[:]
    after = tree.scan(LONG.replace("  - relu\n", "  - relu\n  - tanh\n", 1))[1].get("layers").items
    assert len(after) == 51
    assert sum(old is new for old, new in zip(before[1:], after[2:], strict=True)) >= 47


def test_limits_hold_for_the_whole_text():
    tree = LiveTree("net")
    for depth in range(DEEPEST_YAML - 4, DEEPEST_YAML + 1):
        text = LONG.replace("  - relu\n", f"  - {'[' * depth}{']' * depth}\n", 1)
        assert followed(tree, text) == fresh(text), depth
        tree.scan(LONG)


def test_the_number_of_nodes_is_that_of_the_whole_text(monkeypatch):
    monkeypatch.setattr(builder, "MOST_YAML_NODES", 200)
    monkeypatch.setattr(splicing, "MOST_YAML_NODES", 200)
    many = "layers:\n" + "  - a\n" * 195
    tree = LiveTree("net")
    assert not tree.scan(many)[2]
    for count in (1, 2, 3, 4, 0, 3):
        text = many + "  - b\n" * count
        assert followed(tree, text) == fresh(text), count
    assert fresh(many + "  - b\n" * 4)[1]
    assert not fresh(many)[1]
