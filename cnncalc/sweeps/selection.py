"""Selects the points of a sweep to keep, and counts those that are invalid or cannot be judged."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.sweeps.block import Block, Row
from cnncalc.sweeps.pareto import Front
from cnncalc.sweeps.where import Objective, Where


class Selection:
    """Filters block after block, and counts the points."""

    def __init__(self, names: Sequence[str], where: Where | None = None, objectives: Sequence[Objective] = ()) -> None:
        self.seen = self.invalid = self.unknown = 0
        self.reason: str | None = None  # why the first invalid point is invalid
        self._where = where
        self._objectives = objectives
        self._front = Front(len(objectives))
        for expression in (*([where] if where else ()), *objectives):
            expression.bind(names)

    def kept(self, block: Block) -> Block:
        """Return the points of a block to keep; none with objectives, as the front is complete only at the end."""
        self.seen += block.points
        invalid = block.invalid
        if invalid:
            self.invalid += invalid
            self.reason = self.reason or next(error for error in block.errors if error is not None)
        if self._where is None and not self._objectives:
            return block
        block = block.select([error is None for error in block.errors]) if invalid else block
        if self._where is not None:
            verdicts = [self._where.holds(row) for row in block.rows()]
            self.unknown += verdicts.count(None)
            block = block.select([verdict is True for verdict in verdicts])
        if not self._objectives:
            return block
        for row in block.rows():
            self._judge(row)
        return block.select([False] * block.points)

    def front(self) -> list[Row]:
        """The best points seen so far, sorted by the first objective."""
        return self._front.rows()

    def _judge(self, row: Row) -> None:
        key = tuple(objective.key(row) for objective in self._objectives)
        if None in key:
            self.unknown += 1
        else:
            self._front.add(key, row)
