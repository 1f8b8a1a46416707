"""The largest batch that fits: by doubling, then by bisection, under a guard that no trial is let past.

Where running out of memory is an exception, it is one; on the processor the system would end the process, so a batch is
tried only where the memory that it will take, drawn on from what smaller ones took, is there. A batch that our model of
memory foretells is tried early, as soon as smaller ones say that it is as safe and as quick as any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

LARGEST = 1 << 20
MEMORY = "memory"  # the limit of a search that found it
PATIENCE = 10.0  # seconds of one call beyond which larger batches are not tried
FINE = 64  # the answer is exact up to this batch, and within so small a part of itself beyond


class Trial(NamedTuple):
    """What one batch took: bytes at its peak (None where nothing tells), seconds of a call."""

    bytes: int | None
    seconds: float


Try = Callable[[int], "Trial | None"]
"""Run a batch once and give everything back; None where the device had no room."""


class Found(NamedTuple):
    """The largest batch that ran (0: not even one), and what forbids a larger one."""

    batch: int
    limit: str


def largest_batch(attempt: Try, budget: int | None, foretold: int | None = None) -> Found:
    """The largest batch of which `attempt` says that it fits, and whose bytes should stay below the budget."""
    search = _Search(attempt, budget)
    search.trial(1)
    if search.may_grow():
        search.trial(2)  # two tell what is fixed and what each image adds
    if foretold is not None and search.quick(foretold):
        search.trial(min(foretold, LARGEST))
    while search.may_grow():
        search.trial(search.low * 2)
    while search.high is not None and search.high - search.low > max(1, search.low // FINE):
        search.trial((search.low + search.high) // 2)
    return Found(search.low, search.limit)


class _Search:
    """`low` fits, `high` does not (None while none is known not to)."""

    def __init__(self, attempt: Try, budget: int | None) -> None:
        self.low = 0
        self.high: int | None = None
        self.limit = MEMORY
        self._attempt = attempt
        self._budget = budget
        self._seconds = 0.0
        self._taken: dict[int, int] = {}

    def quick(self, batch: int) -> bool:
        """Whether a larger batch is worth a trial, and should end before patience does."""
        return self.may_grow() and batch > self.low and self._seconds * batch / self.low < PATIENCE

    def may_grow(self) -> bool:
        """Whether twice the batch is still worth a trial."""
        if self.high is not None or self.limit != MEMORY:
            return False
        if self.low * 2 > LARGEST:
            self.limit = f"the search goes to {LARGEST:,}"
            return False
        return True

    def trial(self, batch: int) -> None:
        """Try a batch, and move one end of the range."""
        found = self._attempt(batch) if self._affordable(batch) else None
        if found is None:
            self.high = batch
            return
        self.low, self._seconds = batch, found.seconds
        if found.bytes is not None:
            self._taken[batch] = found.bytes
        if found.seconds > PATIENCE:
            self.limit = f"a call takes {found.seconds:.0f} s"
            self.high = None

    def _affordable(self, batch: int) -> bool:
        expected = self._expected(batch)
        return expected is None or self._budget is None or expected <= self._budget

    def _expected(self, batch: int) -> int | None:
        """Bytes on the line through the two largest batches tried; in proportion to a single one."""
        known = sorted(self._taken.items())
        if not known:
            return None
        largest, taken = known[-1]
        if len(known) == 1:
            return taken * batch // largest
        smaller, less = known[-2]
        return taken + max(0, taken - less) * (batch - largest) // (largest - smaller)
