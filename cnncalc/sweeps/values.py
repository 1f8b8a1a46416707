"""Parses the values along one axis of a grid: `0.5:2:0.25` (end included if reached), `{160,192,224}`, or one value.

Braces may be omitted, as a shell may interpret them.

Ranges are never expanded: an axis of 10^9 values takes as little memory as one of three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias, overload

from cnncalc.errors import UsageError
from cnncalc.limits import MOST_LISTED
from cnncalc.quantities.numerals import numeral, plain_number

Value: TypeAlias = int | Fraction | str  # a text is an expression in the spec's parameters
OPENING, CLOSING, QUOTES = "([{", ")]}", "'\""


class Decimals(Sequence[Value]):
    """The exact values start, start + step, …, each computed on access."""

    def __init__(self, start: int | Fraction, step: int | Fraction, count: int) -> None:
        self.start, self.step, self.length = start, step, count

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Value]: ...
    def __getitem__(self, index: int | slice) -> Value | Sequence[Value]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(self.length))]
        if not -self.length <= index < self.length:
            raise IndexError(index)
        value = self.start + self.step * (index % self.length)
        return plain_number(Fraction(value))


def read_values(text: str, where: str) -> Sequence[Value]:
    """Parse values; `where` names the text in messages.

    Raises:
        UsageError: a range is invalid or empty.
    """
    text = text.strip()
    text = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    parts = [part.strip() for part in split(text, ",", where)]
    if not all(parts):
        raise UsageError(f"{where}: a value is missing between commas")
    values = [_read_range(part, where) or (_read_single(part),) for part in parts]
    return join_parts(values, where)


def join_parts(parts: Sequence[Sequence[Value]], where: str) -> Sequence[Value]:
    """Join several parts to one axis, in order."""
    if len(parts) == 1:
        return parts[0]
    if sum(map(len, parts)) > MOST_LISTED:
        raise UsageError(f"{where}: several ranges have more than {MOST_LISTED:,} values in total: write one range")
    return tuple(value for part in parts for value in part)


def split(text: str, sign: str, where: str) -> Iterator[str]:
    """Split a text at a character, except inside brackets and quotes.

    Raises:
        UsageError: a bracket or a quote is not closed.
    """
    open_brackets, quote, part = "", "", ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in QUOTES:
            quote = char
        elif char in OPENING:
            open_brackets += CLOSING[OPENING.index(char)]
        elif char in CLOSING:
            if not open_brackets.endswith(char):
                raise UsageError(f"{where}: unmatched '{char}'")
            open_brackets = open_brackets[:-1]
        if char == sign and not open_brackets and not quote:
            yield part
            part = ""
        else:
            part += char
    if open_brackets or quote:
        raise UsageError(f"{where}: '{open_brackets[-1:] or quote}' is never closed")
    yield part


def _read_single(text: str) -> Value:
    """Parse a number; any other text is returned as an expression."""
    try:
        value = numeral(text)
    except OverflowError:
        value = None  # reported with its place when the spec is elaborated
    return text if value is None else value


def _read_range(text: str, where: str) -> Sequence[Value] | None:
    """Parse start:stop or start:stop:step; None for a text without a colon, or with quotes or brackets."""
    if ":" not in text or re.search(r"['\"\[(]", text):
        return None
    try:
        numbers = [numeral(part.strip()) for part in text.split(":")]
    except OverflowError as error:
        raise UsageError(f"{where}: {error}") from None
    if len(numbers) == 2:
        numbers.append(1)
    start, stop, step, *more = numbers
    if start is None or stop is None or step is None or more:
        raise UsageError(f"{where}: expected start:stop:step in numbers, such as 0.5:2:0.25, got '{text}'")
    if step == 0 or (stop - start) / Fraction(step) < 0:
        reason = "the step is 0" if step == 0 else f"a step of {step} does not lead from {start} to {stop}"
        raise UsageError(f"{where}: the range {text} is empty: {reason}")
    count = int((stop - start) // step) + 1
    if count >= 2**63:
        raise UsageError(f"{where}: the range {text} has {count:,} values, more than can be counted")
    if isinstance(start, int) and isinstance(step, int):
        return range(start, start + count * step, step)
    return Decimals(start, step, count)
