"""Compares what tools print of a network with what their conventions say of its graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import torch
from torch import nn

from cnncalc.conventions import convention
from cnncalc.conventions.reconcile import Reconciliation, explain_number
from cnncalc.errors import UsageError
from cnncalc.graph import Graph
from cnncalc.pytorch.live.running import NotInstalledError, installed_version, run_tool
from cnncalc.pytorch.live.tools import TOOLS
from cnncalc.pytorch.requirements import require_numbers
from cnncalc.records import NamedTuple, replace


class Live(NamedTuple):
    """A tool's total beside ours."""

    name: str
    label: str  # of the convention
    unit: str
    distribution: str
    installed: str | None  # its version
    ours: int
    at_least: bool  # the convention does not know every layer
    printed: int | None = None
    missing: bool = False  # the tool is not installed
    problem: str = ""  # why there is no number
    reconciliation: Reconciliation | None = None  # of ours with what the tool printed, where they differ

    @property
    def version(self) -> str:
        """What ran, where the name of the convention does not say it: its version, with its own name."""
        if self.installed is None:
            return ""
        return self.installed if self.name.startswith(self.distribution) else f"{self.distribution} {self.installed}"

    @property
    def equal(self) -> bool:
        """Whether the tool printed our number."""
        return self.printed == self.ours


def as_built(graph: Graph) -> Graph:
    """The same network as `to_torch` writes it: a module for every layer that PyTorch has one for."""
    return replace(graph, written={}, nodes=tuple(node._replace(written=None) for node in graph.nodes))


def compare_live(graph: Graph, model: nn.Module, names: Sequence[str]) -> Iterator[Live]:
    """Run tools on a network, one after the other, and yield each total beside that of its convention.

    Args:
        graph: of the network, without symbols.
        model: the network, on the CPU.
        names: of TOOLS.

    Raises:
        UsageError: a size is still symbolic.
    """
    require_numbers(graph)
    parameter = next((each for each in model.parameters() if each.is_floating_point()), torch.empty(0))
    shapes: list[Any] = list(graph.inputs.values())
    inputs = [torch.zeros(1, *shape, dtype=parameter.dtype) for shape in shapes]
    for name in names:
        yield _compare(name, graph, model, inputs)


def _compare(name: str, graph: Graph, model: nn.Module, inputs: Sequence[torch.Tensor]) -> Live:
    tool, runs = convention(name), TOOLS[name]
    tally = tool.tally(graph)
    total: Any = tally.total
    live = Live(name, tool.label, tool.unit, runs.distribution, installed_version(runs), total, tally.at_least)
    try:
        printed = run_tool(name, model, inputs)
    except UsageError as error:
        return live._replace(problem=str(error), missing=isinstance(error, NotInstalledError))
    if printed is None:
        return live._replace(problem=f"{name} gives no number for this network")
    explained = explain_number(graph, name, Fraction(printed), exact=True) if printed != live.ours else None
    return live._replace(printed=printed, reconciliation=explained)
