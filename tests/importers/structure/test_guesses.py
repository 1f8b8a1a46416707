"""Guessed blocks, which stand only where they make a spec shorter; conditions only where there is evidence for them."""

from collections.abc import Container
from dataclasses import replace

import pytest

from cnncalc.importers.traced import Traced, TracedNode

from ..test_structure import structured, without_names

LEVELS = ("inc", "mid", "out")


@pytest.mark.parametrize(
    "chain",
    [
        "conv:16 relu conv:16 batchnorm relu maxpool",  # two units that differ in one layer
        "conv:8 relu maxpool conv:16 relu maxpool linear:10",  # two units that are shorter than their block
        "conv:8 batchnorm relu conv:8 batchnorm relu maxpool conv:16 batchnorm relu conv:16 batchnorm relu",
    ],
)
def test_a_guessed_block_that_does_not_pay_is_no_block(chain):
    text = structured(without_names(in_series(chain)))
    assert "blocks:" not in text


def in_series(chain: str, frozen: Container[int] = ()) -> Traced:
    """Layers one behind the other: `conv:8` has as many channels."""
    nodes: list[TracedNode] = []
    shape, before = (8, 64, 64), "x"
    for number, word in enumerate(chain.split()):
        kind, _, channels = word.partition(":")
        arguments = {}
        if kind in ("conv", "linear"):
            arguments = {"out_channels": int(channels), "kernel_size": 3, "padding": 1}
            shape = (int(channels), *shape[1:])
        if kind == "linear":
            arguments = {"out_features": int(channels), "axis": "channels"}
        if kind == "maxpool":
            arguments = {"kernel_size": 2}
            shape = (shape[0], shape[1] // 2, shape[2] // 2)
        nodes.append(TracedNode(f"n{number}", kind, arguments, (before,), shape, frozen=number in frozen))
        before = nodes[-1].name
    return Traced("net", {"x": (8, 64, 64)}, tuple(nodes), {"output": before})


def test_parts_of_which_some_are_frozen_are_repeats():
    text = structured(without_names(in_series("conv:8 relu " * 4, frozen={0, 2})))
    assert "blocks:" not in text
    assert text.count("repeat: 2") == 2


def test_a_repeat_in_a_repeat_counts_by_another_letter():
    text = structured(in_series("maxpool conv:8 relu conv:8 relu conv:8 relu " * 3))
    assert "        repeat: {j: 3}\n    repeat: 3\n" in text


def test_a_layer_that_one_instance_has_is_no_rule_of_its_stride():
    """Instances of a class, of which the one with a stride has a normalization."""

    def instance(level, reads, stride, norm):
        width, size = 8 * stride, 16 // stride
        conv = {"out_channels": width, "kernel_size": 3, "stride": stride, "padding": 1}
        kinds = ["conv", *["batchnorm"] * norm, "relu"]
        names = [reads, *(f"{level}.{kind}" for kind in kinds)]
        return [
            TracedNode(names[place + 1], kind, conv if kind == "conv" else {}, (names[place],), (width, size, size))
            for place, kind in enumerate(kinds)
        ]

    nodes = (*instance("a", "x", 1, False), *instance("b", "a.relu", 2, True))
    network = Traced("net", {"x": (8, 16, 16)}, nodes, {"output": "b.relu"}, modules={"a": "Unit", "b": "Unit"})
    text = structured(network)
    assert "with_batchnorm" in text
    assert "when: stride" not in text


def test_a_level_that_wraps_another_is_one_item_by_the_outer_name():
    chain = in_series(" ".join(["conv:8 relu conv:8 tanh conv:8 sigmoid maxpool"] * 3))
    levels = {f"n{7 * level + place}": f"{name}.n.{place}" for level, name in enumerate(LEVELS) for place in range(6)}
    nodes = tuple(
        node._replace(name=levels.get(node.name, node.name), inputs=tuple(levels.get(n, n) for n in node.inputs))
        for node in chain.nodes
    )
    layers = structured(replace(chain, nodes=nodes, outputs={"output": nodes[-1].name, "side": "mid.n.5"}))
    assert "  - block:\n    name: inc\n  - maxpool: 2\n  - block:\n    name: mid\n" in layers
    assert "sequence" not in layers


def test_a_guessed_block_that_is_read_is_called_by_its_layer():
    chain = in_series(" ".join(f"conv:{width} batchnorm relu maxpool" for width in (8, 16, 32, 64, 32, 16)))
    nodes = tuple(
        node._replace(name=node.name.replace("n6", "act"), inputs=tuple(n.replace("n6", "act") for n in node.inputs))
        for node in chain.nodes
    )
    text = structured(replace(chain, nodes=nodes, outputs={"a": nodes[-1].name, "b": "act"}))
    assert "  - unit: 16\n    name: act\n" in text


def test_an_instance_of_equal_units_is_still_one_of_its_class():
    """Of a class some instances hold a pooling between their units, one does not: it is no stage for that."""
    chain = in_series("conv:8 relu maxpool conv:8 relu conv:8 relu conv:8 relu conv:8 relu maxpool conv:8 relu")
    levels = [
        "a.u.",
        "a.u.",
        "a.",
        "a.v.",
        "a.v.",
        "b.u.",
        "b.u.",
        "b.v.",
        "b.v.",
        "c.u.",
        "c.u.",
        "c.",
        "c.v.",
        "c.v.",
    ]
    names = {node.name: f"{level}{node.name}" for node, level in zip(chain.nodes, levels, strict=True)}
    nodes = tuple(
        node._replace(name=names[node.name], inputs=tuple(names.get(n, n) for n in node.inputs)) for node in chain.nodes
    )
    modules = dict.fromkeys("abc", "Block") | {f"{level}.{unit}": "Unit" for level in "abc" for unit in "uv"}
    layers = structured(replace(chain, nodes=nodes, outputs={"o": nodes[-1].name}, modules=modules))
    assert "when: with_maxpool" in layers
