"""Expands a `Document` into a `Graph` in one pass."""

from cnncalc.elaborate.network import elaborate

__all__ = ["elaborate"]
