"""Values and sizes as a caller gives them: `--set width=0.5`, `--input 3x224x224`, or Python objects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.symbolic import Expr, Size, symbol


def exact(value: Any, name: str) -> Any:  # noqa: ANN401
    """A Python value as specs know it: a float as the decimal that it is printed as; text is an expression.

    Raises:
        UsageError: a value of another kind.
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
    fraction = Fraction(repr(value))
    return fraction.numerator if fraction.denominator == 1 else fraction


def parse_settings(texts: Iterable[str], option: str = "--set") -> dict[str, str]:
    """`width=0.5` → {"width": "0.5"}; the value is an expression, read where the parameter is set.

    Raises:
        UsageError: no `name=value`.
    """
    settings: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier() or not value.strip():
            raise UsageError(f"{option} {text}: expected name=value, such as {option} width=0.5")
        settings[name.strip()] = value.strip()
    return settings


def parse_at(text: str) -> dict[str, int]:
    """`H=224,W=320` → {"H": 224, "W": 320}.

    Raises:
        UsageError: no `symbol=number`.
    """
    values = {}
    for part in filter(None, text.replace(" ", "").split(",")):
        match = re.fullmatch(r"([A-Za-z][0-9]*)=([1-9][0-9]{0,18})", part)
        if not match:
            raise UsageError(f"--at {text}: expected numbers for symbols, such as --at H=224,W=320")
        values[match[1]] = int(match[2])
    return values


def parse_batch(text: str) -> Size:
    """`64`, or a symbol, `N`.

    Raises:
        UsageError: neither.
    """
    if re.fullmatch(r"[A-Z]\d*", text):
        return symbol(text)
    if not re.fullmatch(r"[1-9]\d{0,9}", text):
        raise UsageError(
            f"--batch: expected a whole number of at least 1, or a capital letter for a symbol, got '{text}'"
        )
    return int(text)


def parse_bytes(text: str) -> int:
    """`8GiB` (1024-based), `8GB` (1000-based), `512 MiB`, `1.5GiB`, `4096`.

    Raises:
        UsageError: no number of bytes.
    """
    match = re.fullmatch(r"(\d{1,18}(?:\.\d{1,6})?)\s*(?:([KMGT])(i?)B|B)?", text.strip())
    if not match or Fraction(match[1]) == 0:
        raise UsageError(f"expected a number of bytes, such as 8GiB (1024-based) or 8GB, got '{text}'")
    unit = (1024 if match[3] else 1000) ** (" KMGT".index(match[2]) if match[2] else 0)
    return int(Fraction(match[1]) * unit)


def parse_inputs(texts: Iterable[str]) -> tuple[str, ...] | dict[str, tuple[str, ...]] | None:
    """`3x224x224`, or `name=3x224x224` for each of several inputs; None where nothing is given.

    Raises:
        UsageError: sizes that do not read.
    """
    named: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, _, sizes = text.rpartition("=")
        named[name] = _sizes(sizes, text)
    if not named:
        return None
    if "" in named and len(named) > 1:
        raise UsageError("--input: name each of several inputs, as in --input image=3x224x224")
    return named.get("") or named


def _sizes(text: str, whole: str) -> tuple[str, ...]:
    sizes = tuple(filter(None, re.split(r"[x×,\s]+", text.strip("[]() "))))
    wrong = next((size for size in sizes if not re.fullmatch(r"[1-9]\d{0,17}|[A-Z]\d*", size)), None)
    if wrong is not None:
        raise UsageError(f"--input {whole}: '{wrong}' is no size: {_why(wrong)}")
    if not 1 <= len(sizes) <= 8:
        raise UsageError(f"--input {whole}: expected 1 to 8 sizes, channels first, as in 3x224x224 or 3xHxW")
    return sizes


def _why(wrong: str) -> str:
    if re.fullmatch(r"[a-z]\d*", wrong):
        return f"a symbol is a capital letter: {wrong.upper()}"
    return "too large" if wrong.isdigit() and len(wrong) > 18 else "write a whole number of at least 1, or a symbol: H"
