"""What a layer's field accepts: one small class per kind of field.

`convert` takes a value as written in a spec and the number of spatial axes, and returns the normalized value that rules
read (for example one number per axis). It raises `LayerError` with what was expected. `schema` gives the same as JSON
schema. These are plain classes with slots: a dataclass would compile its methods at creation, at every start of the
command line.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cnncalc.errors import LayerError
from cnncalc.layers.values import check_length, format_value, join_words, whole
from cnncalc.symbolic import Expr, Size

Pair = tuple[Size, Size]
Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}  # any number may be an expression


def integer_schema(least: int | None) -> Schema:
    """The schema of an integer."""
    return {"type": "integer"} if least is None else {"type": "integer", "minimum": least}


def list_schema(one: Schema, most: int | None = None) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": one, "minItems": 1, **({} if most is None else {"maxItems": most})}


class Field:
    """A field of a layer: a one-line description, and how its value is read."""

    __slots__ = ("doc",)

    least: int | None = None  # lower bound of its numbers

    def __init__(self, doc: str) -> None:
        self.doc = doc

    def convert(self, value: object, rank: int | None) -> Any:  # noqa: ANN401
        """The normalized value; `rank` is the number of spatial axes, or None if unknown."""
        raise NotImplementedError

    def schema(self) -> Schema:
        """The accepted values as a JSON schema fragment."""
        raise NotImplementedError

    @property
    def words(self) -> frozenset[str]:
        """The words that are literals in this field."""
        return frozenset()


class _Bounded(Field):
    """A field whose numbers are at least `least`."""

    __slots__ = ("least",)

    def __init__(self, doc: str, least: int = 1) -> None:
        self.doc = doc
        self.least = least


class Count(_Bounded):
    """A whole number."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> Size:
        """The number; symbolic ones are returned unchecked and bounded by the conditions of the layer."""
        return whole(value, self.least)

    def schema(self) -> Schema:
        """An integer, or text for an expression."""
        return {"anyOf": [integer_schema(self.least), TEXT]}


class Left(Count):
    """A whole number, or a symbol (a capital letter) for one that is known only when the network runs."""

    __slots__ = ()


class PerAxis(_Bounded):
    """A whole number for all spatial axes, or a list with one per axis."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> tuple[Size, ...]:
        """One number per axis (a single one if the rank is unknown)."""
        if not isinstance(value, list):
            return (whole(value, self.least),) * (1 if rank is None else rank)
        numbers = tuple(whole(v, self.least) for v in value)
        if rank is not None:
            check_length(numbers, rank)
        return numbers

    def schema(self) -> Schema:
        """An integer, a list of them, or text for an expression."""
        return {
            "anyOf": [integer_schema(self.least), TEXT, list_schema({"anyOf": [integer_schema(self.least), TEXT]}, 3)]
        }


class Padding(Field):
    """A number, one per axis, or a pair [low, high] per axis."""

    __slots__ = ("also",)

    least = 0

    def __init__(self, doc: str, also: tuple[str, ...] = ("same", "valid")) -> None:
        self.doc = doc
        self.also = also

    def convert(self, value: object, rank: int | None) -> tuple[Pair, ...] | str:
        """A (low, high) pair per axis, or `same`, which depends on the input size."""
        if isinstance(value, str):
            return self._word(value, rank)
        entries = value if isinstance(value, list) else [value] * (1 if rank is None else rank)
        if rank is not None:
            check_length(entries, rank, "numbers or pairs [low, high]")
        return tuple(_pair(entry) for entry in entries)

    def _word(self, value: str, rank: int | None) -> tuple[Pair, ...] | str:
        if value not in self.also:
            expected = f"a number or one of {join_words(self.also)}" if self.also else "a number"
            raise LayerError(f"expected {expected}, got '{value}'")
        return ((0, 0),) * (1 if rank is None else rank) if value == "valid" else value

    def schema(self) -> Schema:
        """A number, a list per axis of numbers or pairs, or a word."""
        number = {"anyOf": [integer_schema(0), TEXT]}
        pair = {**list_schema(number, 2), "minItems": 2}
        words = [{"enum": list(self.also)}] if self.also else []
        return {"anyOf": [*words, integer_schema(0), TEXT, list_schema({"anyOf": [integer_schema(0), TEXT, pair]}, 3)]}

    @property
    def words(self) -> frozenset[str]:
        """The accepted words, such as `same` and `valid`."""
        return frozenset(self.also)


class Number(Field):
    """An exact number."""

    __slots__ = ("least", "most")

    def __init__(self, doc: str, least: int | None = None, most: int | None = None) -> None:
        self.doc = doc
        self.least = least
        self.most = most

    def convert(self, value: object, rank: int | None) -> int | Fraction:
        """The number as an exact rational."""
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            raise LayerError(f"expected a number, got {format_value(value)}")
        if self.least is not None and value < self.least:
            raise LayerError(f"expected at least {self.least}, got {format_value(value)}")
        if self.most is not None and value > self.most:
            raise LayerError(f"expected at most {self.most}, got {format_value(value)}")
        return value

    def schema(self) -> Schema:
        """A number within the bounds, or text for an expression."""
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"anyOf": [{"type": "number", **{k: v for k, v in bounds.items() if v is not None}}, TEXT]}


class Factor(Field):
    """A positive number for all spatial axes, or a list with one per axis."""

    __slots__ = ()

    least = 1  # for symbols, which are integers; fractions need only be positive

    def convert(self, value: object, rank: int | None) -> tuple[Size | Fraction, ...]:
        """One factor per axis (a single one if the rank is unknown)."""
        factors = tuple(_factor(v) for v in (value if isinstance(value, list) else [value]))
        if not isinstance(value, list):
            return factors * (1 if rank is None else rank)
        if rank is not None:
            check_length(factors, rank)
        return factors

    def schema(self) -> Schema:
        """A number, a list of them, or text for an expression."""
        number = {"type": "number", "exclusiveMinimum": 0}
        return {"anyOf": [number, TEXT, list_schema({"anyOf": [number, TEXT]}, 3)]}


class Flag(Field):
    """`true` or `false`."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> bool:
        """The truth value."""
        if not isinstance(value, bool):
            raise LayerError(f"expected true or false, got {format_value(value)}")
        return value

    def schema(self) -> Schema:
        """A boolean, or text for an expression."""
        return {"type": ["boolean", "string"]}


