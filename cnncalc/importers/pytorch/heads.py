"""Training heads: modules that run in training mode only, as the auxiliary classifiers of GoogLeNet do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from torch import nn

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.exporting import Stored, capture
from cnncalc.importers.pytorch.values import Sizes
from cnncalc.importers.pytorch.walk import Walk
from cnncalc.importers.traced import TracedNode


def head_layers(
    module: nn.Module, inputs: Mapping[str, Sizes], inference: Walk, missing: Sequence[Stored]
) -> tuple[list[TracedNode], set[int]]:
    """The layers of modules that inference does not reach and training does; the keys of the tensors that they have.

    Args:
        module: the network.
        inputs: the shape of every input, without the batch.
        inference: its walk in evaluation mode.
        missing: what that walk did not meet.
    """
    reached = inference.emission.nodes
    homes = {_outermost(stored.name, reached) for stored in missing if stored.learnt} - {""}
    try:
        walk = Walk(capture(module, inputs, training=True), inputs)
    except UsageError:  # then they are counted all the same, if not by layers
        return [], set()
    found: list[TracedNode] = []
    for home in sorted(homes):
        layers = _layers(home, walk.emission.nodes.values(), {*reached, *inputs})
        found += layers
    names = {node.name for node in found}
    owned = {key for key, owner in walk.emission.owners.items() if owner in names}
    return [_in_head(node, names, homes) for node in found], owned


def _outermost(path: str, reached: Collection[str]) -> str:
    """The outermost module around a parameter in which nothing ran at inference."""
    parts = path.split(".")[:-1]
    for depth in range(1, len(parts) + 1):
        prefix = ".".join(parts[:depth])
        if not any(name == prefix or name.startswith(f"{prefix}.") for name in reached):
            return prefix
    return ""


def _layers(home: str, nodes: Collection[TracedNode], known: Collection[str]) -> list[TracedNode]:
    """The layers of a module, where all that they read is among them or known; else none."""
    mine = [node for node in nodes if node.name == home or node.name.startswith(f"{home}.")]
    inside = {node.name for node in mine}
    if all(name in inside or name in known for node in mine for name in node.inputs):
        return mine
    return []


def _in_head(node: TracedNode, inside: Collection[str], homes: Collection[str]) -> TracedNode:
    """The layer under a name whose first part is its head's."""

    def renamed(name: str) -> str:
        home = next((home for home in homes if name == home or name.startswith(f"{home}.")), "")
        rest = name[len(home) :].lstrip(".")
        return f"{home.replace('.', '_')}.{rest or node.kind}"

    return node._replace(
        name=renamed(node.name),
        inputs=tuple(renamed(name) if name in inside else name for name in node.inputs),
        shares=renamed(node.shares) if node.shares in inside and node.shares else node.shares,
        training=True,
    )
