"""Writes a fault or a finding for a terminal: its sentence, and the line of the text with the place underlined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from cnncalc.errors import Span, frame
from cnncalc.render.formats.width import wrap
from cnncalc.visible import visible

Tint: TypeAlias = Literal["error", "warning", "note", "strong", "dim", ""]
ANSI: dict[Tint, str] = {
    "error": "\033[1;31m",
    "warning": "\033[1;33m",
    "note": "\033[1;36m",
    "strong": "\033[1m",
    "dim": "\033[2m",
    "": "",
}
RESET = "\033[0m"
_BLANK = str.maketrans("\t\n\r\v\f", "     ")


def paint(text: str, tint: Tint, colour: bool) -> str:
    """The text in a tint; unchanged without colour."""
    return f"{ANSI[tint]}{text}{RESET}" if colour and tint and text else text


def sentence_text(parts: list[tuple[str, Tint]], width: int | None, colour: bool) -> str:
    """A sentence of tinted parts, wrapped at `width` columns between words."""
    plain = "".join(text for text, _ in parts)
    plain = plain if width is None else plain.translate(_BLANK)
    lines, tints = wrap(plain, width, "  "), [tint for text, tint in parts for _ in text]
    written, at = [], 0
    for line in lines:
        body = line if line is lines[0] else line.removeprefix("  ")
        at = plain.index(body, at)
        written.append(("" if body is line else "  ") + _tinted(body, tints[at : at + len(body)], colour))
        at += len(body)
    return "\n".join(written)


def _tinted(text: str, tints: list[Tint], colour: bool) -> str:
    """The text, each run of letters in its tint."""
    runs: list[tuple[str, Tint]] = []
    for letter, tint in zip(text, tints, strict=True):
        same = runs and runs[-1][1] == tint
        runs[-1:] = [(runs[-1][0] + letter, tint)] if same else [*runs[-1:], (letter, tint)]
    return "".join(paint(run, tint, colour) for run, tint in runs)


def frame_lines(span: Span | None, hint: str | None, level: Tint, width: int | None, colour: bool) -> Iterator[str]:
    """Yield the line of the text, the place underlined, and the hint; the hint alone if there is no line to show."""
    room = None if width is None else max(20, width - len(str(span.line if span else "")) - 5)
    hint = hint and visible(hint)
    lines = frame(span, hint, room) if span else []
    for number, line in enumerate(lines):
        gutter, bar, text = line.partition("│")
        below = wrap(text, room, " ") if number > 1 else [text]
        for each in below:
            yield paint(gutter + bar, "dim", colour) + paint(each, level if number else "", colour)
    if hint and not lines:
        yield from wrap(f"  {hint}", width, "  ")
