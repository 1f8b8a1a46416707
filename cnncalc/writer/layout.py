"""What is written → text, in the one style that all shipped specs have.

Layers stand line by line, their arguments in brackets behind them where 120 columns hold those, else line by line too.
Long lists of words fill lines. Comments keep their places; of blank lines one is kept, none where a list begins.
"""

from __future__ import annotations

from cnncalc.writer.contexts import Place, in_brackets, inside
from cnncalc.writer.order import arrange, blank_between, group
from cnncalc.writer.tree import Collection, Slot, Word, Written
from cnncalc.writer.words import in_flow

WIDTH = 120
_STEP = 2
_GAP = "  "  # before a comment beside something


def layout(root: Collection) -> str:
    """The text of a whole spec."""
    lines = _Lines()
    before, begun = "", 0  # the section above, and the line with which its group begins
    arrange(root)
    for slot in root.slots:
        if before and blank_between(before, slot.key, len(lines.found) - begun):
            lines.found.append("")
        above = _without_blank(slot.above)
        if group(before) != group(slot.key):
            begun = len(lines.found) + len(above)
        lines.entry(slot, 0, True, Place.ROOT, first=True)
        before = slot.key
    lines.comments(root.tail, 0)
    return "\n".join(lines.found) + "\n"


def _without_blank(above: list[str]) -> list[str]:
    """What is left of comments and blank lines where no blank line may come first."""
    begin = next((number for number, text in enumerate(above) if text), len(above))
    return above[begin:]


class _Lines:
    """The lines so far."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def comments(self, above: list[str], indent: int, first: bool = False) -> None:
        """Comments on lines of their own, and blank lines: one at most, none at the beginning."""
        for text in _without_blank(above) if first else above:
            if text or (self.found and self.found[-1]):
                self.found.append(" " * indent + text if text else "")

    def entry(self, slot: Slot, indent: int, mapping: bool, place: Place, first: bool) -> None:
        """One entry of a collection that stands line by line."""
        self.comments([*slot.above, *self._above_first(slot, mapping, place)], indent, first)
        self._put(" " * indent, slot, indent, mapping, place)

    def _above_first(self, slot: Slot, mapping: bool, place: Place) -> list[str]:
        """The comments above what begins on the line of a dash."""
        value = slot.value
        if mapping or not isinstance(value, Collection) or value.anchor or not value.slots:
            return []
        within = inside(place, slot.key, mapping)
        if _bracketed(value, within) is not None:
            return []
        return [text for text in value.slots[0].above if text] + self._above_first(
            value.slots[0], value.mapping, within
        )

    def _put(self, lead: str, slot: Slot, indent: int, mapping: bool, place: Place) -> None:
        """An entry behind what is on its line already."""
        head = f"{lead}{slot.key}:" if mapping else f"{lead}-"
        value, within = slot.value, inside(place, slot.key, mapping)
        if isinstance(value, Word):
            text = f"{value.anchor}{value.text}"
            self._line(f"{head} {text}" if text else head, slot)
            self.found += [" " * (indent + _STEP) + line if line else "" for line in value.lines or ()]
            return
        flow = _bracketed(value, within)
        if flow is not None and len(head) + 1 + len(flow) <= WIDTH:
            self._line(f"{head} {flow}", slot)
        elif flow is not None and not value.mapping and _only_words(value):
            self._fill(f"{head} {value.anchor}[", value, indent + _STEP, slot)
        else:
            self._block(head, slot, value, indent, mapping, within)

    def _block(self, head: str, slot: Slot, value: Collection, indent: int, mapping: bool, place: Place) -> None:
        """A collection line by line: under its key, or from the line of its dash on."""
        if value.anchor:
            head = f"{head} {value.anchor.rstrip()}"
        compact = not mapping and not value.anchor and not slot.beside
        if not compact:
            self._line(head, slot, moved=value.flow)
        for number, entry in enumerate(value.slots):
            if compact and not number:
                self._put(f"{head} ", entry, indent + _STEP, value.mapping, place)
            else:
                self.entry(entry, indent + _STEP, value.mapping, place, first=not number)
        self.comments(value.tail, indent + _STEP)

    def _fill(self, head: str, value: Collection, indent: int, slot: Slot) -> None:
        """A long list of words, as many as go into a line."""
        words = [in_flow(entry.value.text) for entry in value.slots if isinstance(entry.value, Word)]
        line = head
        for number, word in enumerate(words):
            word += "," if number + 1 < len(words) else "]"
            space = "" if line.endswith("[") else " "
            if len(line) + len(space) + len(word) > WIDTH and line.strip():
                self.found.append(line)
                line, space = " " * indent, ""
            line += space + word
        self._line(line, slot)

    def _line(self, text: str, slot: Slot, moved: bool = False) -> None:
        """One line, with the comment beside it where it was, as far as there is room; behind it where what stood
        between has moved to other lines.
        """
        if slot.beside:
            room = slot.column - len(text)
            text += " " * room if room >= len(_GAP) and not moved else _GAP
        self.found.append(text + slot.beside)


def _only_words(value: Collection) -> bool:
    return all(isinstance(slot.value, Word) and not slot.value.anchor for slot in value.slots)


def _bracketed(node: Collection, place: Place) -> str | None:
    """A collection in brackets; None where it does not go into them."""
    return _flow(node) if in_brackets(node, place) and not node.commented else None


def _flow(node: Written) -> str | None:
    if isinstance(node, Word):
        return None if node.lines is not None else f"{node.anchor}{in_flow(node.text)}"
    parts = []
    for slot in node.slots:
        value = _flow(slot.value)
        if value is None:
            return None
        if not node.mapping and isinstance(slot.value, Collection) and _is_pair(slot.value):
            value = value[1:-1]
        parts.append(f"{in_flow(slot.key)}: {value}" if node.mapping else value)
    opened, closed = ("{", "}") if node.mapping else ("[", "]")
    return f"{node.anchor}{opened}{', '.join(parts)}{closed}"


def _is_pair(node: Collection) -> bool:
    """Whether it may stand in a list without braces: `[relu, dropout: 0.5]`."""
    if not node.mapping or len(node.slots) != 1 or node.anchor:
        return False
    value = node.slots[0].value
    return not isinstance(value, Word) or not value.empty
