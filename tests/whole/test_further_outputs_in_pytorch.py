"""Layers that read nothing, and further outputs, in the real network and in the source of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import cnncalc
from cnncalc.exporters.source.file import to_source
from cnncalc.graph import Node
from cnncalc.pytorch import written_out
from cnncalc.pytorch.recipes import RECIPES
from cnncalc.pytorch.recipes.recipe import Recipe
from cnncalc.pytorch.recipes.terms import Arg, Slot, call
from cnncalc.pytorch.verification.saved import verify_memory
from cnncalc.pytorch.verification.verify import verify

from ..kinds import known_kinds
from .test_sources_and_further_outputs import RECURRENT, TOKEN

IN_BLOCKS = """
input: [4, 12]
blocks:
  unit(hidden):
    - memory: hidden
      name: rec
    - relu
    - add: rec.all
layers:
  - unit: 4
    name: level
    repeat: 2
  - multiply: level.1.rec.all
  - concat:
    from: [level.0.rec.all, multiply1]
outputs: {joined: concat1, state: level.0.rec.h_n}
"""
NETWORKS = pytest.mark.parametrize("text", [TOKEN, RECURRENT, IN_BLOCKS], ids=["source", "further", "blocks"])


class Memory(nn.Module):
    """Its output, then its further outputs in the order of the descriptor."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(hidden, channels))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        made = torch.einsum("hc,ncl->nhl", self.weight, x)
        return made, made[..., -1], made.cumsum(-1)


def memory_recipe(node: Node) -> Recipe:
    layer: Any = node.layer
    return Recipe(call("Memory", Arg(Slot(node.shapes[0][0], "in_channels")), Arg(Slot(layer.hidden, "hidden"))))


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(RECIPES, "memory", memory_recipe)
    monkeypatch.setattr(written_out, "Memory", Memory, raising=False)
    with known_kinds():
        yield


def spec(text: str) -> cnncalc.Spec:
    return cnncalc.parse(dedent(text))


@NETWORKS
def test_the_network_confirms_every_figure(text):
    found = verify(spec(text).graph(), device="cpu")
    assert found.ok, [(row.name, check) for row in found.rows for check in row.checks if not check.ok]
    assert verify_memory(spec(text).graph()).ok


@NETWORKS
def test_the_source_runs_the_same_network(text):
    graph = spec(text).graph()
    network, copy = spec(text).to_torch().eval(), _exported(to_source(graph)).eval()
    copy.load_state_dict(network.state_dict())
    x = torch.randn(2, *graph.inputs["input"])
    ours, theirs = network(x), copy(x)
    if isinstance(ours, Tensor):
        ours, theirs = {"": ours}, {"": theirs}
    assert ours.keys() == theirs.keys()
    assert all(torch.allclose(ours[name], theirs[name]) for name in ours)


def test_the_source_takes_what_a_layer_gives_apart():
    assert "x, skip, _ = self.memory(x)" in to_source(spec(RECURRENT).graph())
    assert "self.x(out) * self.token(x)" in to_source(spec(TOKEN).graph())


def _exported(source: str) -> nn.Module:
    module = ModuleType("exported")
    sys.modules["exported"] = module
    module.__dict__.update(Memory=Memory)
    exec(source, module.__dict__)
    found = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == "exported"]
    network: nn.Module = found[-1]()
    return network
