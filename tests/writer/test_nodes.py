"""The nodes that the writer makes of plain data are those that its text is read as, places included."""

import random

import pytest

from cnncalc import shipped
from cnncalc.errors import Source
from cnncalc.limits import DEEPEST_YAML, MOST_YAML_NODES
from cnncalc.source.nodes import Mapping, Scalar, Sequence
from cnncalc.source.reading import parse, read
from cnncalc.writer.data import from_data
from cnncalc.writer.layout import lay_out
from cnncalc.writer.nodes import Nodes

from .test_data import random_data, value_of


def made_and_read(data):
    """The root node that the writer makes, its text, and the root node of that text."""
    written = from_data(data)
    text = "\n".join(lay_out(written)) + "\n"
    nodes = Nodes(Source("data", text))
    made = nodes.of(written)
    assert nodes.faults == []
    return made, text, parse(Source("data", text))


def described(node, path="") -> dict[str, object]:
    """Everything about a node and those in it, by path."""
    if isinstance(node, Scalar):
        return {path: (node.span[1:], node.text, node.quoted, type(node.value), node.value)}
    found: dict[str, object] = {path: (type(node), node.span[1:], node.flow)}
    if isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            found |= described(item, f"{path}[{number}]")
        return found
    assert isinstance(node, Mapping)
    for name, (key, value) in node.entries.items():
        found |= described(key, f"{path}.{name}:") | described(value, f"{path}.{name}")
    return found


@pytest.mark.parametrize("name", shipped.names())
def test_shipped_networks(name):
    made, text, again = made_and_read(value_of(parse(read(str(shipped.path_of(name))))))
    assert described(made) == described(again), text


@pytest.mark.parametrize("seed", range(120))
def test_random_data(seed):
    rng = random.Random(seed)
    data = {"params": random_data(rng, 4), "layers": random_data(rng, 4), "expect": random_data(rng, 3)}
    made, text, again = made_and_read(data)
    assert described(made) == described(again), text


def test_what_no_text_may_hold_is_a_fault_as_it_is_where_a_text_is_read():
    def faults(data):
        nodes = Nodes(Source("data", ""))
        nodes.of(from_data(data))
        return [fault.message for fault in nodes.faults]

    nested: object = "relu"
    for _ in range(DEEPEST_YAML + 9):
        nested = [nested]
    assert faults({"layers": nested}) == [f"nested more than {DEEPEST_YAML} deep"]
    assert faults({"layers": ["relu"] * MOST_YAML_NODES}) == [f"more than {MOST_YAML_NODES:,} nodes"]
    assert faults({"params": {"width": 2**64}}) == ["the number is too large: a spec's numbers go up to 2^63"]
