"""The values along one axis of a grid: `0.5:2:0.25` (its end included where it is met), `{160,192,224}`, or one value.

The braces may be left out where a shell would take them for its own.

A range is never written out: an axis of 10^9 values is as small as one of three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias, overload

from cnncalc.errors import UsageError
from cnncalc.quantities.numerals import numeral, plain_number

Value: TypeAlias = int | Fraction | str  # a text is an expression of the spec's parameters
MOST_LISTED = 1_000_000  # values of an axis that joins several ranges
OPENING, CLOSING, QUOTES = "([{", ")]}", "'\""


class Decimals(Sequence[Value]):
    """start, start + step, …: exact, each made when it is asked for."""

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
    """The values that a text spells; `where` names it in messages.

    Raises:
        UsageError: a range that is none, or that is empty.
    """
    text = text.strip()
    text = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    parts = [part.strip() for part in split(text, ",", where)]
    if not all(parts):
        raise UsageError(f"{where}: a value is missing between commas")
    found = [_range(part, where) or (_single(part),) for part in parts]
    return join_parts(found, where)


def join_parts(parts: Sequence[Sequence[Value]], where: str) -> Sequence[Value]:
    """One axis of several parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    if sum(map(len, parts)) > MOST_LISTED:
        raise UsageError(f"{where}: several ranges have more than {MOST_LISTED:,} values in total: write one range")
    return tuple(value for part in parts for value in part)


def split(text: str, sign: str, where: str) -> Iterator[str]:
    """The parts of a text between signs that stand outside of all brackets and quotes.

    Raises:
        UsageError: a bracket or a quote that is not closed.
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


def _single(text: str) -> Value:
    """A number, or the text of an expression."""
    try:
        value = numeral(text)
    except OverflowError:
        value = None  # the spec's own reading says so, with its place
    return text if value is None else value


def _range(text: str, where: str) -> Sequence[Value] | None:
    """start:stop or start:stop:step; None for what has no colon outside of quotes and brackets."""
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
