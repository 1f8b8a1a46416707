"""A sweep as a whole: the grid, what of it is kept, and the points one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncalc.sweeps.block import Block, Row
from cnncalc.sweeps.grid import SHOWN, NetworkText, read_grid
from cnncalc.sweeps.run import blocks
from cnncalc.sweeps.selection import Selection
from cnncalc.sweeps.where import Where, objectives


class Sweep:
    """The points of a grid; going through it computes them block by block, in their order, and keeps none.

    Each point is a mapping of `names` to values: the network, its parameters (exact: 1/2 is a `Fraction`), the input's
    shape, the figures (None where one is unknown), the output's shape, and the error of a point that is no network. Of
    a Pareto front the best points come at the end.

    Attributes:
        names: what a point has, in its order.
        selection: how many points were `seen`, were `invalid` (`reason` says why the first was) or `unknown` so far.
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
    ) -> None:
        """Settings and inputs are texts of the command line: `width=0.5:2:0.25`, `3x{160,192}`.

        Raises:
            UsageError: a text that does not read; more points than can be gone through.
            SpecError: a spec has faults.
        """
        self._condition = Where(where, "--where") if where is not None else None
        self._objectives = objectives(pareto) if pareto is not None else []
        judged = [name for each in (self._condition, *self._objectives) if each for name in each.figures]
        self.grid = read_grid(networks, settings, inputs, tuple(dict.fromkeys((*figures, *judged))))
        self.names = self.grid.names
        self.selection = self._fresh()
        self._jobs, self._backend = jobs, backend

    @property
    def points(self) -> int:
        """How many points the grid has, before any choice among them."""
        return self.grid.points

    @property
    def has_front(self) -> bool:
        """Whether only the best points are kept."""
        return bool(self._objectives)

    def blocks(self) -> Iterator[Block]:
        """What is kept, in blocks; of a front none, which `selection.front()` has in the end."""
        self.selection = self._fresh()
        for block in blocks(self.grid, self._jobs, self._backend):
            yield self.selection.kept(block)

    def rows(self) -> Iterator[Row]:
        """What is kept, point by point, in the order of `names`."""
        for block in self.blocks():
            yield from block.rows()
        yield from self.selection.front()

    def __iter__(self) -> Iterator[dict[str, object]]:
        return (dict(zip(self.names, row, strict=True)) for row in self.rows())

    def _fresh(self) -> Selection:
        return Selection(self.grid.names, self._condition, self._objectives)
