import random
from itertools import product

import pytest

import cnncalc
from cnncalc.differences import alignment
from cnncalc.differences.alignment import align
from cnncalc.differences.anchors import longest_in_order
from cnncalc.differences.difference import difference

from ..effort import seconds
from ..examples import examples


def graph(*layers, **sections):
    head = "".join(f"{name}: {value}\n" for name, value in sections.items())
    return cnncalc.parse(f"input: 8x16x16\n{head}layers:\n" + "".join(f"  - {layer}\n" for layer in layers)).graph()


def names(one, other):
    return [(one.nodes[place].name, other.nodes[its].name) for place, its in align(one, other)]


def test_names_that_someone_chose_tell_equal_layers_apart():
    conv = "{{conv: {{out_channels: 8, kernel_size: 1}}, name: {}}}".format
    one = graph(*map(conv, ["stem", "middle", "last"]))
    assert names(one, graph(*map(conv, ["middle", "last"]))) == [("middle", "middle"), ("last", "last")]
    assert names(one, graph(*map(conv, ["stem", "last"]))) == [("stem", "stem"), ("last", "last")]


def test_ordinals_move_with_an_insertion():
    conv = "conv: {{out_channels: {}, kernel_size: 1}}".format
    one = graph(conv(16), "relu", conv(32), "relu", conv(64), "relu")
    other = graph(conv(8), "relu", conv(16), "relu", conv(32), "relu", conv(64), "relu")
    assert names(one, other) == [
        (f"{kind}{number}", f"{kind}{number + 1}") for number in (1, 2, 3) for kind in ("conv", "relu")
    ]


PAIR = ("conv: {out_channels: 8, kernel_size: 3, padding: 1}", "relu")
UNITS = "{{cbr: [{}]}}".format(", ".join(PAIR))


def inserted(one, other):
    found = {its for _, its in names(one, other)}
    return [node.name for node in other.nodes if node.name not in found]


def test_an_insertion_before_a_residual_leaves_the_residual_as_it_was():
    residual = f"residual: [{', '.join(PAIR)}]"
    assert inserted(graph(*PAIR, residual), graph(*PAIR, *PAIR, residual)) == ["conv2", "relu2"]
    one, other = (graph(*["cbr"] * count, "residual: [cbr]", blocks=UNITS) for count in (3, 5))
    assert inserted(one, other) == ["cbr4.conv1", "cbr4.relu1", "cbr5.conv1", "cbr5.relu1"]


def test_an_insertion_cuts_no_block_in_two():
    fork = "branches: {{merge: add, paths: [[{}], [relu]]}}"
    one = graph("relu", *["cbr"] * 3, fork.format("cbr"), blocks=UNITS)
    other = graph("relu", *["unit"] * 5, fork.format("unit"), blocks=UNITS.replace("cbr", "unit"))
    assert inserted(one, other) == ["unit4.conv1", "unit4.relu1", "unit5.conv1", "unit5.relu1"]


def test_what_was_inserted_together_stays_together():
    residual = "residual: [cbr]"
    one = graph("cbr", "cbr", residual, "cbr", blocks=UNITS)
    other = graph("cbr", residual, "cbr", residual, "cbr", blocks=UNITS)
    assert inserted(one, other) == ["add1", "cbr3.conv1", "cbr3.relu1"]


def test_paths_that_changed_places_are_the_same_layers():
    path = {"a": "[{conv: {out_channels: 4, kernel_size: 1}, name: one}, relu]",
            "b": "[{conv: {out_channels: 4, kernel_size: 3, padding: 1}, name: three}, tanh]"}  # fmt: skip
    one = graph(f"branches: {{merge: add, paths: [{path['a']}, {path['b']}]}}")
    other = graph(f"branches: {{merge: add, paths: [{path['b']}, {path['a']}]}}")
    assert names(one, other) == [
        ("branch1.one", "branch2.one"),
        ("branch1.relu1", "branch2.relu1"),
        ("branch2.three", "branch1.three"),
        ("branch2.tanh1", "branch1.tanh1"),
        ("add1", "add1"),
    ]


@pytest.mark.parametrize("most", [0, 60, 400])
def test_little_room_still_pairs_what_is_plain(most, monkeypatch):
    """Cut at what occurs once, or within a corridor: what came is found all the same."""
    monkeypatch.setattr(alignment, "MOST_AT_ONCE", most)
    monkeypatch.setattr(alignment, "MOST_IN_ALL", 4 * most)
    one, other = cnncalc.load("vgg@16").graph(), cnncalc.load("vgg@19").graph()
    found = align(one, other)
    assert len(found) == len(one.nodes)
    assert all(one.nodes[place].layer == other.nodes[its].layer for place, its in found)
    one, other = (cnncalc.load(f"resnet@{depth}").graph() for depth in (50, 101))
    found = align(one, other)
    assert len(found) >= len(one.nodes) - 10
    assert found == sorted(found)


def test_longest_in_order():
    chance = random.Random(1)
    for _ in range(examples(200)):
        places = chance.sample(range(9), 7)
        pairs = list(enumerate(places))
        found = longest_in_order(pairs)
        assert [place for _, place in found] == sorted(place for _, place in found)
        assert set(found) <= set(pairs)
        best = max(
            sum(taken)
            for taken in product((0, 1), repeat=7)
            if (kept := [place for place, take in zip(places, taken, strict=True) if take]) == sorted(kept)
        )
        assert len(found) == best
    assert longest_in_order([]) == []


def test_time_is_about_linear():
    def compared(blocks):
        block = "sequence: [conv: {{out_channels: 4, kernel_size: 1}}, relu, {}]"
        spec = f"input: 4x8x8\nlayers:\n  - {block}\n    repeat: {{}}\n"
        one, other = (cnncalc.parse(spec.format(last, blocks)).analyze() for last in ("tanh", "sigmoid"))
        assert difference(one, other).counts["edited"] == blocks
        return seconds(lambda: difference(one, other))

    compared(100)
    assert compared(2000) < 9 * compared(500)  # every third layer is of another kind; all pairs would be 16 times


@pytest.mark.parametrize("seed", range(4))
def test_sliding_keeps_the_number_and_the_order_of_pairs(seed):
    """Runs may slide until they touch the next one: both are then one run."""
    rng = random.Random(seed)
    conv = "conv: {{out_channels: 8, kernel_size: {}}}".format
    kinds = ("relu", "gelu", "{add: input}", conv(1), f"{{{conv(1)}, name: {{}}}}")

    def draw():
        return graph("relu", *(rng.choice(kinds).replace("{}", f"n{place}") for place in range(rng.randint(0, 9))))

    for _ in range(examples(150)):
        one, other = draw(), draw()
        numbers = alignment.Tokens()
        sides = [alignment.side(each, numbers.of(each)) for each in (one, other)]
        count = rng.randint(0, min(len(one.nodes), len(other.nodes)))
        before = [tuple(sorted(rng.sample(range(len(each.nodes)), count))) for each in (one, other)]
        after = alignment.slide_runs(*sides, list(zip(*before, strict=True)))
        assert len(after) == count
        for places in zip(*after, strict=True):
            assert list(places) == sorted(set(places))


def test_a_network_of_one_layer():
    many = graph(*[f"{{conv: {{out_channels: 8, kernel_size: 1}}, name: n{number}}}" for number in range(5)])
    assert len(align(many, graph("conv: {out_channels: 8, kernel_size: 3, padding: 1}"))) == 1
