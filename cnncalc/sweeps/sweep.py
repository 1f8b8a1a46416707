"""Runs a sweep: the grid, the selection, and the points one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncalc.sweeps.block import Block, Row
from cnncalc.sweeps.grid import SHOWN, NetworkText, read_grid
from cnncalc.sweeps.run import blocks
from cnncalc.sweeps.selection import Selection
from cnncalc.sweeps.timing import TIME, Timing, require_fit
from cnncalc.sweeps.where import Where, objectives


class Sweep:
    """The points of a grid; iteration computes them block by block, in order, without storing them.

    Each point maps `names` to values: the network, its parameters (exact: 1/2 is a `Fraction`), the input's shape, the
    figures (None if unknown), the output's shape, and the error of an invalid point. The points of a Pareto front come
    at the end.

    Attributes:
        names: the keys of a point, in order.
        selection: how many points so far were `seen`, `invalid` (`reason` is that of the first) or `unknown`.
    """

    def __init__(
        self,
        networks: Sequence[NetworkText],
        settings: Sequence[str] = (),
        inputs: Sequence[str] = (),
        figures: Sequence[str] = SHOWN,
        where: str | None = None,
        pareto: str | None = None,
        jobs: int | None = None,
        backend: str | None = None,
        timing: Timing | None = None,
    ) -> None:
        """Settings and inputs are texts as on the command line: `width=0.5:2:0.25`, `3x{160,192}`.

        With `timing`, `time` is a figure: predicted seconds.

        Raises:
            UsageError: a text cannot be parsed, or there are too many points.
            SpecError: a spec has faults.
        """
        self._condition = Where(where, "--where") if where is not None else None
        self._objectives = objectives(pareto) if pareto is not None else []
        needed = [name for each in (self._condition, *self._objectives) if each for name in each.figures]
        if timing is not None:
            require_fit(timing.device)
            needed.append(TIME)
        self.grid = read_grid(networks, settings, inputs, tuple(dict.fromkeys((*figures, *needed))), timing)
        self.names = self.grid.names
        self.selection = self._new_selection()
        self._jobs, self._backend = jobs, backend

    @property
    def points(self) -> int:
        """The number of points of the grid, before selection."""
        return self.grid.points

    @property
    def has_front(self) -> bool:
        """Whether only the points of the Pareto front are kept."""
        return bool(self._objectives)

    def blocks(self) -> Iterator[Block]:
        """Yield the kept points in blocks; those of a Pareto front are in `selection.front()` at the end."""
        self.selection = self._new_selection()
        for block in blocks(self.grid, self._jobs, self._backend):
            yield self.selection.kept(block)

    def rows(self) -> Iterator[Row]:
        """Yield the kept points one by one, with values in the order of `names`."""
        for block in self.blocks():
            yield from block.rows()
        yield from self.selection.front()

    def __iter__(self) -> Iterator[dict[str, object]]:
        return (dict(zip(self.names, row, strict=True)) for row in self.rows())

    def _new_selection(self) -> Selection:
        return Selection(self.grid.names, self._condition, self._objectives)
