"""Lays out Markdown for a terminal: paragraphs and lists wrapped, code indented; all else stays as written.

Only what the pages use: headings, paragraphs, lists, fences, links and `code`. A link to the page of a
topic becomes the topic as code.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator

from cnncalc.records import NamedTuple

_LINK = re.compile(r"\[([^\]]+)\]\(([^)]*)\)")
_CODE = re.compile(r"`[^`]+`")
_KEPT_SPACE = "\xa0"  # textwrap does not break lines here
INDENT = "  "


def _keep(text: str) -> str:
    return text


class Look(NamedTuple):
    """How each kind of text is highlighted; by default not at all. Only escape sequences may be added."""

    heading: Callable[[str], str] = _keep
    prose: Callable[[str], str] = _keep
    yaml: Callable[[str], str] = _keep


PLAIN = Look()


def render_prose(markdown: str, width: int, look: Look = PLAIN) -> str:
    """Markdown as text of at most `width` columns, apart from code."""
    laid_out = ""
    before = ""
    for kind, text in _blocks(markdown.split("\n")):
        apart = "" if not laid_out else "\n" if kind == before == "item" else "\n\n"
        laid_out += apart + _lay_out(kind, text, width, look)
        before = kind
    return laid_out + "\n"


def _lay_out(kind: str, text: str, width: int, look: Look) -> str:
    if kind == "item":
        return look.prose(_wrap(text, width, INDENT))
    if kind == "prose":
        return look.prose(_wrap(text, width, ""))
    if kind == "heading":
        return look.heading(_wrap(text, width, ""))
    code = textwrap.indent(text, INDENT) + "\n"
    return (look.yaml(code) if kind == "yaml" else code).removesuffix("\n")


def _wrap(text: str, width: int, hanging: str) -> str:
    text = _LINK.sub(lambda link: f"`{link[1]}`" if link[2] == f"{link[1]}.md" else link[1], text)
    text = _CODE.sub(lambda code: code[0].replace(" ", _KEPT_SPACE), text)
    wrapped = textwrap.fill(text, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
    return wrapped.replace(_KEPT_SPACE, " ")


def _blocks(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The blocks of a page: their kind (heading, prose, item, or the language of a fence), and their text."""
    index = 0
    while index < len(lines):
        line = lines[index]
        end = index + 1
        if line.startswith("```"):
            while lines[end] != "```":
                end += 1
            yield line[3:], "\n".join(lines[index + 1 : end])
            end += 1
        elif line.startswith("#"):
            yield "heading", line.lstrip("# ")
        elif line:
            while end < len(lines) and lines[end] and not lines[end].startswith(("- ", "#", "```")):
                end += 1
            yield "item" if line.startswith("- ") else "prose", " ".join(map(str.strip, lines[index:end]))
        index = end