class Choice(Field):
    """One of a few words."""

    __slots__ = ("choices",)

    def __init__(self, doc: str, choices: tuple[str, ...]) -> None:
        self.doc = doc
        self.choices = choices

    def convert(self, value: object, rank: int | None) -> str:
        """The word."""
        if not isinstance(value, str) or value not in self.choices:
            raise LayerError(f"expected one of {join_words(self.choices)}, got {format_value(value)}")
        return value

    def schema(self) -> Schema:
        """The words; other text is an expression that yields one."""
        return {"anyOf": [{"enum": list(self.choices)}, TEXT]}

    @property
    def words(self) -> frozenset[str]:
        """The choices."""
        return frozenset(self.choices)


class Whole(Field):
    """An integer, or a list of integers."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> tuple[Size, ...]:
        """The numbers."""
        return tuple(whole(entry, self.least) for entry in (value if isinstance(value, list) else [value]))

    def schema(self) -> Schema:
        """An integer, a list of them, or text for an expression."""
        integer = integer_schema(self.least)
        return {"anyOf": [integer, TEXT, list_schema({"anyOf": [integer, TEXT]})]}


class Reference(Field):
    """The name of an earlier tensor, which the layer reads too."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> str:
        """The name as written; elaboration resolves it."""
        if not isinstance(value, str):
            raise LayerError(f"expected the name of an earlier layer, got {format_value(value)}")
        return value

    def schema(self) -> Schema:
        """A name."""
        return TEXT


class Label(Field):
    """Plain text, without expressions."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> str:
        """The text."""
        if not isinstance(value, str):
            raise LayerError(f"expected a name, got {format_value(value)}")
        return value

    def schema(self) -> Schema:
        """Text."""
        return TEXT


def _pair(entry: object) -> Pair:
    if not isinstance(entry, list):
        return (whole(entry, 0),) * 2
    if len(entry) != 2:
        raise LayerError(f"expected a pair [low, high], got {format_value(entry)}")
    return whole(entry[0], 0), whole(entry[1], 0)


def _factor(value: object) -> Size | Fraction:
    if isinstance(value, Expr):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise LayerError(f"expected a number, got {format_value(value)}")
    if value <= 0:
        raise LayerError(f"expected a number above 0, got {format_value(value)}")
    return value
