"""What an expansion may cost (DESIGN section 12): any input whatever is answered in bounded time and memory."""

from __future__ import annotations

from cnncalc.errors import Fault, Span, SpecError

NODES = 100_000
VISITS = 300_000  # of items, those that yield no node included
WORK = 5_000_000  # edges, and names that globs are held against
NESTING = 64


class Budget:
    """Counts what an expansion has cost so far."""

    def __init__(self) -> None:
        self._visits = self._work = self._depth = 0

    def visit(self, span: Span) -> None:
        """One more item."""
        self._visits += 1
        if self._visits > VISITS:
            raise _over(f"more than {VISITS:,} items after expansion", span)

    def node(self, count: int, span: Span) -> None:
        """One more node beside `count`."""
        if count >= NODES:
            raise _over(f"more than {NODES:,} layers after expansion", span)

    def turns(self, count: int, span: Span) -> None:
        """A repeat of so many turns."""
        if count > NODES:
            raise _over(f"repeat: more than {NODES:,} turns", span)

    def work(self, amount: int, span: Span) -> None:
        """So many edges or comparisons more."""
        self._work += amount
        if self._work > WORK:
            raise _over("too many connections between the layers", span)

    def enter(self, span: Span) -> None:
        """Into a block or group."""
        self._depth += 1
        if self._depth > NESTING:
            raise _over(f"blocks are nested more than {NESTING} deep: does one contain itself?", span)

    def leave(self) -> None:
        """Out again."""
        self._depth -= 1


def _over(message: str, span: Span) -> SpecError:
    return SpecError([Fault(message, span)])
