"""What the tables say of attention, by how it is written and by its fields."""

import pytest

import cnncalc
from cnncalc.conventions import CONVENTIONS, convention

MACS = 2 * 12 * 12 * (8 + 8)
QUERIES = 2 * 12 * 8
NOTHING = ("torchinfo@1.8.0", "torchinfo@main", "thop", "ptflops", "ptflops-nofunc", "calflops", "calflops-macs")
FUNCTIONAL = {
    **dict.fromkeys((*NOTHING, "fvcore", "ptflops-aten"), 0),
    **dict.fromkeys(("ultralytics-thop", "deepspeed-macs@0.19.8", "torchprofile"), MACS),
    **dict.fromkeys(("deepspeed@0.19.8", "torch"), 2 * MACS),
}
OPERATOR = {**FUNCTIONAL, "fvcore": MACS, "ptflops-aten": MACS, "torchprofile": MACS + QUERIES}


def counts(fields, written):
    text = f"input: 48x4x3\nlayers: [{{attention: {fields}}}]\nwritten: {{attention: {written}}}\n"
    graph = cnncalc.parse(text).graph()
    tallies = {name: convention(name).tally(graph) for name in CONVENTIONS}
    return {name: tally.total for name, tally in tallies.items() if not tally.at_least}


@pytest.mark.parametrize(("written", "expected"), [("functional", FUNCTIONAL), ("operator", OPERATOR)])
def test_attention_among_all_positions(written, expected):
    found = counts("2", written)
    assert {name: found.get(name) for name in expected} == expected


def test_what_is_not_known_is_no_zero():
    biased = counts("{num_heads: 2, relative_bias: offset}", "functional")
    assert not {"ptflops", "calflops", "deepspeed@0.19.8"} & biased.keys()
    assert biased["fvcore"] == 0
    assert counts("{num_heads: 2, qk_norm: l2}", "functional").keys() & FUNCTIONAL.keys() == {"torch", "ptflops-aten"}
    assert counts("2", "module")["torchscan"] > counts("2", "functional")["torchscan"] == 0  # a hook on the module
