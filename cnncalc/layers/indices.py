"""Fields that refer to something: an index, a dimension, a table of channels."""

from __future__ import annotations

from cnncalc.errors import LayerError
from cnncalc.layers.fields import TEXT, Field, Schema, Whole, integer_schema, list_schema
from cnncalc.layers.values import format_value, plain, whole
from cnncalc.symbolic import Size


class Offset(Field):
    """An integer; a negative one counts from the end."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> Size:
        """The number; negative counts from the end."""
        return whole(value)

    def schema(self) -> Schema:
        """An integer, or text for an expression."""
        return {"anyOf": [integer_schema(None), TEXT]}


class Dimension(Field):
    """A dimension, as PyTorch counts: 0 is the batch, 1 the channels, −1 the last axis."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> int:
        """The number; symbols are not allowed."""
        return plain(value)

    def schema(self) -> Schema:
        """An integer, or text for an expression."""
        return {"anyOf": [integer_schema(None), TEXT]}


class Dimensions(Field):
    """A dimension, or a list of dimensions, as PyTorch counts: 0 is the batch, 1 the channels, −1 the last axis."""

    __slots__ = ("also",)

    def __init__(self, doc: str, also: tuple[str, ...] = ()) -> None:
        self.doc = doc
        self.also = also

    def convert(self, value: object, rank: int | None) -> tuple[int, ...] | str:
        """The numbers (a single one stands for a list), or the word."""
        if isinstance(value, str) and value in self.also:
            return value
        entries = value if isinstance(value, list) else [value]
        return tuple(plain(entry) for entry in entries)

    def schema(self) -> Schema:
        """An integer, a list of them, a word, or text for an expression."""
        words = [{"enum": list(self.also)}] if self.also else []
        return {"anyOf": [*words, integer_schema(None), TEXT, list_schema({"anyOf": [integer_schema(None), TEXT]})]}

    @property
    def words(self) -> frozenset[str]:
        """The words."""
        return frozenset(self.also)


class Sizes(Whole):
    """The sizes of a tensor."""

    __slots__ = ()

    least = 1


class Table(Field):
    """A list of lists of non-negative integers."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> tuple[tuple[int, ...], ...]:
        """The rows."""
        if not isinstance(value, list) or not value or not all(isinstance(row, list) and row for row in value):
            raise LayerError(f"expected a list of lists of numbers from 0, got {format_value(value)}")
        return tuple(tuple(plain(entry, 0) for entry in row) for row in value)

    def schema(self) -> Schema:
        """A list of lists of integers."""
        return {"anyOf": [list_schema(list_schema(integer_schema(0))), TEXT]}
