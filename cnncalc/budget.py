"""The work that a command may spend on one spec, in steps of about a microsecond, and the memory that goes with it.

Everything whose cost an input decides draws on it: expansions, rules, closed forms, suggestions, positions. What one
operation alone may cost is limited where it is done (docs/limits.md); the budget limits their sum. Memory is looked at
now and then: `MEMORY`, or more with a larger budget. In Python nothing is counted unless `grant` is called.
"""

from __future__ import annotations

import _thread
import sys
from pathlib import Path

from cnncalc.limits import MEMORY, STEPS

BETWEEN_LOOKS = 100_000  # steps after which memory is looked at again
PAGE = 4096  # bytes
SHARE = 0.1  # of a budget, for what only makes a message better
OPTION = "--budget"


class BudgetError(Exception):
    """The budget is spent. No `CnncalcError`: whoever goes on after a fault of one part may not go on after this."""


class _Account:
    """Steps granted, and steps spent on each purpose."""

    __slots__ = ("begun", "granted", "looked", "spent", "total")

    def __init__(self, granted: int) -> None:
        self.granted = granted
        self.spent: dict[str, int] = {}
        self.total = self.looked = 0
        self.begun = 0  # bytes in use at the first look

    def draw(self, steps: int, purpose: str) -> None:
        self.total += steps
        self.spent[purpose] = self.spent.get(purpose, 0) + steps
        if self.total > self.granted:
            self.refuse(f"the budget of {self.granted:,} steps is spent")
        if self.total >= self.looked + BETWEEN_LOOKS:
            self.looked = self.total
            self.look()

    def look(self) -> None:
        """Reject work that has taken too much memory since the first look; what PyTorch holds is not counted."""
        if "torch" in sys.modules:
            return
        held, allowed = resident_bytes(), MEMORY * max(1, self.granted // STEPS)
        self.begun = self.begun or held
        if held - self.begun > allowed:
            self.refuse(f"more than {allowed >> 20:,} MiB of memory are in use")

    def refuse(self, why: str) -> None:
        """Raise the error that says what the budget was spent on."""
        most = max(self.spent, key=self.spent.__getitem__)
        part = round(100 * self.spent[most] / self.total)
        more = _format_steps(10 * self.granted)
        raise BudgetError(f"{why}, {part}% of the work was {most}: {OPTION} {more} allows more")


class _Current(_thread._local):
    """The account of each thread: the threads of a sweep work on different points."""

    account: _Account | None = None


_current = _Current()


def grant(steps: int | None = None) -> None:
    """Begin anew in this thread: grant so many steps, by default as many as were granted before, or `STEPS`."""
    _current.account = _Account(steps or granted() or STEPS)


def renew() -> None:
    """Begin anew with as many steps as before, if steps are counted: every spec has the whole budget."""
    if _current.account is not None:
        grant()


def granted() -> int | None:
    """Return how many steps are granted; None if nothing is counted. Workers are granted the same."""
    return _current.account.granted if _current.account else None


def end() -> None:
    """Count nothing from now on."""
    _current.account = None


def spend(steps: int, purpose: str) -> None:
    """Draw steps for a purpose, which the message names: "expanding layers".

    Raises:
        BudgetError: the budget is spent.
    """
    account = _current.account
    if account is not None:
        account.draw(steps, purpose)


def can_afford(steps: int, purpose: str) -> bool:
    """Draw steps for what may be left out, such as a suggestion; False if a tenth of the budget is spent on it."""
    account = _current.account
    if account is None:
        return steps <= STEPS * SHARE
    if account.spent.get(purpose, 0) + steps > account.granted * SHARE or account.total + steps > account.granted:
        return False
    account.draw(steps, purpose)
    return True


def resident_bytes() -> int:
    """Return the memory that this process holds; 0 where the system does not say it in /proc."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _format_steps(steps: int) -> str:
    return f"{steps // 1_000_000}M" if steps % 1_000_000 == 0 else str(steps)
