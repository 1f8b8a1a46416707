"""Keeps the Pareto front of a stream of points, and forgets all others.

Smaller is better. A point is dominated by one that is nowhere larger and somewhere smaller; equal points are all kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, TypeAlias

from cnncalc.errors import UsageError
from cnncalc.limits import MOST_KEPT
from cnncalc.sweeps.block import Row

Key: TypeAlias = tuple[Any, ...]


class Front:
    """The front, sorted by key; with two objectives it is a staircase, so that only neighbours need comparing."""

    def __init__(self, size: int) -> None:
        self._flat = size <= 2
        self._keys: list[Key] = []
        self._rows: dict[Key, list[Row]] = {}
        self._kept = 0

    def add(self, key: Key, row: Row) -> None:
        """Add a point.

        Raises:
            UsageError: the front has too many points.
        """
        rows = self._rows.get(key)
        if rows is None:
            rows = self._insert(key)
        if rows is not None:
            rows.append(row)
            self._kept += 1
            if self._kept > MOST_KEPT:
                raise UsageError(
                    f"more than {MOST_KEPT:,} points are Pareto-optimal: add an objective or a condition (--where)"
                )

    def rows(self) -> list[Row]:
        """The best points, by the first objective."""
        return [row for key in self._keys for row in self._rows[key]]

    def _insert(self, key: Key) -> list[Row] | None:
        """Insert a new key, remove those that it dominates, and return its list of rows; None if it is dominated."""
        place = bisect_left(self._keys, key)
        before = self._keys[max(0, place - 1) : place] if self._flat else self._keys[:place]
        if any(_dominates(other, key) for other in before):
            return None
        dominated = self._dominated_by(key, place)
        for other in dominated:
            self._kept -= len(self._rows.pop(other))
        if self._flat:
            self._keys[place : place + len(dominated)] = [key]
        else:
            self._keys[place:] = [key, *(other for other in self._keys[place:] if other in self._rows)]
        return self._rows.setdefault(key, [])

    def _dominated_by(self, key: Key, place: int) -> Sequence[Key]:
        if not self._flat:
            return [other for other in self._keys[place:] if _dominates(key, other)]
        end = place
        while end < len(self._keys) and _dominates(key, self._keys[end]):
            end += 1
        return self._keys[place:end]


def _dominates(one: Key, other: Key) -> bool:
    """Whether one key dominates another, different one."""
    return all(mine <= its for mine, its in zip(one, other, strict=True))
