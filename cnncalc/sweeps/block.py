"""Stores points of one architecture as columns; processing column by column takes a few µs per point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import compress, repeat
from typing import TypeAlias

from cnncalc.records import NamedTuple
from cnncalc.sweeps.values import Value

Tensors: TypeAlias = tuple[int, ...] | Mapping[str, tuple[int, ...]]  # one shape, or name → shape for several
Figure: TypeAlias = int | bool | Fraction | None
Row: TypeAlias = tuple[object, ...]


class Block(NamedTuple):
    """Points of one architecture: their common values, and a column for each value in which they differ.

    Figures and outputs are None for an invalid point, with the reason in `errors`; a figure is also None if unknown.
    """

    network: str
    settings: tuple[Value, ...]
    inputs: Sequence[Tensors | None]
    figures: tuple[Sequence[Figure], ...]
    outputs: Sequence[Tensors | None]
    errors: Sequence[str | None]

    @property
    def points(self) -> int:
        """The number of points."""
        return len(self.errors)

    @property
    def invalid(self) -> int:
        """The number of invalid points."""
        return len(self.errors) - self.errors.count(None)

    def columns(self) -> list[Iterable[object]]:
        """The columns in the order of `Grid.names`."""
        same = (repeat(value, self.points) for value in (self.network, *self.settings))
        return [*same, self.inputs, *self.figures, self.outputs, self.errors]

    def rows(self) -> Iterator[Row]:
        """The points, one by one."""
        return zip(*self.columns(), strict=True)

    def select(self, wanted: Sequence[bool]) -> Block:
        """The points for which `wanted` is true."""
        return self._replace(
            inputs=tuple(compress(self.inputs, wanted)),
            figures=tuple(tuple(compress(figure, wanted)) for figure in self.figures),
            outputs=tuple(compress(self.outputs, wanted)),
            errors=tuple(compress(self.errors, wanted)),
        )
