"""A text as an editor counts it: lines from 0, columns in code units; and as spans count it."""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol.types import Position, Range

from cnncalc.errors import Span

_BREAK = re.compile(r"\r\n|\n|\r")


class Text:
    """Positions in one version of a document. `encoding` is what the client counts columns in: utf-8, -16 or -32."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self._encoding = encoding
        self._starts = [0, *(match.end() for match in _BREAK.finditer(text))]
        # Spans count `\n` alone; a single `\r` is a break for editors and a fault for us.
        self._of_spans = self._starts if "\r" not in text else [0, *(m.end() for m in re.finditer("\n", text))]

    @property
    def lines(self) -> int:
        """The number of lines."""
        return len(self._starts)

    def line(self, number: int) -> str:
        """The line with this number, from 0, without its break; empty past the end."""
        if not 0 <= number < self.lines:
            return ""
        end = self._starts[number + 1] if number + 1 < self.lines else len(self.text)
        return self.text[self._starts[number] : end].rstrip("\r\n")

    def offset_of(self, span: Span) -> int:
        """The offset of the first character of a span."""
        line = min(span.line, len(self._of_spans)) - 1
        return min(self._of_spans[line] + span.column - 1, len(self.text))

    def range_of(self, span: Span) -> Range:
        """The range of a span, which ends with its line at the latest."""
        start = self.offset_of(span)
        line = self.position(start).line
        return self.range(start, min(start + span.width, self._starts[line] + len(self.line(line))))

    def range(self, start: int, end: int) -> Range:
        """The range between two offsets."""
        return Range(self.position(start), self.position(end))

    def position(self, offset: int) -> Position:
        """The position of an offset."""
        line = bisect_right(self._starts, offset) - 1
        return Position(line, self.units(self.text[self._starts[line] : offset]))

    def offset(self, position: Position) -> int:
        """The offset of a position, which may lie beyond its line or the text."""
        if position.line >= self.lines:
            return len(self.text)
        line = self.line(position.line)
        if line.isascii():
            return self._starts[position.line] + min(position.character, len(line))
        units, column = 0, 0
        while column < len(line) and units < position.character:
            units += self.units(line[column])
            column += 1
        return self._starts[position.line] + column

    def at(self, line: int, column: int) -> Position:
        """The position behind this many characters of a line."""
        return Position(line, self.units(self.line(line)[:column]))

    def common_lines(self, other: Text) -> int:
        """The number of whole lines at the beginning that two texts have in common."""
        low, high = 0, min(self.lines, other.lines)
        while low < high:
            middle = (low + high + 1) // 2
            if self._before(middle) == other._before(middle):
                low = middle
            else:
                high = middle - 1
        return low

    def _before(self, line: int) -> str:
        """The text before a line; with a break at its end, so that a line that is continued is not a whole one."""
        return self.text[: self._starts[line]] if line < self.lines else f"{self.text}\n"

    def end_of(self, line: int) -> Position:
        """The position at the end of a line."""
        return Position(line, self.units(self.line(line)))

    def units(self, text: str) -> int:
        """The length of a text in the client's code units."""
        if text.isascii() or self._encoding == "utf-32":
            return len(text)
        if self._encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(character > "\uffff" for character in text)
