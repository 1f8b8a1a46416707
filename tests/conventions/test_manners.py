"""How layers are written where a spec says nothing of it."""

import cnncalc
from cnncalc.conventions import convention
from cnncalc.conventions.manners import manners_of
from cnncalc.graph import Manner

SPEC = """
input: 24x10
layers:
  - linear: {out_features: 24, axis: channels}
    name: before
  - layernorm: {axis: channels}
  - linear: {out_features: 72, axis: channels}
    name: packed
  - attention: 3
    written: WAY
  - permute: [2, 1]
  - linear: {out_features: 24, axis: last}
    name: projected
  - relu
  - linear: {out_features: 24, axis: last}
    name: after
"""
APART = """
input: 24x10
layers:
  - linear: {out_features: 24, axis: channels}
    name: key
  - linear: {out_features: 24, axis: channels}
    from: input
    name: value
  - linear: {out_features: 24, axis: channels}
    from: input
    name: query
    written: module
  - attention: 3
    from: [query, key, value]
  - linear: {out_features: 24, axis: channels}
    name: projected
written: {attention: module, linear: MyLinear}
"""


def ways(text):
    graph = cnncalc.parse(text).graph()
    manners = manners_of(graph)
    return graph, {node.name: manners[node.name] for node in graph.nodes if node.kind == "linear"}


def test_the_projections_of_an_attention_that_is_a_module_are_functions():
    _, found = ways(SPEC.replace("WAY", "module"))
    assert {name for name, manner in found.items() if manner == Manner("functional")} == {"packed", "projected"}
    _, found = ways(SPEC.replace("WAY", "functional"))
    assert {*found.values()} == {Manner("module")}


def test_what_an_item_says_goes_first():
    _, found = ways(APART)
    function = Manner("functional")
    assert found == {"key": function, "value": function, "query": Manner("module"), "projected": function}


def test_tools_count_as_of_the_module():
    """thop sees neither projection of `nn.MultiheadAttention`: 24 × 24 × 10 for each of the other two layers."""
    graph, _ = ways(SPEC.replace("WAY", "module"))
    norm = 4 * 24 * 10
    assert convention("thop").tally(graph).total == 2 * 24 * 24 * 10 + norm
