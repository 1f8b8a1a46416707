"""Lays out a tree as text, in the style of all shipped specs.

Layers are written line by line, with their arguments in brackets if those fit into 120 columns, else also line by line.
Long lists of words are filled. Comments keep their places; of several blank lines one is kept, and none at the start of
a list.
"""

from __future__ import annotations

from cnncalc.writer.brackets import bracket_pieces, note_spots, only_words, text_of
from cnncalc.writer.contexts import Place, inside
from cnncalc.writer.order import arrange, blank_between, group
from cnncalc.writer.tree import Collection, Slot, Spot, Word, Written
from cnncalc.writer.words import in_flow

WIDTH = 120
_STEP = 2
_GAP = "  "  # before a comment at the end of a line


def layout(root: Collection) -> str:
    """The text of a whole spec."""
    return "\n".join(lay_out(root)) + "\n"


def lay_out(root: Collection) -> list[str]:
    """The lines of a whole spec; the position of every part is recorded in its `spot`."""
    out = _Lines()
    before, begun = "", 0  # the previous section, and the first line of its group
    arrange(root)
    for slot in root.slots:
        if before and blank_between(before, slot.key, len(out.lines) - begun):
            out.lines.append("")
        above = _strip_leading_blanks(slot.above)
        if group(before) != group(slot.key):
            begun = len(out.lines) + len(above)
        out.entry(slot, 0, True, Place.ROOT, first=True)
        before = slot.key
    out.comments(root.tail, 0)
    if root.slots:
        root.spot = _spot_of_block(root, root.slots[0].spot)
    return out.lines


def _strip_leading_blanks(above: list[str]) -> list[str]:
    """The comments and blank lines, without blank lines at the start."""
    begin = next((number for number, text in enumerate(above) if text), len(above))
    return above[begin:]


class _Lines:
    """The lines written so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def comments(self, above: list[str], indent: int, first: bool = False) -> None:
        """Write comments on their own lines, and blank lines: at most one in a row, none at the start."""
        for text in _strip_leading_blanks(above) if first else above:
            if text or (self.lines and self.lines[-1]):
                self.lines.append(" " * indent + text if text else "")

    def entry(self, slot: Slot, indent: int, mapping: bool, place: Place, first: bool) -> None:
        """Write one entry of a collection that is laid out line by line."""
        self.comments([*slot.above, *self._comments_of_first(slot, mapping, place)], indent, first)
        self._add_entry(" " * indent, slot, indent, mapping, place)

    def _comments_of_first(self, slot: Slot, mapping: bool, place: Place) -> list[str]:
        """The comments above a collection that starts on the line of a dash."""
        value = slot.value
        if mapping or not isinstance(value, Collection) or value.anchor or not value.slots:
            return []
        within = inside(place, slot.key, mapping)
        if bracket_pieces(value, within) is not None:
            return []
        return [text for text in value.slots[0].above if text] + self._comments_of_first(
            value.slots[0], value.mapping, within
        )

    def _add_entry(self, lead: str, slot: Slot, indent: int, mapping: bool, place: Place) -> None:
        """Write an entry after the text that is already on its line."""
        head = f"{lead}{slot.key}:" if mapping else f"{lead}-"
        if mapping:
            slot.spot = (len(self.lines) + 1, len(lead) + 1, max(1, len(slot.key)))
        value, within = slot.value, inside(place, slot.key, mapping)
        if isinstance(value, Word):
            self._add_word(head, slot, value, indent)
            return
        pieces = bracket_pieces(value, within)
        flow = text_of(pieces) if pieces else ""
        if pieces and len(head) + 1 + len(flow) <= WIDTH:
            note_spots(pieces, len(self.lines) + 1, len(head) + 2)
            self._add_line(f"{head} {flow}", slot)
        elif pieces and not value.mapping and only_words(value):
            self._add_filled(f"{head} {value.anchor}", value, indent + _STEP, slot)
        else:
            self._add_block(head, slot, value, indent, mapping, within)

    def _add_word(self, head: str, slot: Slot, word: Word, indent: int) -> None:
        """Write a word after its key or dash, and the lines of a block of text below it."""
        text = f"{word.anchor}{word.text}"
        behind = len(head) + (1 if text else 0)
        word.spot = (len(self.lines) + 1, behind + len(word.anchor) + 1, max(1, len(word.text)))
        self._add_line(f"{head} {text}" if text else head, slot)
        self.lines += [" " * (indent + _STEP) + line if line else "" for line in word.lines or ()]

    def _add_block(self, head: str, slot: Slot, value: Collection, indent: int, mapping: bool, place: Place) -> None:
        """Write a collection line by line: below its key, or starting on the line of its dash."""
        if value.anchor:
            head = f"{head} {value.anchor.rstrip()}"
        compact = not mapping and not value.anchor and not slot.beside
        if not compact:
            self._add_line(head, slot, moved=value.flow)
        start = (len(self.lines) + 1, len(head) + 2 if compact else indent + _STEP + 1, 1)
        for number, entry in enumerate(value.slots):
            if compact and not number:
                self._add_entry(f"{head} ", entry, indent + _STEP, value.mapping, place)
            else:
                self.entry(entry, indent + _STEP, value.mapping, place, first=not number)
        value.spot = _spot_of_block(value, start)
        self.comments(value.tail, indent + _STEP)

    def _add_filled(self, head: str, value: Collection, indent: int, slot: Slot) -> None:
        """Write a long list of words, with as many per line as fit."""
        begun, line = len(self.lines) + 1, f"{head}["
        value.spot, value.flow = (begun, len(line), 1), True
        for number, entry in enumerate(value.slots):
            assert isinstance(entry.value, Word)
            word = in_flow(entry.value.text)
            mark = "," if number + 1 < len(value.slots) else "]"
            space = "" if line.endswith("[") else " "
            if len(line) + len(space) + len(word) + 1 > WIDTH and line.strip():
                self.lines.append(line)
                line, space = " " * indent, ""
            line += space
            entry.value.spot = (len(self.lines) + 1, len(line) + 1, len(word))
            line += word + mark
        self._add_line(line, slot)
        ends = [spot[1] + spot[2] for entry in value.slots if (spot := entry.value.spot)[0] == begun]
        value.spot = (begun, value.spot[1], max([value.spot[1] + 1, *ends]) - value.spot[1])

    def _add_line(self, text: str, slot: Slot, moved: bool = False) -> None:
        """Write one line with its end-of-line comment, in its old column if there is room; after the text if
        `moved`.
        """
        if slot.beside:
            room = slot.column - len(text)
            text += " " * room if room >= len(_GAP) and not moved else _GAP
        self.lines.append(text + slot.beside)


def _spot_of_block(node: Collection, start: Spot) -> Spot:
    """The spot of a collection laid out line by line: the part of it on its first line, which begins at `start`."""
    line, column, _ = start
    first = node.slots[0]
    ends = [column + 1]
    for spot, width in ((first.spot, first.spot[2]), (first.value.spot, _width(first.value))):
        if spot[0] == line:
            ends.append(spot[1] + width)
    return line, column, max(ends) - column


def _width(value: Written) -> int:
    return 0 if isinstance(value, Word) and value.empty else value.spot[2]
