"""What an expansion may cost (docs/formulas.md, "Limits"): any spec whatever is answered in bounded time and memory."""

from __future__ import annotations

from cnncalc.errors import Fault, Span, SpecError

NODES = 100_000
VISITS = 300_000  # of items and turns of repeats, those that yield no node included
WORK = 500_000  # edges, and names that globs are held against
EFFORT = 8_000_000  # numbers in the lists that expressions go through
LETTERS = 8_000_000  # of all names together
NESTING = 64


class Budget:
    """Counts what an expansion has cost so far."""

    def __init__(self) -> None:
        self._visits = self._work = self._effort = self._letters = 0
        self._inside: list[str] = []  # the blocks and groups around, outermost first

    def visit(self, span: Span) -> None:
        """One more item, or one more turn of a repeat."""
        self._visits += 1
        if self._visits > VISITS:
            raise _limit_fault(
                f"more than {VISITS:,} items after expansion", span, "is a 'repeat' larger than intended?"
            )

    def node(self, count: int, name: str, span: Span) -> None:
        """One more node, of this name, beside `count`."""
        if count >= NODES:
            raise _limit_fault(
                f"more than {NODES:,} layers after expansion", span, "is a 'repeat' larger than intended?"
            )
        self.letters(name, span)

    def letters(self, name: str, span: Span) -> None:
        """One more name."""
        self._letters += len(name)
        if self._letters > LETTERS:
            raise _limit_fault(
                f"the names of all layers have more than {LETTERS:,} characters in total", span, "shorten them"
            )

    def turns(self, count: int, span: Span) -> None:
        """A repeat of so many turns."""
        if count > NODES:
            raise _limit_fault(
                f"repeat: more than {NODES:,} iterations", span, f"a network may have at most {NODES:,} layers"
            )

    def work(self, amount: int, span: Span) -> None:
        """So many edges or comparisons more."""
        self._work += amount
        if self._work > WORK:
            raise _limit_fault(f"more than {WORK:,} connections between layers", span)

    def effort(self, amount: int, span: Span) -> None:
        """An expression that may go through lists of so many numbers."""
        self._effort += amount
        if self._effort > EFFORT:
            raise _limit_fault("too much computation on long lists", span, "shorten the lists, or use fewer repeats")

    def enter(self, name: str, span: Span) -> None:
        """Into a block or group."""
        if len(self._inside) >= NESTING:
            raise _limit_fault(*_nesting_fault(self._inside, name, span))
        self._inside.append(name)

    def leave(self) -> None:
        """Out again."""
        self._inside.pop()


def _limit_fault(message: str, span: Span, hint: str | None = None) -> SpecError:
    return SpecError([Fault(message, span, hint)])


def _nesting_fault(inside: list[str], name: str, span: Span) -> tuple[str, Span, str | None]:
    """What to say of nesting beyond the limit: which block contains itself, where one does."""
    before = [index for index, other in enumerate(inside) if other == name]
    if not name or not before:
        return f"blocks are nested more than {NESTING} deep", span, None
    cycle = [block for block in inside[before[-1] :] if block]
    round_about = f": {' → '.join([*cycle, name])}" if len(cycle) > 1 else ""
    message = f"block {name} contains itself{round_about}, more than {NESTING} deep"
    return message, span, "use 'repeat', or end the recursion with 'when'"
