"""Values supplied by a caller: `--set width=0.5`, `--at H=224`, `--batch 64`, or Python objects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_BATCH
from cnncalc.quantities.amounts import nearest_amount, read_amount
from cnncalc.quantities.numerals import plain_number
from cnncalc.quantities.shapes import is_symbol
from cnncalc.suggest import ask
from cnncalc.symbolic import Expr, Size, symbol


def exact(value: Any, name: str) -> Any:  # noqa: ANN401
    """A Python value in the exact form that specs use: a float becomes the decimal it prints as; text is an expression.

    Raises:
        UsageError: a value of another type.
    """
    if isinstance(value, float):
        return _exact_float(value, name)
    if isinstance(value, list | tuple):
        return [exact(entry, name) for entry in value]
    if isinstance(value, bool | int | str | Fraction | Expr):
        return value
    raise UsageError(f"{name}: expected a number, text or a list, got {type(value).__name__}")


def _exact_float(value: float, name: str) -> int | Fraction:
    if value != value or value in (float("inf"), float("-inf")):
        raise UsageError(f"{name}: expected a finite number, got {value}")
    return plain_number(Fraction(repr(value)))


def parse_settings(texts: Iterable[str], option: str = "--set") -> dict[str, str]:
    """`width=0.5` → {"width": "0.5"}; the values are expressions, evaluated when the parameters are set.

    Raises:
        UsageError: a text is not of the form `name=value`.
    """
    settings: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier() or not value.strip():
            raise UsageError(f"{option} {text}: expected name=value, such as {option} width=0.5")
        settings[name.strip()] = value.strip()
    return settings


def batch_sizes(text: str) -> tuple[int, ...]:
    """`1,8,64` → (1, 8, 64), each once.

    Raises:
        UsageError: a part is not a batch size.
    """
    return tuple(dict.fromkeys(whole_number("--batch", part.strip(), LARGEST_BATCH) for part in text.split(",")))


def parse_at(text: str) -> dict[str, int]:
    """`H=224,W=320` → {"H": 224, "W": 320}.

    Raises:
        UsageError: a part is not of the form `symbol=number`.
    """
    values = {}
    for part in filter(None, text.replace(" ", "").split(",")):
        match = re.fullmatch(r"([A-Za-z][0-9]*)=([1-9][0-9]{0,18})", part)
        if not match:
            raise UsageError(f"--at {text}: expected numbers for symbols, such as --at H=224,W=320")
        values[match[1]] = int(match[2])
    return values


def whole_number(option: str, text: str, most: int = 10**9) -> int:
    """An integer from 1 to `most`, written like any amount: `64`, `1,000`, `2k`.

    Raises:
        UsageError: the text is not such an integer.
    """
    number = read_amount(text)
    if number is None or number.denominator != 1 or not 1 <= number <= most or text.endswith("B"):
        near = nearest_amount(text)
        hint = f": {ask(near)}" if near and not near.endswith("B") else ""
        raise UsageError(f"{option}: expected a whole number from 1 to {most:,}, got '{text[:60]}'{hint}")
    return int(number)


def parse_batch(text: str) -> Size:
    """A batch size: `64`, or a symbol such as `N`.

    Raises:
        UsageError: the text is neither.
    """
    if is_symbol(text):
        return symbol(text)
    try:
        return whole_number("--batch", text, LARGEST_BATCH)
    except UsageError:
        like = "expected a whole number of at least 1, or a capital letter for a symbol"
        raise UsageError(f"--batch: {like}, got '{text[:60]}'") from None
