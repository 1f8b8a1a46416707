"""Limits on the cost of an expansion (docs/limits.md), which bound time and memory for any spec."""

from __future__ import annotations

from cnncalc.errors import Fault, Span, SpecError
from cnncalc.limits import DEEPEST_BLOCKS, MOST_EDGES, MOST_ELEMENTS, MOST_ITEMS, MOST_LAYERS, MOST_LETTERS
from cnncalc.records import NamedTuple


class Spent(NamedTuple):
    """The cost of a part of an expansion: names are counted and their letters added up, `depth` is its nesting."""

    visits: int
    work: int
    effort: int
    names: int
    letters: int
    depth: int


class Budget:
    """Counts the cost of an expansion so far; its methods raise SpecError when their limit is exceeded."""

    def __init__(self) -> None:
        self._visits = self._work = self._effort = self._names = self._letters = self._deepest = 0
        self._inside: list[str] = []  # the enclosing blocks and groups, outermost first

    def visit(self, span: Span) -> None:
        """Count an item, or an iteration of a repeat."""
        self._visits += 1
        if self._visits > MOST_ITEMS:
            raise _limit_fault(
                f"more than {MOST_ITEMS:,} items after expansion", span, "is a 'repeat' larger than intended?"
            )

    def node(self, count: int, name: str, inputs: int, span: Span) -> None:
        """Count a node with this name and so many inputs, given the number of existing nodes."""
        if count >= MOST_LAYERS:
            raise _limit_fault(
                f"more than {MOST_LAYERS:,} layers after expansion", span, "is a 'repeat' larger than intended?"
            )
        self.letters(name, span)
        self.work(inputs, span)

    def letters(self, name: str, span: Span) -> None:
        """Count the length of a name."""
        self._names += 1
        self._letters += len(name)
        if self._letters > MOST_LETTERS:
            raise _limit_fault(
                f"the names of all layers have more than {MOST_LETTERS:,} characters in total", span, "shorten them"
            )

    def turns(self, count: int, span: Span) -> None:
        """Check the number of iterations of a repeat."""
        if count > MOST_LAYERS:
            raise _limit_fault(
                f"repeat: more than {MOST_LAYERS:,} iterations",
                span,
                f"a network may have at most {MOST_LAYERS:,} layers",
            )

    def work(self, amount: int, span: Span) -> None:
        """Count edges or comparisons."""
        self._work += amount
        if self._work > MOST_EDGES:
            raise _limit_fault(f"more than {MOST_EDGES:,} connections between layers", span)

    def effort(self, amount: int, span: Span) -> None:
        """Count the list elements that an expression may process."""
        self._effort += amount
        if self._effort > MOST_ELEMENTS:
            raise _limit_fault("too much computation on long lists", span, "shorten the lists, or use fewer repeats")

    def enter(self, name: str, span: Span) -> None:
        """Enter a block or group."""
        if len(self._inside) >= DEEPEST_BLOCKS:
            raise _limit_fault(*_nesting_fault(self._inside, name, span))
        self._inside.append(name)
        if len(self._inside) > self._deepest:
            self._deepest = len(self._inside)

    def leave(self) -> None:
        """Leave it."""
        self._inside.pop()

    def begin(self) -> Spent:
        """What is spent so far; `end` takes it and returns what was spent since."""
        deepest, self._deepest = self._deepest, len(self._inside)
        return Spent(self._visits, self._work, self._effort, self._names, self._letters, deepest)

    def end(self, before: Spent) -> Spent:
        """What was spent since `begin`."""
        depth = self._deepest - len(self._inside)
        self._deepest = max(self._deepest, before.depth)
        return Spent(
            self._visits - before.visits,
            self._work - before.work,
            self._effort - before.effort,
            self._names - before.names,
            self._letters - before.letters,
            depth,
        )

    def spend(self, spent: Spent, nodes: int, longer: int) -> bool:
        """Spend the same again, with names that are so much longer; False, and nothing is spent, if a limit would be
        exceeded. `nodes` is how many there would be.
        """
        visits, work, effort = self._visits + spent.visits, self._work + spent.work, self._effort + spent.effort
        letters = self._letters + spent.letters + longer * spent.names
        deepest = len(self._inside) + spent.depth
        if (
            visits > MOST_ITEMS
            or work > MOST_EDGES
            or effort > MOST_ELEMENTS
            or letters > MOST_LETTERS
            or nodes > MOST_LAYERS
            or deepest > DEEPEST_BLOCKS
        ):
            return False
        self._visits, self._work, self._effort, self._letters = visits, work, effort, letters
        self._names += spent.names
        self._deepest = max(self._deepest, deepest)
        return True


def _limit_fault(message: str, span: Span, hint: str | None = None) -> SpecError:
    return SpecError([Fault(message, span, hint)])


def _nesting_fault(inside: list[str], name: str, span: Span) -> tuple[str, Span, str | None]:
    """The fault of nesting beyond the limit, naming the block that contains itself, if there is one."""
    before = [index for index, other in enumerate(inside) if other == name]
    if not name or not before:
        return f"blocks are nested more than {DEEPEST_BLOCKS} deep", span, None
    cycle = [block for block in inside[before[-1] :] if block]
    round_about = f": {' → '.join([*cycle, name])}" if len(cycle) > 1 else ""
    message = f"block {name} contains itself{round_about}, more than {DEEPEST_BLOCKS} deep"
    return message, span, "use 'repeat', or end the recursion with 'when'"
