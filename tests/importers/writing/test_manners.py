"""How layers are written, in as few words as possible."""

import pytest

import cnncalc
from cnncalc.conventions import convention
from cnncalc.conventions.manners import manners_of
from cnncalc.graph import Manner
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.manners import as_data
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
    assert [*manners_of(graph).values()] == [way or MODULE for way in ways]


@pytest.mark.parametrize(
    ("manner", "data"),
    [
        (FUNCTION, "functional"),
        (Manner("module", "LayerNorm2d"), "LayerNorm2d"),
        (Manner("module", "_Norm"), "_Norm"),
        (Manner("module", "mine"), {"class": "mine"}),
        (Manner("module", "Functional"), {"class": "Functional"}),
        (Manner("shared", "MyReLU", "act"), {"shared": "act", "class": "MyReLU"}),
        (Manner("functional", by="bmm"), {"by": "bmm"}),
    ],
)
def test_a_manner_is_read_as_it_was(manner, data):
    assert as_data(manner) == data
    words = data if isinstance(data, str) else "{" + ", ".join(f"{key}: {value}" for key, value in data.items()) + "}"
    spec = cnncalc.parse(f"input: 3x8x8\nlayers: [relu]\nwritten: {{relu: {words}}}\n")
    assert spec.graph().written == {"relu": manner}


def test_what_no_tool_tells_apart_is_not_said():
    """A class token is joined by a function, which nothing counts; a sum with positions counts in some."""
    shape, function = (4, 8), Manner("functional")
    for merge, told in (("concat", False), ("add", True)):
        arguments = {"shape": (4, 8), "merge": merge}
        output = (4, 16) if merge == "concat" else shape
        node = TracedNode("p", "parameter", arguments, ("x",), output, {"weight": (4, 8)}, written=function)
        text = spec_text(Traced("net", {"x": shape}, (node,), {"output": "p"}))
        assert ("functional" in text) == told


def test_modules_that_are_shared_have_names_where_there_are_two():
    text, graph = net(ACT, ACT)
    assert "shared: " not in text
    assert {*manners_of(graph).values()} == {Manner("shared")}
    _, graph = net(ACT, OTHER, ACT, OTHER)
    assert [manner.module for manner in manners_of(graph).values()] == ["act", "other", "act", "other"]
    assert cnncalc.conventions.convention("torchstat").tally(graph).total == 2 * 4 * 8 * 8


def test_modules_of_levels_that_a_spec_merges_stay_apart():
    """Tools that keep one count per module count these alike: a spec writes the paths of a branch at one level."""
    torch = pytest.importorskip("torch")
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.relu = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1), nn.ReLU()

        def forward(self, x):
            return self.relu(self.second(self.relu(self.first(x))) + x)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU())
            self.blocks = nn.Sequential(*(Block() for _ in range(4)))
            self.paths = nn.ModuleList(nn.Sequential(nn.Conv2d(8, 4, 1), nn.ReLU()) for _ in range(2))
            self.project = nn.Sequential(nn.Conv2d(8, 4, 1), nn.ReLU())

        def forward(self, x):
            x = self.blocks(self.stem(x))
            return self.project(torch.cat([path(x) for path in self.paths], 1))

    structured, flat = (cnncalc.from_torch(Net(), (3, 8, 8), flat=flat).graph() for flat in (False, True))
    counts = [convention("flopth").tally(graph).total for graph in (structured, flat)]
    assert counts == [64 * (24 + 8 + 8 + 4 * (128 + 16 + 8) + 3 * (32 + 4 + 4))] * 2
