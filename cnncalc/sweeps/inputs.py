"""Parses the input sizes of a sweep: each axis that varies becomes a symbol with its values.

`3x{160,192,224}` is square if the spec's input has two spatial axes: the last size applies to all remaining axes. Axes
that vary together share a symbol, so that 3x160x160 and 3x192x192 are evaluated by one closed form in one symbol.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod

from cnncalc.errors import UsageError
from cnncalc.limits import MOST_AXES
from cnncalc.quantities.numerals import LARGEST_SIZE, natural
from cnncalc.quantities.shapes import is_symbol, pieces
from cnncalc.records import NamedTuple
from cnncalc.suggest import with_suggestion
from cnncalc.sweeps.values import read_values, split

LETTERS = {1: "L", 2: "HW", 3: "DHW"}  # names of the spatial axes, by their number
RANK_OF_ITEM = 3  # for an input without a spec: channels and two axes


class Dimension(NamedTuple):
    """Symbols with values that advance together."""

    symbols: tuple[str, ...]
    values: tuple[Sequence[int], ...]


class Inputs(NamedTuple):
    """Input shapes with symbols, and the values of the symbols; the last dimension varies fastest.

    `shapes` is None for the spec's own input.
    """

    shapes: Mapping[str, tuple[int | str, ...]] | None
    dimensions: tuple[Dimension, ...] = ()

    @property
    def points(self) -> int:
        """The number of points."""
        return prod(len(dimension.values[0]) for dimension in self.dimensions)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the symbols."""
        return tuple(name for dimension in self.dimensions for name in dimension.symbols)

    def columns(self, start: int, stop: int) -> dict[str, Sequence[int]]:
        """Symbol → its values at the points from `start` up to `stop`."""
        values_of: dict[str, Sequence[int]] = {}
        run = self.points
        for dimension in self.dimensions:
            length = len(dimension.values[0])
            run //= length
            places = [point // run % length for point in range(start, stop)] if length > 1 else [0] * (stop - start)
            for name, values in zip(dimension.symbols, dimension.values, strict=True):
                values_of[name] = values[start:stop] if length == self.points else [values[place] for place in places]
        return values_of

    def at(self, point: int) -> dict[str, tuple[int | str, ...]] | None:
        """The input shapes of one point; None for the spec's own input."""
        if self.shapes is None:
            return None
        values = {name: column[0] for name, column in self.columns(point, point + 1).items()}
        return {
            name: tuple(values[size] if isinstance(size, str) else size for size in shape)
            for name, shape in self.shapes.items()
        }


def is_shape(text: str) -> bool:
    """Whether an argument is a shape, as when a shell expands 3x{160,192} to 3x160 3x192."""
    sizes = [natural(size) for size, _ in pieces(text)]
    return len(sizes) > 1 and all(sizes)


class Axis(NamedTuple):
    """The sizes along one axis; axes of the same group advance together."""

    values: Sequence[int]
    group: int


Axes = tuple[Axis, ...]


def read_inputs(texts: Sequence[str], ranks: Mapping[str, int]) -> list[Inputs]:
    """Parse `--input` texts; `ranks` maps each input of the spec to its number of axes.

    Raises:
        UsageError: sizes cannot be parsed, or a name is not that of an input.
    """
    if not texts:
        return [Inputs(None)]
    named: dict[str, list[Axes]] = {}
    for text in texts:
        name, equals, sizes = text.rpartition("=")
        name = name.strip() if equals else next(iter(ranks), "input")
        if ranks and name not in ranks:
            has = f"choose from {', '.join(ranks)}"
            raise UsageError(with_suggestion(f"--input {text}: no input named '{name}'", name, ranks, has))
        if not equals and len(ranks) > 1:
            raise UsageError(f"--input {text}: specify which of {', '.join(ranks)}: --input {name}={text}")
        named.setdefault(name, []).append(_read_axes(sizes, ranks.get(name, RANK_OF_ITEM), f"--input {text}"))
    choices = [[(name, axes) for axes in _merge(alternatives)] for name, alternatives in named.items()]
    return [_build_inputs(dict(choice)) for choice in product(*choices)]


def _read_axes(text: str, rank: int, where: str) -> Axes:
    text = text.strip("[]() ").replace("×", "x")
    text = text if "x" in text or "{" in text else text.replace(",", "x")  # 3,224,224 is 3x224x224 here too
    parts = list(split(text, "x", where))
    if len(parts) > MOST_AXES:
        raise UsageError(f"{where}: expected 1 to {MOST_AXES} sizes, channels first, as in 3x224x224")
    axes = [Axis(_read_sizes(part, where), place) for place, part in enumerate(parts)]
    return tuple(axes + axes[-1:] * (rank - len(axes) if len(axes) > 1 else 0))


def _read_sizes(text: str, where: str) -> Sequence[int]:
    if is_symbol(text.strip()):
        raise UsageError(f"{where}: a sweep needs numbers for {text.strip()}: 3x{{160,192,224}} or 3x{{32:512:32}}")
    values = read_values(text, where)
    for value in (values[0], values[-1]) if isinstance(values, range) else values:
        if not isinstance(value, int) or not 1 <= value <= LARGEST_SIZE:
            shown = text.strip() or "nothing"
            raise UsageError(f"{where}: expected whole sizes of at least 1, such as 3x{{160,192,224}}, got '{shown}'")
    return values  # type: ignore[return-value]  # a range's ends are whole, and so is all between


def _merge(alternatives: list[Axes]) -> list[Axes]:
    """Merge alternatives without ranges, as a shell expands braces, to one with axes that advance together."""
    single = all(len(axis.values) == 1 for axes in alternatives for axis in axes)
    if not single or len(set(map(len, alternatives))) > 1:
        return alternatives
    columns = [tuple(axis.values[0] for axis in along) for along in zip(*alternatives, strict=True)]
    return [tuple(Axis(column if len(set(column)) > 1 else column[:1], 0) for column in columns)]


def _build_inputs(chosen: Mapping[str, Axes]) -> Inputs:
    shapes: dict[str, tuple[int | str, ...]] = {}
    groups: dict[tuple[str, int], dict[Sequence[int], str]] = {}  # values → symbol
    for number, (name, axes) in enumerate(chosen.items(), 1):
        shape: list[int | str] = []
        for letter, axis in zip(_axis_names(len(axes), number), axes, strict=True):
            varies = len(axis.values) > 1
            group = groups.setdefault((name, axis.group), {}) if varies else {}
            shape.append(group.setdefault(axis.values, letter) if varies else axis.values[0])
        shapes[name] = tuple(shape)
    return Inputs(shapes, tuple(Dimension(tuple(group.values()), tuple(group)) for group in groups.values()))


def _axis_names(rank: int, number: int) -> Iterable[str]:
    """Names for the axes: C, H, W; for a second input C2, H2, W2."""
    spatial = LETTERS.get(rank - 1, "ABDEFGH"[: rank - 1])
    return [f"{letter}{number if number > 1 else ''}" for letter in f"C{spatial}"]
