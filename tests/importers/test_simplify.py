"""What several operations say and a spec writes as one layer: sums, reshapes, padding by nothing, `like`."""

import pytest

from cnncalc.importers.simplify import simplify
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.spec_text import spec_text

MAP = (4, 8, 8)


def node(name, kind, reads, arguments=None, output=MAP):
    return TracedNode(name, kind, arguments or {}, tuple(reads.split()), output)


def conv(name, reads):
    return node(name, "conv", reads, {"out_channels": 4, "kernel_size": 3, "padding": 1})


def network(*nodes, **outputs):
    return simplify(Traced("net", {"x": MAP}, nodes, outputs or {"output": nodes[-1].name}))


def inputs(traced):
    return {each.name: " ".join(each.inputs) for each in traced.nodes}


def layers(traced):
    return spec_text(traced, flat=False).partition("layers:\n")[2]


INTERLEAVED = (conv("a", "x"), conv("b", "x"), node("s", "add", "a b"), conv("c", "x"), node("t", "add", "s c"))


def test_additions_interleaved_with_what_they_add_are_one_sum():
    found = network(*INTERLEAVED)
    assert inputs(found) == {"a": "x", "b": "x", "c": "x", "t": "a b c"}
    assert layers(found).startswith("  - branches:\n      merge: add\n      paths:\n        - - conv:")


def test_a_sum_is_part_of_another_with_what_entered_too():
    found = network(*INTERLEAVED, node("u", "add", "x t"))
    assert inputs(found)["u"] == "x a b c"


@pytest.mark.parametrize(
    ("nodes", "outputs"),
    [
        (INTERLEAVED, {"output": "t", "side": "s"}),  # which is read elsewhere
        ((conv("a", "x"), node("m.s", "add", "x a"), conv("b", "x"), node("t", "add", "m.s b")), {}),  # a module's own
        ((conv("a", "x"), node("s", "add", "x a"), node("t", "add", "s x")), {}),  # the same again
        (  # the last residual under a longer skip
            (conv("a", "x"), conv("b", "a"), node("s", "add", "a b"), node("t", "add", "s x")),
            {},
        ),
    ],
)
def test_other_sums_stay(nodes, outputs):
    found = network(*nodes, **outputs)
    assert [each.kind for each in found.nodes] == [each.kind for each in nodes]


def test_of_reshapes_in_a_row_the_last_counts():
    flat = node("f", "flatten", "x", output=(256,))
    found = network(
        flat,
        node("r", "reshape", "f", {"shape": [256, 1]}, (256, 1)),
        node("s", "reshape", "r", {"shape": [256, 1, 1]}, (256, 1, 1)),
    )
    assert [(each.kind, each.inputs) for each in found.nodes] == [("reshape", ("x",))]


@pytest.mark.parametrize("padding", [0, [0, 0], [[0, 0], [0, 0]]])
def test_padding_by_nothing_is_nothing(padding):
    found = network(conv("a", "x"), node("p", "pad", "a", {"padding": padding}), node("r", "relu", "p"))
    assert inputs(found) == {"a": "x", "r": "a"}


def resized(name, reads):
    return node(name, "upsample", reads, {"like": reads.split()[1], "mode": "bilinear"})


def test_one_of_parallel_paths_is_resized_like_what_they_begin_at():
    stem, path = conv("stem", "x"), conv("a", "stem")
    pooled = node("p", "global_avgpool", "stem", output=(4, 1, 1))
    found = network(stem, path, pooled, resized("u", "p a"), node("c", "concat", "a u", output=(8, 8, 8)))
    assert inputs(found)["u"] == "p stem"
    assert "          - upsample: {mode: bilinear, like: stem}\n" in layers(found)


def test_a_map_resized_like_the_skip_that_it_is_joined_with_stays():
    skip, down = conv("skip", "x"), node("d", "maxpool", "skip", {"kernel_size": 2}, (4, 4, 4))
    found = network(skip, down, resized("u", "d skip"), node("c", "concat", "skip u", output=(8, 8, 8)))
    assert inputs(found)["u"] == "d skip"
