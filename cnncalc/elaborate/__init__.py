"""Document → `Graph`, in one walk."""

from cnncalc.elaborate.network import elaborate

__all__ = ["elaborate"]
