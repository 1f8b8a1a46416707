"""The errors that this package raises on purpose, and the places in a text that they point at.

CnncalcError            everything that this package raises on purpose; the command line prints it and exits with 2
├── SpecError           faults of a spec, each with its place in the text
├── UsageError          a request that cannot be met: an unknown network, an input that does not parse
├── LayerError          a layer that cannot take its arguments or its input (no place yet: the layer does not know it)
└── ExpressionError     an expression that cannot be read or computed; its place is an offset in the expression
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncalc.records import NamedTuple
from cnncalc.visible import remember_words, visible


class Source:
    """A text and its name in messages (a path, `-`, or the name of a shipped network)."""

    __slots__ = ("_lines", "_text", "name")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
        self._lines: list[str] | None = None
        remember_words(name)
        remember_words(text)

    def __repr__(self) -> str:
        return f"Source(name={self.name!r})"

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def line(self, number: int) -> str:
        """The line with this number, counted from 1; empty past the end."""
        if self._lines is None:  # many findings ask for many lines
            self._lines = self.text.split("\n")
        return self._lines[number - 1].rstrip("\r") if number <= len(self._lines) else ""


class LibrarySource(Source):
    """A text of this package that a spec calls: what is wrong in it is reported where it is called."""

    __slots__ = ()


class Span(NamedTuple):
    """A place in a source: line and column, counted from 1, and the number of characters on that line."""

    source: Source
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{visible(self.source.name)}:{self.line}:{self.column}"


class Fault(NamedTuple):
    """One thing that is wrong: a message, its place, and how to fix it."""

    message: str
    span: Span | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = f"{self.span}: " if self.span else ""
        framed = frame(self.span, self.hint) if self.span else []
        bare_hint = [f"  {visible(self.hint)}"] if self.hint and not framed else []
        return "\n".join([where + visible(self.message), *framed, *bare_hint])


class FaultText(str):
    """A fault as a sentence, for whoever takes sentences; `fault` has its parts."""

    __slots__ = ("fault",)
    fault: Fault

    def __new__(cls, fault: Fault) -> FaultText:
        """The text of a fault."""
        text = super().__new__(cls, fault)
        text.fault = fault
        return text


def frame(span: Span, hint: str | None, room: int | None = None) -> list[str]:
    """The source line with the place underlined, clipped around it if it is long; an empty list if it is blank.

    The hint follows the underline; in a third line if it would not end within `room` columns.
    """
    line, hint = span.source.line(span.line), hint and visible(hint)
    most = 100 if room is None else min(100, room)
    start = max(0, min(span.column - 1 - most * 6 // 10, len(line) - most))
    shown = "".join(c if c.isprintable() else _shown(c) for c in line[start : start + most])
    if not shown.strip():
        return []
    caret = min(span.column - 1 - start, len(shown))
    width = max(1, min(span.width, len(shown) - caret))
    number = str(span.line)
    underline = f"  {' ' * len(number)} │ {' ' * caret}{'^' * width}"
    beside = room is None or caret + width + 1 + len(hint or "") <= room
    lines = [f"  {number} │ {shown}", underline + (f" {hint}" if hint and beside else "")]
    return lines if beside or not hint else [*lines, f"  {' ' * len(number)} │ {hint}"]


def _shown(character: str) -> str:
    return " " if character == "\t" else "\N{REPLACEMENT CHARACTER}"


class CnncalcError(Exception):
    """Base class of every error that this package raises on purpose."""


class SpecError(CnncalcError):
    """A spec with faults; `faults` lists them in source order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: Sequence[Fault] = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class UsageError(CnncalcError):
    """A request that cannot be fulfilled: an unknown network, an invalid input, a missing file.

    The message is one line, whatever names it holds; `faults` is the text of a `SpecError` that follows it.
    """

    def __init__(self, message: object = "", faults: str = "") -> None:
        super().__init__(visible(str(message)), faults)

    def __str__(self) -> str:
        return "\n".join(filter(None, self.args))


class LayerError(CnncalcError):
    """A layer that rejects its arguments or its input; `field` names the argument, `hint` says how to fix it."""

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        self.message = message
        self.field = field
        self.hint = hint
        super().__init__(message)


class ExpressionError(CnncalcError):
    """An expression that cannot be parsed or evaluated; the error spans `width` characters from `offset` (from 0)."""

    def __init__(self, message: str, *, offset: int = 0, width: int = 1, hint: str | None = None) -> None:
        self.message = message
        self.offset = offset
        self.width = width
        self.hint = hint
        super().__init__(message)
