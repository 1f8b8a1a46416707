"""Reads the text of a cfg: sections with their options, each with its place.

As in Darknet, blanks are dropped anywhere in a line, a line that begins with # or ; is a comment, section names recur,
and a number ends at the first character that is not part of it: `filters=18 # for one class` is 18.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cnncalc.budget import spend
from cnncalc.errors import Fault, Source, Span, SpecError
from cnncalc.limits import LONGEST_TEXT, MOST_SECTIONS
from cnncalc.quantities.numerals import LARGEST_SIZE

_WHOLE = re.compile(r"[+-]?\d+")


@dataclass(frozen=True, slots=True)
class Option:
    """An option's value and its place."""

    text: str
    span: Span
    key: Span


@dataclass(slots=True)
class Section:
    """One section: its type, its place, and its options; of an option given twice the first counts, as in Darknet."""

    kind: str
    span: Span
    number: int  # of the layer, from 0; −1 for [net]
    options: dict[str, Option] = field(default_factory=dict)

    def whole(self, key: str, default: int, least: int = 0, most: int = LARGEST_SIZE) -> int:
        """A whole number.

        Raises:
            SpecError: it is not one, or out of bounds.
        """
        option = self.options.get(key)
        if option is None:
            return default
        match = _WHOLE.match(option.text)
        if match is None or len(match[0]) > len(str(most)) + 1:
            raise SpecError([Fault(f"{key}: expected a whole number, got '{option.text[:40]}'", option.span)])
        number = int(match[0])
        if not least <= number <= most:
            raise SpecError([Fault(f"{key}: expected a number from {least} to {most}, got {number}", option.span)])
        return number

    def required(self, key: str, least: int = 1) -> int:
        """A whole number that must be given.

        Raises:
            SpecError: it is missing, not a number, or too small.
        """
        if key not in self.options:
            raise SpecError([Fault(f"[{self.kind}] has no {key}", self.span, f"write {key}=…")])
        return self.whole(key, 0, least)

    def numbers(self, key: str) -> list[int]:
        """The whole numbers of a list; empty if it is not given.

        Raises:
            SpecError: one of them is not a whole number.
        """
        option = self.options.get(key)
        if option is None:
            return []
        found = []
        for text in option.text.split(","):
            match = _WHOLE.match(text)
            if text and (match is None or len(match[0]) > 9):
                raise SpecError([Fault(f"{key}: expected whole numbers, got '{text[:40]}'", option.span)])
            found += [int(match[0])] if match else []
        return found

    def word(self, key: str, default: str) -> str:
        """A word, up to a comment."""
        option = self.options.get(key)
        return default if option is None else re.split(r"[#;]", option.text)[0]

    def flag(self, key: str) -> bool:
        """Whether an option is set to a number other than 0."""
        return self.whole(key, 0, -LARGEST_SIZE) != 0


def read_sections(source: Source) -> list[Section]:
    """The sections of a text, [net] first.

    Raises:
        SpecError: a line is neither a section, an option, nor a comment; the file does not begin with [net].
    """
    sections: list[Section] = []
    for number, line in _lines(source):
        spend(1, "importing layers")
        column = len(line) - len(line.lstrip()) + 1
        text = re.sub(r"[ \t]", "", line)
        if text.startswith("["):
            sections.append(_section(source, text, number, column, len(sections) - 1))
            continue
        key, equals, value = text.partition("=")
        span = Span(source, number, column, max(1, len(line.strip())))
        if not equals or not key:
            raise SpecError([Fault(f"expected [section] or key=value, got '{text[:40]}'", span)])
        if not sections:
            raise SpecError([Fault(f"'{key[:40]}' stands before the first section", span, "begin with [net]")])
        sections[-1].options.setdefault(key, Option(value[:LONGEST_TEXT], _value_span(source, number, line), span))
    if not sections or sections[0].kind not in ("net", "network"):
        raise SpecError([Fault(f"{source.name}: expected a [net] section at the beginning: not a cfg of Darknet?")])
    return sections


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.text.split("\n"), 1):
        text = line.strip("\r\t ")
        if text and text[0] not in "#;\0":
            yield number, line.rstrip("\r")


def _section(source: Source, text: str, line: int, column: int, number: int) -> Section:
    name, closed, _ = text[1:].partition("]")
    span = Span(source, line, column, len(name) + 2)
    if not closed or not name:
        raise SpecError([Fault(f"expected a section such as [convolutional], got '{text[:40]}'", span)])
    if number >= MOST_SECTIONS:
        raise SpecError([Fault(f"more than {MOST_SECTIONS:,} sections", span)])
    return Section(name, span, number)


def _value_span(source: Source, number: int, line: str) -> Span:
    begin = line.index("=") + 1
    value = line[begin:]
    column = begin + len(value) - len(value.lstrip()) + 1
    return Span(source, number, column, max(1, len(value.strip())))
