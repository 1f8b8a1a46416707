"""Edits of shipped networks come back as exactly those edits; nothing else is said to be written otherwise."""

import os
import random
from functools import cache

import pytest

import cnncalc
from cnncalc import SpecError, shipped
from cnncalc.differences.changes import Edit
from cnncalc.differences.difference import difference
from cnncalc.differences.likeness import content
from cnncalc.records import replace

from ..examples import examples
from . import random_items
from .edits import IDLE, deleted, inserted, renamed, renumbered, report, with_layer

SMALL = ("alexnet", "googlenet", "lenet5", "mobilenet_v2", "resnet@18", "resnet@50", "tcn", "unet@padded", "vgg@16")
NETWORKS = shipped.names() if os.environ.get("CNNCALC_ZOO") else SMALL
ROUNDS = 4  # of every kind of edit on every network
SEEDS = range(examples(150))


@cache
def graph_of(name):
    return cnncalc.load(name).graph()


def told(before, after):
    """What is said to be written otherwise: the changes but those of layers that are only affected."""
    found = difference(report(before), report(after))
    return [change for change in found.changes if change.status not in ("same", "affected")]


def chance_of(name, what):
    return random.Random(f"{name} {what}")


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_insertions(name, numbered):
    chance = chance_of(name, "insert")
    graph = graph_of(name)
    for _ in range(ROUNDS):
        place = chance.randrange(len(graph.nodes))
        kind = chance.choice(IDLE[:3] if len(graph.nodes[place].output) == 1 else IDLE)
        block = graph.nodes[place].name.rpartition(".")
        after = inserted(graph, place, kind, f"{block[0]}{block[1]}new", chance.random() < 0.7)
        (change,) = told(graph, renumbered(after) if numbered else after)
        assert change.status == "inserted"
        assert change.after.kind == kind


def test_insertions_among_equals_leave_all_else_as_it_was():
    """Of all places that they can be read in it is one that edits nothing: before residuals, in branches, anywhere."""
    for seed in SEEDS:
        chance = random.Random(seed)
        items = random_items.items(chance, 8)
        new = chance.choice([*items, random_items.item(chance, 1)])
        place = chance.randint(0, len(items))
        later = [*items[:place], *[new] * chance.randint(1, 2), *items[place:]]
        before = random_items.report(items)
        after = random_items.report(later, chance.choice(["unit", "unit", "block"]))
        sides, status = ((before, after), "inserted") if chance.random() < 0.5 else ((after, before), "removed")
        found = difference(*sides).counts
        assert found["edited"] == 0, seed
        assert found["inserted"] + found["removed"] == found[status] == len(after.layers) - len(before.layers), seed


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_deletions(name, numbered):
    chance = chance_of(name, "delete")
    graph = graph_of(name)
    places = [
        place
        for place, node in enumerate(graph.nodes)
        if len(node.inputs) == 1 and node.shapes[0] == node.output and node.kind not in ("conv", "linear")
    ]
    for place in chance.sample(places, min(ROUNDS, len(places))):
        after = deleted(graph, place)
        (change,) = told(graph, renumbered(after) if numbered else after)
        assert change.status == "removed"
        assert content(change.before.node) == content(graph.nodes[place])
        if not numbered:
            assert change.before.name == graph.nodes[place].name


POOLED = """
input: 4x8x8
layers:
  - relu
  - branches:
      merge: MERGE
      paths:
        - - avgpool: {kernel_size: 3, stride: 1, padding: 1}
        - []
"""


@pytest.mark.parametrize("merge", ["add", "subtract", "concat"])
def test_without_its_only_layer_a_path_reads_what_it_read_through_it(merge):
    graph = cnncalc.parse(POOLED.replace("MERGE", merge)).graph()
    (place,) = [place for place, node in enumerate(graph.nodes) if node.kind == "avgpool"]
    assert [change.status for change in told(graph, deleted(graph, place))] == ["removed"]
    assert [change.status for change in told(deleted(graph, place), graph)] == ["inserted"]


