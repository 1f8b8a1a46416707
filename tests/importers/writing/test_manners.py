"""How layers are written, in as few words as possible."""

import pytest

import cnncalc
from cnncalc.conventions.convention import manner_of
from cnncalc.graph import Manner
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.spec_text import spec_text


def net(*ways, flat=False):
    """A chain of ReLUs in one module, each written in one way."""
    nodes, before = [], "x"
    for number, way in enumerate(ways):
        nodes.append(TracedNode(f"a.f{number}", "relu", {}, (before,), (4, 8, 8), written=way))
        before = f"a.f{number}"
    text = spec_text(Traced("net", {"x": (4, 8, 8)}, tuple(nodes), {"output": before}), flat=flat)
    return text, cnncalc.parse(text).graph()


FUNCTION, MODULE = Manner("functional"), Manner("module")
ACT, OTHER = Manner("shared", module="a.act"), Manner("shared", module="a.other")


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize(
    ("ways", "lines"),
    [
        ((None, None), 0),
        ((MODULE, MODULE), 0),
        ((FUNCTION, FUNCTION, FUNCTION), 1),
        ((MODULE, MODULE, FUNCTION), 1),
        ((FUNCTION, FUNCTION, FUNCTION, MODULE), 2),
    ],
)
def test_most_are_alike(ways, lines, flat):
    text, graph = net(*ways, flat=flat)
    if flat:
        assert text.count("functional") + text.count("written: module") == lines
    assert [manner_of(graph, node) for node in graph.nodes] == [way or MODULE for way in ways]


def test_modules_that_are_shared_have_names_where_there_are_two():
    text, graph = net(ACT, ACT)
    assert "shared: " not in text
    assert {manner_of(graph, node) for node in graph.nodes} == {Manner("shared")}
    _, graph = net(ACT, OTHER, ACT, OTHER)
    assert [manner_of(graph, node).module for node in graph.nodes] == ["act", "other", "act", "other"]
    assert cnncalc.conventions.convention("torchstat").tally(graph).total == 2 * 4 * 8 * 8
