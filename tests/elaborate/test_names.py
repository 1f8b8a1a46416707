"""Names: given, counted, levelled by repeats; resolved outward, from outside by their path, by globs."""

from __future__ import annotations

from textwrap import dedent

import pytest

import cnncalc
from cnncalc.errors import SpecError


def network(text: str) -> cnncalc.Graph:
    return cnncalc.parse("input: 4x8x8\n" + dedent(text)).graph()


def names(text: str) -> list[str]:
    return [node.name for node in network(text).nodes]


NAMED = {
    "kind and ordinal": ("layers: [relu, tanh, relu]", "relu1 tanh1 relu2"),
    "named ones count": (
        """
        layers:
          - conv: {out_channels: 4, kernel_size: 1}
            name: first
          - conv: {out_channels: 4, kernel_size: 1}
        """,
        "first conv2",
    ),
    "digits and dashes": ('layers: [{relu: , name: "0"}, {relu: , name: 2-b_c}]', "0 2-b_c"),
    "unnamed sequence adds no level": ("layers: [relu, sequence: [relu, tanh], relu]", "relu1 relu2 tanh1 relu3"),
    "named sequence is a level": (
        "layers: [relu, {sequence: [relu, tanh], name: s}, relu]",
        "relu1 s.relu1 s.tanh1 relu2",
    ),
    "frozen sequence adds no level": ("layers: [{sequence: [relu], frozen: true}, relu]", "relu1 relu2"),
    "block instance is a level": (
        """
        blocks: {unit: [relu, tanh]}
        layers: [unit, {unit: , name: mine}, unit]
        """,
        "unit1.relu1 unit1.tanh1 mine.relu1 mine.tanh1 unit3.relu1 unit3.tanh1",
    ),
    "repeat counts on": ("layers: [{relu: , repeat: 2}, relu]", "relu1 relu2 relu3"),
    "repeat under one name is a level": ("layers: [{relu: , repeat: 3, name: r}, relu]", "r.0 r.1 r.2 relu4"),
    "repeat of a block under one name": (
        """
        blocks: {unit: [relu]}
        layers: [{unit: , repeat: 2, name: stage}]
        """,
        "stage.0.relu1 stage.1.relu1",
    ),
    "repeat with its index in the name": ('layers: [{relu: , repeat: 2, name: "r{i + 1}"}]', "r1 r2"),
    "index of a repeat around makes a level": (
        """
        layers:
          - sequence:
              - relu:
                repeat: {j: 2}
                name: stage{i}
            repeat: 2
        """,
        "stage0.0 stage0.1 stage1.0 stage1.1",
    ),
    "unnamed residual": ("layers: [residual: [relu], residual: [relu]]", "relu1 add1 relu2 add2"),
    "named residual is its sum": ("layers: [{residual: [relu], name: r}]", "relu1 r"),
    "shortcuts are levels": (
        """
        layers:
          - residual: {body: [relu], shortcut: [tanh]}
          - residual: {body: [relu], shortcut: [tanh]}
          - residual: {body: [relu], shortcut: [tanh]}
            name: r
        """,
        "relu1 shortcut.tanh1 add1 relu2 shortcut2.tanh1 add2 relu3 r.shortcut.tanh1 r",
    ),
    "branches are levels, counted on": (
        """
        layers:
          - branches: {merge: add, paths: [[relu], [tanh]]}
          - branches: {merge: add, paths: [[relu], [tanh]]}
          - branches: {merge: concat, paths: [[relu], [tanh]]}
            name: b
        """,
        "branch1.relu1 branch2.tanh1 add1 branch3.relu1 branch4.tanh1 add2 b.branch1.relu1 b.branch2.tanh1 b",
    ),
    "nested repeats": (
        """
        layers:
          - sequence: [{relu: , repeat: {j: 2}, name: "{j}"}]
            repeat: 2
            name: layer{i + 1}
        """,
        "layer1.0 layer1.1 layer2.0 layer2.1",
    ),
    "the same name in exclusive whens": (
        "layers: [{relu: , name: a, when: true}, {tanh: , name: a, when: false}]",
        "a",
    ),
    "the same name in two blocks": (
        """
        blocks: {b: [{relu: , name: a}]}
        layers: [b, b, {relu: , name: a}]
        """,
        "b1.a b2.a a",
    ),
    "crops are layers": (
        """
        layers:
          - relu:
            name: a
          - conv: {out_channels: 4, kernel_size: 3}
          - add: {with: a, crop: center}
        """,
        "a conv1 crop1 add1",
    ),
}


@pytest.mark.parametrize(("text", "expected"), NAMED.values(), ids=NAMED)
def test_names(text, expected):
    assert names(text) == expected.split()


def test_eleven_shortcuts():
    found = names("layers: [{residual: {body: [relu], shortcut: [tanh]}, repeat: 12}]")
    levels = [name.partition(".")[0] for name in found if name.startswith("shortcut")]
    assert levels == ["shortcut", *(f"shortcut{n}" for n in range(2, 13))]


