"""The largest batch that fits: by doubling, then by bisection, under a guard that no trial is let past.

Where running out of memory is an exception, it is one; on the processor the system would end the process, so a batch is
tried only where the memory that it will take, drawn on from what smaller ones took, is there. A batch that our model of
memory foretells is tried early, as soon as smaller ones say that it is as safe and as quick as any other.

Memory is not the only end: a library may refuse a batch for reasons of its own, which end the range as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

LARGEST = 1 << 20
MEMORY = "memory"  # the limit of a search that found it
PATIENCE = 10.0  # seconds of one call beyond which larger batches are not tried
FINE = 64  # the answer is exact up to this batch, and within so small a part of itself beyond


class Trial(NamedTuple):
    """What one batch took: bytes at its peak (None where nothing tells), seconds of a call, and of the first call."""

    bytes: int | None
    seconds: float
    first: float = 0.0

    @property
    def slowest(self) -> float:
        """Seconds: the first call may search for algorithms, and is waited for just as well."""
        return max(self.seconds, self.first)


class Refused(NamedTuple):
    """A batch that a library refused, for another reason than memory; the device still works."""

    reason: str


Try = Callable[[int], "Trial | Refused | None"]
"""Run a batch once and give everything back; None where the device had no room."""


class Cap(NamedTuple):
    """A batch that no trial may pass, known beforehand, and why."""

    batch: int
    reason: str


class Found(NamedTuple):
    """The largest batch that ran (0: not even one), and what forbids a larger one."""

    batch: int
    limit: str


def largest_batch(
    attempt: Try, budget: int | None, foretold: int | None = None, cap: Cap | None = None, least: int = 1
) -> Found:
    """The largest batch of which `attempt` says that it fits.

    Args:
        attempt: runs a batch.
        budget: bytes below which all trials are to stay.
        foretold: a batch that a model of memory names.
        cap: a batch that is not to be passed.
        least: the smallest batch that can run at all.
    """
    search = _Search(attempt, budget, cap or Cap(LARGEST, f"the search goes to {LARGEST:,}"), least)
    search.trial(least)
    if search.may_grow():
        search.trial(min(2 * least, search.cap.batch))  # two tell what is fixed and what each image adds
    if foretold is not None and search.quick(min(foretold, search.cap.batch)):
        search.trial(min(foretold, search.cap.batch))
    while search.may_grow():
        search.trial(min(search.low * 2, search.cap.batch))
    while search.high is not None and search.high - search.low > max(1, search.low // FINE):
        search.trial((search.low + search.high) // 2)
    return Found(search.low if search.low >= least else 0, search.limit)


class _Search:
    """`low` fits, `high` does not (None while none is known not to)."""

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
        """Whether a larger batch is worth a trial, and should end before patience does."""
        return self.may_grow() and batch > self.low and self._seconds * batch / self.low < PATIENCE

    def may_grow(self) -> bool:
        """Whether a larger batch is still worth a trial."""
        if self.high is not None or self.limit != MEMORY:
            return False
        if self.low >= self.cap.batch:
            self.limit = self.cap.reason
            return False
        return True

    def trial(self, batch: int) -> None:
        """Try a batch, and move one end of the range."""
        trial = self._attempt(batch) if self._affordable(batch) else None
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
