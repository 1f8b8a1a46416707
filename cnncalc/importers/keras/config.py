"""Typed access to one object of a Keras model; a value of the wrong type is refused at its place."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NoReturn

from cnncalc.importers.keras.document import Document
from cnncalc.importers.keras.places import Path
from cnncalc.limits import LARGEST_NUMBER
from cnncalc.symbolic import Size

LARGEST_SHOWN = 60  # characters of a value in a message


class Config:
    """The fields of a layer. A field may have several names, the newest first: Keras has renamed many of them."""

    __slots__ = ("document", "path", "values", "who")

    def __init__(self, document: Document, path: Path, values: Any, who: str = "") -> None:  # noqa: ANN401
        self.document, self.path, self.who = document, path, who
        if not isinstance(values, dict):
            self.refuse(f"expected an object, got {shown(values)}")
        self.values: dict[str, Any] = values

    def refuse(self, message: str, *steps: str | int, hint: str | None = None) -> NoReturn:
        """Raise a SpecError at a field, or at the object; `steps` lead to the place from here."""
        where = f"{self.who}: " if self.who else ""
        self.document.refuse(where + message, (*self.path, *steps), hint)

    def find(self, *names: str) -> tuple[str, Any]:
        """Return the first of these names that has a value, with the value; the first name and None if none has."""
        return next(
            ((name, self.values[name]) for name in names if self.values.get(name) is not None), (names[0], None)
        )

    def get(self, *names: str) -> Any:  # noqa: ANN401
        """Return the value of the first of these names that has one, else None."""
        return self.find(*names)[1]

    def expect(self, what: str, name: str, *steps: int) -> NoReturn:
        """Refuse the value of a field for not being what is expected."""
        value = self.values.get(name)
        for step in steps:
            value = value[step] if isinstance(value, list) else value
        if name in self.values:
            self.refuse(f"{name}: expected {what}, got {shown(value)}", name, *steps)
        self.refuse(f"no {name}: expected {what}")

    def word(self, *names: str, default: str | None = None, among: tuple[str, ...] = ()) -> str:
        """Return a word, in lower case if it is one of `among`."""
        name, value = self.find(*names)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            self.expect("a word", name)
        if among and value.lower() not in among:
            self.expect(" or ".join(f"'{each}'" for each in among), name)
        return value.lower() if among else value

    def flag(self, *names: str, default: bool) -> bool:
        """Return true or false."""
        name, value = self.find(*names)
        if value is None:
            return default
        if value not in (True, False):
            self.expect("true or false", name)
        return bool(value)

    def count(self, *names: str, default: int | None = None, least: int = 1) -> int:
        """Return a whole number; one that is written as 3.0 counts as one."""
        name, value = self.find(*names)
        if value is None and default is not None:
            return default
        number = whole(value)
        if number is None or not least <= number < LARGEST_NUMBER:
            self.expect(f"a whole number of at least {least}", name)
        return number

    def number(self, *names: str, default: int | Fraction | None = None) -> int | Fraction:
        """Return a number as the fraction of its shortest decimal; one that was a float32 as that of the float32."""
        name, value = self.find(*names)
        if value is None and default is not None:
            return default
        if isinstance(value, dict):  # a NumPy scalar: {"class_name": "__numpy__", "config": {"value": 0.3}}
            inner = value.get("config")
            value = value.get("value", inner.get("value") if isinstance(inner, dict) else None)
        number = fraction(value)
        if number is None:
            self.expect("a number", name)
        return number

    def sizes(self, *names: str, rank: int, default: int | None = None, least: int = 1) -> list[int]:
        """Return a whole number per spatial axis; one alone is that of every axis."""
        name, value = self.find(*names)
        if value is None and default is not None:
            return [default] * rank
        entries = value if isinstance(value, list) else [value] * rank
        numbers = [whole(entry) for entry in entries]
        if len(numbers) == 1:
            numbers *= rank
        if len(numbers) != rank:
            self.expect(f"one number or {rank}", name)
        for index, number in enumerate(numbers):
            if number is None or not least <= number < LARGEST_NUMBER:
                self.expect(f"a whole number of at least {least}", name, *([index] if isinstance(value, list) else []))
        return [number for number in numbers if number is not None]

    def pairs(self, *names: str, rank: int, default: int) -> list[list[int]]:
        """Return a pair per spatial axis, written as one number, one per axis, or a pair per axis; over one axis, as
        two numbers.
        """
        name, value = self.find(*names)
        value = default if value is None else value
        entries = value if isinstance(value, list) else [value] * rank
        if rank == 1 and len(entries) == 2 and not isinstance(entries[0], list):
            entries = [entries]
        if len(entries) != rank:
            self.expect(f"a number, or {rank} numbers or pairs", name)
        read = [[whole(side) for side in (pair if isinstance(pair, list) else [pair] * 2)] for pair in entries]
        if any(len(pair) != 2 or None in pair or min(filter(None, pair), default=0) < 0 for pair in read):
            self.expect("whole numbers of at least 0", name)
        return [[side for side in pair if side is not None] for pair in read]

    def shape(self, *names: str) -> list[int | None] | None:
        """Return a shape as written, with the batch; None where a size is open, or for the whole if there is none."""
        name, value = self.find(*names)
        if value is None:
            return None
        if not isinstance(value, list):
            self.expect("a list of sizes", name)
        for index, size in enumerate(value):
            if size is not None and (whole(size) is None or not 0 <= int(size) < LARGEST_NUMBER):
                self.expect("a whole number or null", name, index)
        return [None if size is None else int(size) for size in value]


def whole(value: object) -> int | None:
    """Return a value as an integer, if it is a whole number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return int(value) if value == int(value) else None
    except (ValueError, OverflowError):  # NaN, infinity
        return None


def fraction(value: object) -> int | Fraction | None:
    """Return a finite number exactly as its shortest decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if abs(value) < LARGEST_NUMBER else None
    if value != value or abs(value) >= LARGEST_NUMBER:
        return None
    number = Fraction(shortest(value))
    return int(number) if number.denominator == 1 else number


def shortest(value: float) -> str:
    """Return the shortest decimal of a float; of a float32 that was stored as a double, the shortest of that."""
    import struct

    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            single = struct.unpack("f", struct.pack("f", value))[0]
            return text if single == value else repr(value)
    return repr(value)


def concrete(shape: tuple[Size, ...]) -> tuple[int, ...] | None:
    """Return a shape whose sizes are all numbers, else None."""
    numbers = tuple(size for size in shape if isinstance(size, int))
    return numbers if len(numbers) == len(shape) else None


def shown(value: object) -> str:
    """A value in a message; long ones are cut."""
    text = "null" if value is None else str(value)
    return text if len(text) <= LARGEST_SHOWN else f"{text[:LARGEST_SHOWN]}…"