RESOLVED = {
    "a layer above": ("layers: [{relu: , name: a}, tanh, add: a]", ("tanh1", "a")),
    "by kind and ordinal": ("layers: [relu, tanh, add: relu1]", ("tanh1", "relu1")),
    "the input": ("layers: [relu, add: input]", ("relu1", "input")),
    "several": ("layers: [{relu: , name: a}, tanh, concat: [a, input]]", ("tanh1", "a", "input")),
    "from alone": ("layers: [{relu: , name: a}, tanh, {concat: , from: [a, input]}]", ("a", "input")),
    "from before the joined": ("layers: [{relu: , name: a}, tanh, {concat: a, from: input}]", ("input", "a")),
    "inside a block, from outside": (
        """
        blocks: {b: [relu, {tanh: , name: mid}, relu]}
        layers: [{b: , name: one}, add: one.mid]
        """,
        ("one.relu2", "one.mid"),
    ),
    "two levels down": (
        """
        blocks: {b: [relu, tanh]}
        layers: [{sequence: [b], name: s}, add: s.b1.relu1]
        """,
        ("s.b1.tanh1", "s.b1.relu1"),
    ),
    "a block is what leaves it": (
        """
        blocks: {b: [relu, tanh]}
        layers: [{b: , name: one}, relu, add: one]
        """,
        ("relu1", "one.tanh1"),
    ),
    "a sequence is what leaves it": (
        "layers: [{sequence: [relu, tanh], name: s}, relu, add: s]",
        ("relu1", "s.tanh1"),
    ),
    "a repeat is its latest turn": ("layers: [{relu: , repeat: 3, name: r}, tanh, add: r]", ("tanh1", "r.2")),
    "one turn of a repeat": ("layers: [{relu: , repeat: 3, name: r}, tanh, add: r.1]", ("tanh1", "r.1")),
    "a residual without its skip is its body": (
        "layers: [{residual: {body: [relu], skip: false}, name: r}, tanh, add: r]",
        ("tanh1", "relu1"),
    ),
    "an empty sequence is what enters it": (
        "layers: [relu, {sequence: [], name: s}, tanh, add: s]",
        ("tanh1", "relu1"),
    ),
    "inside a named residual's shortcut": (
        "layers: [{residual: {body: [relu], shortcut: [tanh]}, name: r}, add: r.shortcut.tanh1]",
        ("r", "r.shortcut.tanh1"),
    ),
    "inside a repeated residual's shortcut": (
        "layers: [{residual: {body: [relu], shortcut: [tanh]}, name: r, repeat: 2}, add: r.0.shortcut.tanh1]",
        ("r.1", "r.0.shortcut.tanh1"),
    ),
    "inside a branch": (
        "layers: [{branches: {merge: add, paths: [[relu], [tanh]]}, name: b}, add: b.branch2.tanh1]",
        ("b", "b.branch2.tanh1"),
    ),
    "with an expression": ('layers: [{relu: , repeat: 3, name: "r{i}"}, add: "r{3 - 2}"]', ("r2", "r1")),
    "a star within its level": (
        """
        blocks: {unit: [{relu: , name: skip}, tanh]}
        layers: [{unit: , repeat: 3}, {concat: , from: unit*.skip}]
        """,
        ("unit1.skip", "unit2.skip", "unit3.skip"),
    ),
    "a star for a whole level": (
        """
        blocks: {unit: [{relu: , name: skip}, tanh]}
        layers: [{unit: , repeat: 2, name: u}, {concat: , from: u.*.skip}]
        """,
        ("u.0.skip", "u.1.skip"),
    ),
    "a question mark": (
        "layers: [{relu: , repeat: 2}, {tanh: , name: relu10}, {concat: , from: relu?}]",
        ("relu1", "relu2"),
    ),
    "a glob joins the running tensor": (
        "layers: [{relu: , repeat: 2}, tanh, concat: relu*]",
        ("tanh1", "relu1", "relu2"),
    ),
    "a glob in the order of definition": (
        "layers: [{relu: , name: x9}, {relu: , name: x1}, {concat: , from: x*}]",
        ("x9", "x1"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), RESOLVED.values(), ids=RESOLVED)
def test_references(text, expected):
    assert network(text).nodes[-1].inputs == expected


def test_names_resolve_outward_and_the_nearest_wins():
    graph = network(
        """
        blocks:
          inner: [tanh, add: x]
          outer: [{relu: , name: x}, inner]
        layers:
          - {relu: , name: x}
          - outer
          - inner
        """
    )
    inputs = {node.name: node.inputs for node in graph.nodes}
    assert inputs["outer1.inner1.add1"] == ("outer1.inner1.tanh1", "outer1.x")
    assert inputs["inner1.add1"] == ("inner1.tanh1", "x")


def test_a_glob_is_looked_for_outward_too():
    graph = network(
        """
        blocks: {join: [tanh, {concat: , from: x*}]}
        layers: [{relu: , name: x1}, {relu: , name: x2}, join]
        """
    )
    assert graph.nodes[-1].inputs == ("x1", "x2")


def test_many_stars_take_no_longer_than_one():
    long = "a" * 190
    with pytest.raises(SpecError, match="no earlier layer matches"):
        network(f"layers: [{{relu: , name: {long}}}, {{concat: , from: '{'*a' * 60}b'}}]")


def test_shipped_style_of_torchvision():
    graph = cnncalc.load("resnet@18").graph()
    found = {node.name for node in graph.nodes}
    assert {"layer1.0.conv2", "layer4.1.add1", "layer2.0.shortcut.downsample.conv1"} <= found
