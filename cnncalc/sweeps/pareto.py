"""The points than which no other is better in everything: kept as they come, the others forgotten.

Smaller is better. A point is beaten by one that is nowhere larger and somewhere smaller (Pareto); equal ones all stay.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, TypeAlias

from cnncalc.errors import UsageError
from cnncalc.sweeps.block import Row

Key: TypeAlias = tuple[Any, ...]
MOST_KEPT = 100_000


class Front:
    """Points in the order of their keys; of two keys a staircase, along which neighbours alone need comparing."""

    def __init__(self, size: int) -> None:
        self._flat = size <= 2
        self._keys: list[Key] = []
        self._rows: dict[Key, list[Row]] = {}
        self._kept = 0

    def add(self, key: Key, row: Row) -> None:
        """One more point.

        Raises:
            UsageError: the front has more points than can be kept.
        """
        same = self._rows.get(key)
        if same is None:
            same = self._entered(key)
        if same is not None:
            same.append(row)
            self._kept += 1
            if self._kept > MOST_KEPT:
                raise UsageError(
                    f"more than {MOST_KEPT:,} points are Pareto-optimal: add an objective or a condition (--where)"
                )

    def rows(self) -> list[Row]:
        """The best points, by the first objective."""
        return [row for key in self._keys for row in self._rows[key]]

    def _entered(self, key: Key) -> list[Row] | None:
        """The place of a new key, and those that it beats out of it; None where it is beaten."""
        place = bisect_left(self._keys, key)
        before = self._keys[max(0, place - 1) : place] if self._flat else self._keys[:place]
        if any(_beats(other, key) for other in before):
            return None
        beaten = self._beaten(key, place)
        for other in beaten:
            self._kept -= len(self._rows.pop(other))
        if self._flat:
            self._keys[place : place + len(beaten)] = [key]
        else:
            self._keys[place:] = [key, *(other for other in self._keys[place:] if other in self._rows)]
        return self._rows.setdefault(key, [])

    def _beaten(self, key: Key, place: int) -> Sequence[Key]:
        if not self._flat:
            return [other for other in self._keys[place:] if _beats(key, other)]
        end = place
        while end < len(self._keys) and _beats(key, self._keys[end]):
            end += 1
        return self._keys[place:end]


def _beats(one: Key, other: Key) -> bool:
    """Whether one is nowhere larger; the keys differ."""
    return all(mine <= its for mine, its in zip(one, other, strict=True))
