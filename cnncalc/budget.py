"""The work that a command may spend on one spec, in steps of about a microsecond.

Everything whose cost an input decides draws on it: expansions, rules, closed forms, suggestions, positions. What one
operation alone may cost is limited where it is done (docs/limits.md); the budget limits their sum. In
Python nothing is counted unless `grant` is called.
"""

from __future__ import annotations

from cnncalc.limits import STEPS

SHARE = 0.1  # of a budget, for what only makes a message better
OPTION = "--budget"


class BudgetError(Exception):
    """The budget is spent. No `CnncalcError`: whoever goes on after a fault of one part may not go on after this."""


class _Account:
    """Steps granted, and steps spent on each purpose."""

    __slots__ = ("granted", "spent", "total")

    def __init__(self, granted: int) -> None:
        self.granted = granted
        self.spent: dict[str, int] = {}
        self.total = 0

    def draw(self, steps: int, purpose: str) -> None:
        self.total += steps
        self.spent[purpose] = self.spent.get(purpose, 0) + steps


_account: _Account | None = None


def grant(steps: int | None = None) -> None:
    """Begin anew: grant so many steps, by default as many as were granted before, or `STEPS`."""
    global _account
    _account = _Account(steps or (_account.granted if _account else STEPS))


def renew() -> None:
    """Begin anew with as many steps as before, if steps are counted: every spec has the whole budget."""
    if _account is not None:
        grant()


def granted() -> int | None:
    """Return how many steps are granted; None if nothing is counted. Worker processes are granted the same."""
    return _account.granted if _account else None


def end() -> None:
    """Count nothing from now on."""
    global _account
    _account = None


def spend(steps: int, purpose: str) -> None:
    """Draw steps for a purpose, which the message names: "expanding layers".

    Raises:
        BudgetError: the budget is spent.
    """
    account = _account
    if account is None:
        return
    account.draw(steps, purpose)
    if account.total > account.granted:
        most = max(account.spent, key=account.spent.__getitem__)
        part = round(100 * account.spent[most] / account.total)
        raise BudgetError(
            f"the budget of {account.granted:,} steps is spent, {part}% of it on {most}: "
            f"{OPTION} {_format_steps(10 * account.granted)} allows more"
        )


def can_afford(steps: int, purpose: str) -> bool:
    """Draw steps for what may be left out, such as a suggestion; False if a tenth of the budget is spent on it."""
    account = _account
    if account is None:
        return steps <= STEPS * SHARE
    if account.spent.get(purpose, 0) + steps > account.granted * SHARE or account.total + steps > account.granted:
        return False
    account.draw(steps, purpose)
    return True


def _format_steps(steps: int) -> str:
    return f"{steps // 1_000_000}M" if steps % 1_000_000 == 0 else str(steps)