def test_one_reading_more_of_the_same_tensor_is_told():
    graph = cnncalc.parse("input: 4x8x8\nlayers: [relu, {concat: {}, from: [relu1, relu1]}, sigmoid]").graph()
    thrice = [node._replace(inputs=("relu1",) * 3) if node.kind == "concat" else node for node in graph.nodes]
    edited = told(graph, replace(graph, nodes=tuple(thrice)))
    assert [edit for change in edited for edit in change.edits] == [Edit("reads", ["relu1"] * 2, ["relu1"] * 3)]


@pytest.mark.parametrize("name", NETWORKS)
def test_renamings(name):
    chance = chance_of(name, "rename")
    graph = graph_of(name)
    nodes = chance.sample(graph.nodes, min(ROUNDS, len(graph.nodes)))
    names = {
        node.name: f"{node.name.rpartition('.')[0]}.called{chr(97 + place)}".lstrip(".")
        for place, node in enumerate(nodes)
    }
    found = told(graph, renamed(graph, names))
    assert {change.before.name: change.after.name for change in found} == names
    assert {change.status for change in found} == {"renamed"}


@pytest.mark.parametrize("name", NETWORKS)
def test_arguments(name):
    chance = chance_of(name, "arguments")
    graph = graph_of(name)
    convs = [place for place, node in enumerate(graph.nodes) if node.kind == "conv"]
    for place in chance.sample(convs, min(ROUNDS, len(convs))):
        layer = graph.nodes[place].layer
        kernel = tuple(size + 2 for size in layer.kernel_size)
        padding = tuple((low + d, high + d) for (low, high), d in zip(layer.padding, layer.dilation, strict=True))
        made = {"kernel_size": kernel, "padding": padding, "bias": not layer.bias}
        try:
            report(with_layer(graph, place, **made))
        except SpecError:  # a crop after it, or its groups, are made for its kernel
            made = {"bias": not layer.bias}
        (change,) = told(graph, with_layer(graph, place, **made))
        assert (change.status, change.name) == ("edited", graph.nodes[place].name)
        assert set(change.edits) == {Edit(field, getattr(layer, field), value) for field, value in made.items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_replacements(name):
    """One activation for another is one edit, of the kind."""
    chance = chance_of(name, "replace")
    graph = graph_of(name)
    places = [place for place, node in enumerate(graph.nodes) if node.kind in ("relu", "relu6", "tanh")]
    for place in chance.sample(places, min(ROUNDS, len(places))):
        node = graph.nodes[place]
        gone = deleted(inserted(graph, place, "sigmoid", f"{node.name}new"), place)
        (change,) = told(graph, renamed(gone, {f"{node.name}new": node.name}))
        assert (change.status, change.name) == ("edited", node.name)
        assert change.edits == (Edit("kind", node.kind, "sigmoid"),)


@pytest.mark.parametrize("name", NETWORKS)
def test_several_edits_are_never_told_as_more(name):
    chance = chance_of(name, "several")
    graph = graph_of(name)
    for _ in range(ROUNDS):
        after, made = graph, 0
        for _ in range(4):
            place = chance.randrange(len(after.nodes))
            node = after.nodes[place]
            if chance.random() < 0.5:
                after = inserted(after, place, chance.choice(IDLE[:3]), f"{node.name}_{made}")
            elif len(node.inputs) == 1 and node.shapes[0] == node.output and node.kind not in ("conv", "linear"):
                after = deleted(after, place)
            else:
                continue
            made += 1
            after = renumbered(after)
        changes = told(graph, after)
        assert len(changes) <= made
        assert len(difference(report(graph), report(after)).changes) >= len(after.nodes)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_other_way_round_is_the_reverse(name):
    chance = chance_of(name, "reverse")
    graph = graph_of(name)
    place = chance.randrange(len(graph.nodes))
    after = inserted(graph, place, "tanh", "other")
    (change,) = told(after, graph)
    assert (change.status, change.before.name) == ("removed", "other")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_itself(name):
    found = difference(report(graph_of(name)), report(graph_of(name)))
    assert found.equal
    assert found.counts == {"same": len(graph_of(name).nodes)}
