"""Concatenations of ever more tensors, each written as the one before it and what is new: a dense network's."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.importers.traced import TracedNode


def shortened(nodes: Sequence[TracedNode]) -> list[TracedNode]:
    """The same nodes; a concatenation that begins with all that an earlier one joins reads that one.

    Nothing else changes: concatenation is associative, and every shape and cost stays as it was.
    """
    made: dict[tuple[str, ...], str] = {}  # what is joined, along which dimension, by which node
    found = []
    for node in nodes:
        if node.kind != "concat" or len(node.inputs) < 2:
            found.append(node)
            continue
        key = (str(node.arguments.get("dim", 1)), *node.inputs)
        before = made.get(key[:-1])
        made.setdefault(key, node.name)
        found.append(node if before is None else node._replace(inputs=(before, node.inputs[-1])))
    return found
