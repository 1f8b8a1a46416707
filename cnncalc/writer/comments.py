"""The comments of a text, found between what the scanner sees, and the entries that they stand above or beside."""

from __future__ import annotations

from cnncalc.records import NamedTuple
from cnncalc.writer.tree import Slot


class _Line(NamedTuple):
    """A comment on a line of its own, or a blank line (no text)."""

    column: int
    text: str


class Comments:
    """Walks through the text; `last` is the entry that a comment on the same line belongs to."""

    def __init__(self, text: str) -> None:
        self.last: Slot | None = None
        self._text = text
        self._place = 0
        self._pending: list[_Line] = []

    def skip(self, index: int) -> None:
        """Go on behind what the scanner has seen."""
        self._place = max(self._place, index)

    def upto(self, index: int) -> None:
        """Gather what stands before this place: in a gap between two words every # begins a comment."""
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
        """A comment on the line of the latest entry; what would be its second one goes above it."""
        assert self.last is not None
        if self.last.beside:
            self.last.above.append(text)
        else:
            self.last.beside, self.last.column = text, column

    def above(self) -> list[str]:
        """What stands above an entry that begins here."""
        texts = [line.text for line in self._pending]
        self._pending.clear()
        return texts

    def within(self, column: int) -> list[str]:
        """What still belongs to a list that ends here, by its indentation."""
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
        """All comments that are left, where something ends for good."""
        texts = self.above()
        while texts and not texts[-1]:
            texts.pop()
        return texts
