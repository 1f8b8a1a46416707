"""A convention: the operation counts of another tool, as a table from kind of layer to rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from cnncalc.conventions.call import Call
from cnncalc.conventions.manners import manners_of
from cnncalc.conventions.rules import Rule
from cnncalc.graph import Graph, Manner, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.records import Record
from cnncalc.symbolic import Size

COUNTED = r"conv|.*mm|matmul|linear|einsum|scaled_dot|dot|.*norm|.*pool|.*softmax|relu|gelu|silu|add|mul|upsample|mean"
"""The operators that some tool counts, by the beginnings of their names."""


class Tally(Record):
    """The counts of one convention by node; None if it has no rule for a layer."""

    counts: Mapping[str, Size | None]

    @cached_property
    def total(self) -> Size:
        """The sum of the known counts."""
        return sum(count for count in self.counts.values() if count is not None)

    @property
    def at_least(self) -> bool:
        """Whether a count is unknown."""
        return None in self.counts.values()


class Convention(Record):
    """What one tool, at one version, counts for one sample: at inference, unless `training`."""

    name: str
    version: str
    unit: str  # the tool's name for its number: MACs, FLOPs, mult-adds
    rules: Mapping[str, Rule]
    hooks: bool = False  # it hooks modules, so functions and operators are not counted
    exact: bool = False  # it asks for the exact class of a module, so those of derived classes are not counted
    latest: bool = False  # it keeps one count per module, from the last call
    training: bool = False  # it runs a training step: training heads count too
    source: str = ""

    @property
    def label(self) -> str:
        """The name with the version."""
        return f"{self.name}@{self.version}"

    def tally(self, graph: Graph) -> Tally:
        """The counts of a network at inference, or of a training step."""
        return Tally({call.node.name: self.count(call) for call in calls(graph, self.training)})

    def add_counts(self, document: dict[str, Any], graph: Graph) -> dict[str, Any]:
        """Add the counts to a JSON document: `convention` for every layer and for the totals."""
        tally = self.tally(graph)
        for layer in document["layers"]:
            layer["convention"] = _plain(tally.counts.get(layer["name"]))
        document["totals"] |= {
            "convention": _plain(tally.total),
            "convention_name": self.label,
            "convention_at_least": tally.at_least,
        }
        return document

    def count(self, call: Call) -> Size | None:
        """The count for one call; None if the convention has no rule for the layer."""
        own_norms = call.node.kind == "attention" and call.turned  # which are modules where a network has them
        if (self.hooks and not call.hooked and not own_norms) or (self.latest and not call.once):
            return 0
        if self.exact and call.derived:
            return 0
        if call.node.kind == "unknown" and call.known and not call.hooked:
            return None if re.match(COUNTED, call.layer.op) and not self.hooks else 0
        if isinstance(call.layer, FurtherOutput):
            return 0  # computed by the call of the layer before it
        if call.node.kind == "conv" and call.layer.connections is not None:
            return None  # PyTorch has no such layer: the count depends on how it is made
        rule = self.rules.get(call.node.kind)
        return None if rule is None else rule(call)


def _plain(count: Size | None) -> int | str | None:
    return count if count is None or isinstance(count, int) else str(count)


def calls(graph: Graph, training: bool = False) -> Iterator[Call]:
    """The calls of a network at inference, or of a training step, with how its source writes each."""
    nodes = [node for node in graph.nodes if training or not node.training]
    folded = _find_folded(nodes, graph.outputs.values())
    manners = manners_of(graph)
    last = {_module(node, manners[node.name]): node.name for node in nodes}
    for node in nodes:
        how = manners[node.name]
        known = node.written is not None or node.kind in graph.written
        yield Call(node, how, node.name in folded, last[_module(node, how)] == node.name, known)


def _module(node: Node, manner: Manner) -> tuple[str, str]:
    """The identity of the PyTorch module called: the owner of the weights, or that of its block if shared."""
    if node.shares is not None and (node.written is None or node.written.way != "module"):
        return node.shares, ""
    if manner.way != "shared":
        return node.name, ""
    return node.name.rpartition(".")[0], manner.module or node.kind


def _find_folded(nodes: Iterable[Node], outputs: Iterable[str]) -> set[str]:
    """The names of convolutions read only by a batchnorm, and of those batchnorms."""
    readers: dict[str, list[Node | None]] = {name: [None] for name in outputs}
    convs = set()
    for node in nodes:
        if node.kind in ("conv", "conv_transpose"):
            convs.add(node.name)
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    pairs = {name: readers[name][0] for name in convs if len(readers.get(name, ())) == 1}
    norms = {name: norm.name for name, norm in pairs.items() if norm is not None and norm.kind == "batchnorm"}
    return {*norms, *norms.values()}
