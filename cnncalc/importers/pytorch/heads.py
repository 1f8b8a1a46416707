"""Finds training heads: modules that only run in training mode, such as the auxiliary classifiers of GoogLeNet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from torch import nn

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.batch import confirm, walk_capture
from cnncalc.importers.pytorch.values import Sizes, Stored
from cnncalc.importers.pytorch.walk import Walk
from cnncalc.importers.traced import TracedNode


def head_layers(
    module: nn.Module, inputs: Mapping[str, Sizes], inference: Walk, missing: Sequence[Stored]
) -> tuple[list[TracedNode], set[int]]:
    """The layers of modules that run in training only, and the keys of the tensors that they own.

    Args:
        module: the network.
        inputs: the shape of every input, without the batch.
        inference: the walk over its capture in evaluation mode.
        missing: the parameters and buffers that this walk did not reach.
    """
    reached = inference.emission.nodes
    homes = {_outermost(stored.name, reached) for stored in missing if stored.learnt} - {""}
    try:
        walk = walk_capture(module, inputs, training=True)
        nodes = walk.emission.nodes.values()
        heads = [node for home in sorted(homes) for node in _layers(home, nodes, {*reached, *inputs})]
        heads = confirm(heads, module, inputs, walk.program.batch, training=True)
    except UsageError:  # their parameters are then counted, but not by layer
        return [], set()
    names = {node.name for node in heads}
    owned = {key for key, owner in walk.emission.owners.items() if owner in names}
    return [_in_head(node, names, homes) for node in heads], owned


def _outermost(path: str, reached: Collection[str]) -> str:
    """The outermost module around a parameter in which nothing ran at inference; empty where there is none."""
    parts = path.split(".")[:-1]
    for depth in range(1, len(parts) + 1):
        prefix = ".".join(parts[:depth])
        if not any(name == prefix or name.startswith(f"{prefix}.") for name in reached):
            return prefix
    return ""


def _layers(home: str, nodes: Collection[TracedNode], known: Collection[str]) -> list[TracedNode]:
    """The layers of a module, if all that they read is among them or in `known`; else none."""
    mine = [node for node in nodes if node.name == home or node.name.startswith(f"{home}.")]
    inside = {node.name for node in mine}
    if all(name in inside or name in known for node in mine for name in node.inputs):
        return mine
    return []


def _in_head(node: TracedNode, inside: Collection[str], homes: Collection[str]) -> TracedNode:
    """The layer renamed so that the first part of its name is its head."""

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
