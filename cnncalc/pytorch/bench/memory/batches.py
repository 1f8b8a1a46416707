"""Find the largest batch that fits by doubling, then by bisection, within a memory budget that no trial may exceed.

A GPU raises an exception when memory runs out. On the CPU the system would kill the process, so a batch is tried only
if the memory that it should take, extrapolated from smaller batches, is available. The batch that our memory model
predicts is tried early, once smaller batches show that it is safe and fast enough.

Memory is not the only limit: a library may refuse a batch for reasons of its own, which also ends the range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

LARGEST = 1 << 20
MEMORY = "memory"  # the limit of a search that ran out of memory
PATIENCE = 10.0  # seconds of one call above which larger batches are not tried
FINE = 64  # the result is exact up to this batch, and above it within 1/FINE of itself


class Trial(NamedTuple):
    """What one batch took: peak bytes (None if unknown), seconds of a call, and seconds of the first call."""

    bytes: int | None
    seconds: float
    first: float = 0.0

    @property
    def slowest(self) -> float:
        """Seconds of the slower of the two: the first call may search for algorithms, and that takes time too."""
        return max(self.seconds, self.first)


class Refused(NamedTuple):
    """A batch that a library refused for a reason other than memory; the device still works."""

    reason: str


Try = Callable[[int], "Trial | Refused | None"]
"""Runs a batch once and releases everything; returns None if the device ran out of memory."""


class Cap(NamedTuple):
    """The largest batch that may be tried, known in advance, and the reason."""

    batch: int
    reason: str


class Found(NamedTuple):
    """The largest batch that ran (0 if none did), and what limits it."""

    batch: int
    limit: str


def largest_batch(
    attempt: Try, budget: int | None, foretold: int | None = None, cap: Cap | None = None, least: int = 1
) -> Found:
    """The largest batch that fits according to `attempt`.

    Args:
        attempt: runs a batch.
        budget: bytes that no trial may exceed; None for no limit.
        foretold: the batch that a memory model predicts.
        cap: the largest batch that may be tried.
        least: the smallest batch that can run at all.
    """
    search = _Search(attempt, budget, cap or Cap(LARGEST, f"the search goes to {LARGEST:,}"), least)
    search.trial(least)
    if search.may_grow():
        search.trial(min(2 * least, search.cap.batch))  # two trials separate the fixed part from what each image adds
    if foretold is not None and search.quick(min(foretold, search.cap.batch)):
        search.trial(min(foretold, search.cap.batch))
    while search.may_grow():
        search.trial(min(search.low * 2, search.cap.batch))
    while search.high is not None and search.high - search.low > max(1, search.low // FINE):
        search.trial((search.low + search.high) // 2)
    return Found(search.low if search.low >= least else 0, search.limit)


class _Search:
    """The range of a search: `low` fits, `high` does not (None until some batch fails)."""

    def __init__(self, attempt: Try, budget: int | None, cap: Cap, least: int) -> None:
        self.low = least - 1
        self.high: int | None = None
        self.limit = MEMORY
        self.cap = cap
        self._attempt = attempt
        self._budget = budget
        self._seconds = 0.0
        self._taken: dict[int, int] = {}

    def quick(self, batch: int) -> bool:
        """Whether a larger batch is worth a trial and should take less than `PATIENCE`."""
        return self.may_grow() and batch > self.low and self._seconds * batch / self.low < PATIENCE

    def may_grow(self) -> bool:
        """Whether a larger batch is still worth a trial; sets `limit` if the cap is reached."""
        if self.high is not None or self.limit != MEMORY:
            return False
        if self.low >= self.cap.batch:
            self.limit = self.cap.reason
            return False
        return True

    def trial(self, batch: int) -> None:
        """Try a batch, and move one end of the range."""
        trial = self._attempt(batch) if self._is_affordable(batch) else None
        if not isinstance(trial, Trial):
            self.high = batch
            self.limit = MEMORY if trial is None else f"batch {batch:,} was refused: {trial.reason}"
            return
        self.low, self._seconds = batch, trial.slowest
        if trial.bytes is not None:
            self._taken[batch] = trial.bytes
        if trial.slowest > PATIENCE:
            self.limit = f"a call takes {trial.slowest:.0f} s"
            self.high = None

    def _is_affordable(self, batch: int) -> bool:
        expected = self._expect_bytes(batch)
        return expected is None or self._budget is None or expected <= self._budget

    def _expect_bytes(self, batch: int) -> int | None:
        """Bytes on the line through the two largest trials; proportional to the batch after a single trial."""
        known = sorted(self._taken.items())
        if not known:
            return None
        largest, taken = known[-1]
        if len(known) == 1:
            return taken * batch // largest
        smaller, less = known[-2]
        return taken + max(0, taken - less) * (batch - largest) // (largest - smaller)
