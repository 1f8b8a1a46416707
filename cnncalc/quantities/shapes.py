"""Sizes and shapes from callers: `3x224x224`, `3xHxW`, `(3, 224, 224)`; `image=3x64x64` for one of several inputs."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from cnncalc.errors import UsageError
from cnncalc.limits import MOST_AXES
from cnncalc.quantities.numerals import LARGEST_SIZE, natural
from cnncalc.records import NamedTuple
from cnncalc.suggest import ask, with_suggestion
from cnncalc.symbolic import Expr, Shape, Size, symbol

Sizes: TypeAlias = "str | Size | Sequence[Size | str]"
Given: TypeAlias = "Sizes | Mapping[str, Sizes]"

LIKE = "channels first, as in 3x224x224 or 3xHxW"
_ALSO_BETWEEN = r"\s*[x×,]\s*|\s+"  # outside YAML lists; compiled on first use
_NAMED = r"(?:^|,)\s*([^,=]*?)\s*="


class Piece(NamedTuple):
    """A part of a text and the offset at which it begins."""

    text: str
    start: int


def is_symbol(text: str) -> bool:
    """Whether a text is the name of a symbol: one capital letter, then only digits."""
    return text.isascii() and text[:1].isupper() and not text[1:].strip("0123456789")


def has_several_sizes(text: str) -> bool:
    """Whether a text contains a sign that separates sizes everywhere."""
    return "x" in text or "×" in text


def pieces(text: str) -> Iterator[Piece]:
    """The sizes in `3x227x227`, stripped of blanks, each with its offset."""
    start = 0
    for part in text.replace("×", "x").split("x"):
        yield Piece(part.strip(), start + len(part) - len(part.lstrip()))
        start += len(part) + 1


def named_pieces(text: str) -> Iterator[tuple[str, Piece]]:
    """The (name, sizes) pairs in `image=3x64x64, mask=1x64x64`; nothing if the text contains no `name=`."""
    heads = list(re.finditer(_NAMED, text))
    if not heads:
        return
    if text[: heads[0].start()].strip():
        yield "", Piece(text[: heads[0].start()].strip(), 0)
    for head, end in zip(heads, [*(head.start() for head in heads[1:]), len(text)], strict=True):
        part = text[head.end() : end]
        yield head[1], Piece(part.strip(), head.end() + len(part) - len(part.lstrip()))


def read_size(given: object, where: str) -> Size:
    """One size: an integer of at least 1, a closed form, or text with digits or a capital letter (a symbol).

    Raises:
        UsageError: it is none of these; `where` starts the message.
    """
    if isinstance(given, Expr):
        return given
    if isinstance(given, str):
        if is_symbol(given):
            return symbol(given)
        number = natural(given)
    else:
        number = None if isinstance(given, bool) or not hasattr(given, "__index__") else operator.index(given)
    if number is None or not 1 <= number <= LARGEST_SIZE:
        raise UsageError(f"{where}: '{str(given)[:40]}' is not a valid size: {_suggest_size(given)}")
    return number


def read_shape(given: object, where: str) -> Shape:
    """The shape of one tensor, without the batch: text such as `3x224x224` or `[3, H, W]`, or a sequence of sizes.

    Raises:
        UsageError: an entry is not a size, or the number of sizes is not between 1 and 8.
    """
    if isinstance(given, str):
        inner = given.strip().strip("[]()").strip()
        given = re.split(_ALSO_BETWEEN, inner.removesuffix(",")) if inner else ()
    elif not isinstance(given, Iterable):
        given = (given,)
    sizes = tuple(read_size(size, where) for size in given)
    if not 1 <= len(sizes) <= MOST_AXES:
        raise UsageError(f"{where}: expected 1 to {MOST_AXES} sizes, {LIKE}")
    return sizes


def read_inputs(texts: Iterable[str], option: str = "--input") -> Shape | dict[str, Shape] | None:
    """The shape in `3x224x224`, or a dict for `name=3x224x224` of several inputs; None if nothing is given.

    Raises:
        UsageError: a size is invalid, or several inputs are given without names.
    """
    named: dict[str, Shape] = {}
    for text in texts:
        for name, part in list(named_pieces(text)) or [("", Piece(text, 0))]:
            named[name] = read_shape(part.text, f"{option} {text}")
    if "" in named and len(named) > 1:
        raise UsageError(f"{option}: several inputs need names: {option} image=3x224x224")
    return named.get("") or named or None


def read_given(given: Any, where: str = "input") -> Shape | dict[str, Shape] | None:  # noqa: ANN401
    """The shape of one input, or shapes by name, in any form that callers may use; None if nothing is given.

    Raises:
        UsageError: an entry is not a size.
    """
    if given is None or isinstance(given, str):
        return read_inputs([given], where) if given else None
    if isinstance(given, Mapping):
        return {name: read_shape(sizes, f"{where} {name}") for name, sizes in given.items()}
    return read_shape(given, where) if not isinstance(given, Sequence) or len(given) else None


def by_name(given: Any, names: Iterable[str], what: str, where: str = "input") -> dict[str, Shape]:  # noqa: ANN401
    """Input name → given shape; a single input without a name is called `input`.

    Raises:
        UsageError: an entry is not a size, an input does not exist, or one of several inputs is not named.
    """
    known = list(names)
    shapes = read_given(given, where)
    if shapes is None:
        return {}
    if isinstance(shapes, dict):
        strange = next((name for name in shapes if known and name not in known), None)
        if strange is not None:
            has = f"it has {', '.join(known)}"
            raise UsageError(with_suggestion(f"{what} has no input '{strange}'", strange, known, has))
        return shapes
    if len(known) > 1:
        raise UsageError(f"{what} has several inputs ({', '.join(known)}): specify which: {known[0]}=3x224x224")
    return {known[0] if known else "input": shapes}


def read_numbers(text: str, expected: str, least: int = 1) -> tuple[int, ...]:
    """Integers of at least `least`, separated like sizes: `27x13`, `0,0`.

    Raises:
        UsageError: the text is anything else; the message is `expected` and the text.
    """
    numbers = [natural(part) for part in re.split(_ALSO_BETWEEN, text.strip().strip("[]()"))]
    if any(number is None or not least <= number <= LARGEST_SIZE for number in numbers):
        raise UsageError(f"{expected}; got '{text[:60]}'")
    return tuple(number for number in numbers if number is not None)


def _suggest_size(given: object) -> str:
    """What to write instead of an invalid size."""
    text = str(given)
    if re.fullmatch(r"[a-z][0-9]*", text):
        return f"a symbol is a capital letter: {text.upper()}"
    if text in ("-1", "None", "null", "?", "batch"):
        return "leave out the batch size"
    if re.fullmatch(r"[0-9]{19,}", text):
        return f"too large: at most {LARGEST_SIZE:,}"
    alike = re.sub(r"[X*✕✖]", "x", text)
    if alike != text and all(map(natural, alike.split("x"))):
        return ask(alike)
    return "write a whole number of at least 1, or a symbol: H"
