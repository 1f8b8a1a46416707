"""Finds the comments between the tokens of a text, and assigns each to the entry that it is above or beside."""

from __future__ import annotations

from cnncalc.records import NamedTuple
from cnncalc.writer.tree import Slot


class _Line(NamedTuple):
    """A comment on its own line, or a blank line (empty text)."""

    column: int
    text: str


class Comments:
    """A cursor over the text; `last` is the entry that a comment on the same line belongs to."""

    def __init__(self, text: str) -> None:
        self.last: Slot | None = None
        self._text = text
        self._place = 0
        self._pending: list[_Line] = []

    def skip(self, index: int) -> None:
        """Advance past a token of the scanner."""
        self._place = max(self._place, index)

    def upto(self, index: int) -> None:
        """Collect the comments before this index; between two tokens every # starts a comment."""
        start = self._place
        pieces = self._text[start:index].split("\n")
        for number, piece in enumerate(pieces):
            before, sign, comment = piece.partition("#")
            if sign:
                self._comment(start + len(before), f"#{comment}".rstrip())
            elif number + 1 < len(pieces) and not piece.strip() and (not start or self._text[start - 1] == "\n"):
                self._pending.append(_Line(0, ""))
            start += len(piece) + 1
        self.skip(index)

    def _comment(self, index: int, text: str) -> None:
        begin = self._text.rfind("\n", 0, index) + 1
        if self._text[begin:index].strip(" -") and self.last is not None:
            self.beside(text, index - begin)
        else:
            self._pending.append(_Line(index - begin, text))

    def beside(self, text: str, column: int) -> None:
        """Attach a comment to the line of the latest entry; a second one goes above it."""
        assert self.last is not None
        if self.last.beside:
            self.last.above.append(text)
        else:
            self.last.beside, self.last.column = text, column

    def above(self) -> list[str]:
        """The comments and blank lines above an entry that starts here."""
        texts = [line.text for line in self._pending]
        self._pending.clear()
        return texts

    def within(self, column: int) -> list[str]:
        """The comments that belong to a list ending here, judged by their indentation."""
        count = 0
        for number, line in enumerate(self._pending, 1):
            if line.text and line.column < column:
                break
            if line.text:
                count = number
        texts = [line.text for line in self._pending[:count]]
        del self._pending[:count]
        return texts

    def rest(self) -> list[str]:
        """All remaining comments, at the end of the document or of a flow collection."""
        texts = self.above()
        while texts and not texts[-1]:
            texts.pop()
        return texts
