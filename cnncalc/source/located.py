"""An error of PyYAML with its places in the source, and the values around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import Source, Span
from cnncalc.source import traps as yaml_traps

if TYPE_CHECKING:
    from yaml import Mark, MarkedYAMLError


class LocatedError:
    """A YAML error whose marks are converted to places in the source."""

    def __init__(self, error: MarkedYAMLError, source: Source) -> None:
        self.source = source
        self.context = error.context or ""
        self.problem = error.problem or ""
        self.place = self._span(error.problem_mark or error.context_mark)
        self.opened = self._span(error.context_mark or error.problem_mark)
        self.at_end = error.problem_mark is not None and error.problem_mark.index >= len(source.text.rstrip())

    def _span(self, mark: Mark | None) -> Span:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Span(self.source, line, column)

    def char(self, span: Span) -> str:
        """The character at this place; empty at the end of a line."""
        return self.source.line(span.line)[span.column - 1 : span.column]

    @property
    def is_flow(self) -> bool:
        """Whether it is inside brackets or braces."""
        return "flow" in self.context

    def before(self, span: Span) -> str:
        """The text of the line before this place."""
        return self.source.line(span.line)[: span.column - 1]


def start_of_value(before: str) -> int:
    """The index at which the last value in this text begins: after the last ': ' or '- ', or the enclosing comma or
    bracket.
    """
    start = max((before.rfind(mark) + len(mark) for mark in (": ", "- ") if mark in before), default=0)
    inner = before[start:]
    if not inner.startswith(("{", '"', "'")):
        start += _last_part(inner)
    return start + len(before[start:]) - len(before[start:].lstrip())


def _last_part(text: str) -> int:
    """The index after the last comma or opening bracket that is not inside closed brackets."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        char = text[index]
        if depth == 0 and char in ",([{":
            return index + 1
        depth += (char in ")]}") - (char in "([{")
    return 0


def quote_from(span: Span) -> str:
    """The advice to quote the value that begins at this place."""
    return yaml_traps.quote(yaml_traps.rest_of_value(span))
