"""Points of one architecture as columns: what is computed, chosen and written column by column is a few µs a point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, repeat
from typing import TypeAlias

from cnncalc.records import NamedTuple
from cnncalc.sweeps.values import Value

Tensors: TypeAlias = tuple[int, ...] | Mapping[str, tuple[int, ...]]  # one shape; several with their names
Row: TypeAlias = tuple[object, ...]


class Block(NamedTuple):
    """Some points: what they have in common, and a column of each thing in which they differ.

    Figures and output are None where a point is invalid, which `errors` then says; a figure also where it is unknown.
    """

    network: str
    settings: tuple[Value, ...]
    inputs: Sequence[Tensors | None]
    figures: tuple[Sequence[int | bool | None], ...]
    outputs: Sequence[Tensors | None]
    errors: Sequence[str | None]

    @property
    def points(self) -> int:
        """How many points."""
        return len(self.errors)

    @property
    def invalid(self) -> int:
        """How many of them are no network."""
        return len(self.errors) - self.errors.count(None)

    def columns(self) -> list[Iterable[object]]:
        """The columns in the order of `Grid.names`."""
        same = (repeat(value, self.points) for value in (self.network, *self.settings))
        return [*same, self.inputs, *self.figures, self.outputs, self.errors]

    def rows(self) -> Iterator[Row]:
        """The points one by one."""
        return zip(*self.columns(), strict=True)

    def select(self, wanted: Sequence[bool]) -> Block:
        """The points that are wanted."""
        return self._replace(
            inputs=tuple(compress(self.inputs, wanted)),
            figures=tuple(tuple(compress(figure, wanted)) for figure in self.figures),
            outputs=tuple(compress(self.outputs, wanted)),
            errors=tuple(compress(self.errors, wanted)),
        )
