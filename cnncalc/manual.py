"""The language reference: the pages of `docs/language/`, and the entries in them by topic.

A page begins with `# topic: summary`. An entry is a section whose heading has code in it, or an item of a list that
begins with code; its topics are the first words of that code. `index.md` lists the pages in groups, in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cnncalc.records import NamedTuple

_TITLE = re.compile(r"# (\S+): (.+)\n")
_GROUP = re.compile(r"^## (.+)\n((?:\n|[^#\n].*\n)*)", re.MULTILINE)
_LINK = re.compile(r"\]\((\w+)\.md\)")
_CODE = re.compile(r"`([^`]+)`")
_ITEM = re.compile(r"- ((?:`[^`]+`(?:, )?)+)")
_WORD = re.compile(r"[$]?[A-Za-z_][\w-]*|[^\w\s]+")


class Page(NamedTuple):
    """A page: its topic, what it is about in one line, and its Markdown."""

    name: str
    summary: str
    text: str


class Entry(NamedTuple):
    """A part of a page about one or several topics: the page, and the part's Markdown."""

    page: str
    text: str


@cache
def folder() -> Path:
    """The folder of the pages: inside the installed package, or in `docs/` of a checkout."""
    inside = Path(__file__).parent / "language"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "docs" / "language"


@cache
def groups() -> dict[str, list[str]]:
    """The names of the pages as `index.md` groups them: heading → names."""
    text = (folder() / "index.md").read_text("utf-8")
    found = {heading: _LINK.findall(body) for heading, body in _GROUP.findall(text)}
    return {heading: names for heading, names in found.items() if names}


@cache
def page(name: str) -> Page:
    """The page with this name, which must exist."""
    text = (folder() / f"{name}.md").read_text("utf-8")
    match = _TITLE.match(text)
    assert match is not None, f"{name}.md begins with '# {name}: …'"
    return Page(name, match[2], text)


def pages() -> Iterator[Page]:
    """All pages, in order."""
    return (page(name) for names in groups().values() for name in names)


@cache
def entries() -> dict[str, list[Entry]]:
    """Topic → the entries about it, in the order of the pages."""
    found: dict[str, list[Entry]] = {}
    for each in pages():
        lines = each.text.split("\n")
        inside = False  # a fence
        for index, line in enumerate(lines[1:], 1):
            inside ^= line.startswith("```")
            for topic in () if inside else _topics(line):
                found.setdefault(topic, []).append(Entry(each.name, "\n".join(_part(lines[index:])).strip()))
    return found


def _topics(line: str) -> list[str]:
    """The topics of the entry that begins in this line."""
    item = _ITEM.match(line)
    codes = _CODE.findall(item[1] if item else line if line.startswith("#") else "")
    return list(dict.fromkeys(word[0] for code in codes if (word := _WORD.match(code))))


def _part(lines: list[str]) -> Iterator[str]:
    """The lines of the entry that begins in the first one: a section, or an item."""
    first, *rest = lines
    level = len(first) - len(first.lstrip("#"))
    inside = False
    yield first
    for line in rest:
        inside ^= line.startswith("```")
        if level == 0 and not line.startswith("  "):
            return
        if not inside and line.startswith("#") and line.find(" ") <= level:
            return
        yield line
