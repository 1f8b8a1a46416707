"""Compares two texts by meaning: their nodes, ignoring key order, brackets and quotes."""

from __future__ import annotations

from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence


def same(one: Node, other: Node) -> bool:
    """Whether two nodes have the same meaning."""
    if isinstance(one, Scalar):
        return isinstance(other, Scalar) and _value(one) == _value(other)
    if isinstance(one, Sequence):
        return (
            isinstance(other, Sequence)
            and len(one.items) == len(other.items)
            and all(map(same, one.items, other.items))
        )
    return (
        isinstance(other, Mapping)
        and one.entries.keys() == other.entries.keys()
        and all(same(value, other.entries[key][1]) for key, (_, value) in one.entries.items())
    )


def _value(scalar: Scalar) -> tuple[object, ...]:
    return type(scalar.value), scalar.value, scalar.text, scalar.empty
