"""Writes growing concatenations, as in a dense network, as the previous one and what is new."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.importers.traced import TracedNode


def shorten_concats(nodes: Sequence[TracedNode]) -> list[TracedNode]:
    """The same nodes; a concatenation that begins with all operands of an earlier one reads that one instead.

    Nothing else changes: concatenation is associative, so every shape and cost stays the same.
    """
    known: dict[tuple[str, ...], str] = {}  # dimension and operands → the node that joins them
    short = []
    for node in nodes:
        if node.kind != "concat" or len(node.inputs) < 2:
            short.append(node)
            continue
        key = (str(node.arguments.get("dim", 1)), *node.inputs)
        before = known.get(key[:-1])
        known.setdefault(key, node.name)
        short.append(node if before is None else node._replace(inputs=(before, node.inputs[-1])))
    return short
