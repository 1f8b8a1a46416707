"""A layer without inputs and one with further outputs, which the tests alone know: built, and written as source."""

import inspect

import pytest

torch = pytest.importorskip("torch")

import cnncalc  # noqa: E402
from cnncalc.exporters.source import file  # noqa: E402
from cnncalc.pytorch import build, written_out  # noqa: E402
from cnncalc.pytorch.recipes import RECIPES, Recipe  # noqa: E402
from cnncalc.pytorch.recipes.recipe import channels  # noqa: E402
from cnncalc.pytorch.recipes.terms import Own, call, given, named  # noqa: E402

from ..kinds import known_kinds  # noqa: E402
from .agreement import check_numbers, check_shapes, to_source  # noqa: E402


class Learnt(torch.nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(shape))

    def forward(self):
        return self.weight.unsqueeze(0)


class Memory(torch.nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(hidden, channels))

    def forward(self, x):
        x = torch.matmul(self.weight, x)
        return x, x[..., -1], x.cumsum(-1)


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    monkeypatch.setitem(
        RECIPES, "learnt", lambda node: Recipe(call("Learnt", named("shape", list(node.output))), call(Own()))
    )
    monkeypatch.setitem(
        RECIPES,
        "memory",
        lambda node: Recipe(call("Memory", given(channels(node), "channels"), given(node.layer.hidden, "hidden"))),
    )
    sources = {**file._written_out(), **{each.__name__: inspect.getsource(each) for each in (Learnt, Memory)}}
    monkeypatch.setattr(file, "_written_out", lambda: sources)
    for each in (Learnt, Memory):
        monkeypatch.setattr(written_out, each.__name__, each, raising=False)
    with known_kinds():
        yield


def agreed(text):
    graph = cnncalc.parse(text).graph()
    source = to_source(graph)
    check_shapes(graph, source)
    check_numbers(graph, source)
    return source


def test_a_learnt_tensor():
    source = agreed(
        "input: [4, 6, 6]\nlayers:\n  - relu:\n    name: x\n  - learnt: [4, 6, 6]\n    name: token\n"
        "  - add:\n    from: [x, token]\n"
    )
    assert "F.relu(x) + self.token()" in source or "self.token()" in source


@pytest.mark.parametrize("read", ["h_n", "all", None])
def test_further_outputs(read):
    read_it = f"  - relu:\n    from: rec.{read}\n" if read else "  - relu\n"
    source = agreed(f"input: [4, 12]\nlayers:\n  - memory: 4\n    name: rec\n{read_it}")
    assert "= self.rec(x)" in source


def test_an_output_of_the_network_and_of_a_block():
    source = agreed(
        "input: [4, 12]\nblocks:\n  unit(hidden):\n    - memory: hidden\n      name: rec\n    - relu\n"
        "layers:\n  - unit: 4\n    name: u1\n  - unit: 3\n    name: u2\n"
        "outputs: {last: u2, all: u1.rec.all}\n"
    )
    assert source.count("self.rec = Memory(") == 1


def test_the_built_network_lets_go_of_what_nobody_reads():
    graph = cnncalc.parse(
        "input: [4, 12]\nlayers:\n  - memory: 4\n    name: rec\n  - relu:\n    from: rec.h_n\n"
    ).graph()
    assert tuple(build(graph)(torch.zeros(2, 4, 12)).shape) == (2, 4)
