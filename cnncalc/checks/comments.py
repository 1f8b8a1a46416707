"""Reads comments `# cnncalc: ignore[rule, …]` in a spec: which rules they silence, on which lines.

A comment silences its own line and the more deeply indented lines below it: on the line of an item, the whole item; on
the line of a figure, this figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cnncalc.document.checks import rule_hint
from cnncalc.errors import Source, Span
from cnncalc.names import RULE_NAMES
from cnncalc.suggest import nearest

MARK = re.compile(r"#\s*cnncalc\s*:\s*(?P<word>[A-Za-z-]*)\s*(?:\[(?P<rules>[^\]\n]*)\])?(?P<rest>[^#\n]*)")
MEANT = ("ignore", "disable", "skip", "allow", "noqa")
EXAMPLE = "name the rule: # cnncalc: ignore[stride-drops-pixels]"


@dataclass(slots=True)
class Ignore:
    """A rule that a comment names: the place of the name and of the comment, and the last line that it silences."""

    rule: str
    span: Span
    comment: Span
    last: int
    used: bool = False

    def silences(self, rule: str, lines: set[int]) -> bool:
        """Whether a finding of this rule on one of these lines is silenced."""
        return rule == self.rule and any(self.comment.line <= line <= self.last for line in lines)


@dataclass(frozen=True, slots=True)
class Misread:
    """A comment for cnncalc that cannot be interpreted, with a hint on what to write."""

    message: str
    span: Span
    hint: str


def read_ignores(source: Source) -> tuple[list[Ignore], list[Misread]]:
    """Return the rules that comments silence, and the comments that cannot be interpreted."""
    ignores: list[Ignore] = []
    wrong: list[Misread] = []
    for match, span, last in _find_comments(source):
        if match["word"] != "ignore" and not nearest(match["word"], MEANT):
            continue  # prose
        if match["word"] != "ignore" or match["rules"] is None:
            wrong.append(Misread("this comment has no effect", span, EXAMPLE))
            continue
        for piece in re.finditer(r"[^\s,][^,]*", match["rules"]):
            name = piece[0].strip()
            column = span.column + match.start("rules") + piece.start()
            place = span._replace(column=column, width=len(name))
            if name in RULE_NAMES:
                ignores.append(Ignore(name, place, span, last))
            else:
                wrong.append(Misread(f"unknown rule '{name}'", place, rule_hint(name)))
        if not match["rules"].strip(", "):
            wrong.append(Misread("ignore[] names no rule", span, EXAMPLE))
    return ignores, wrong


def _find_comments(source: Source) -> Iterator[tuple[re.Match[str], Span, int]]:
    """Yield the comments for cnncalc, each with its place and the last line that it silences."""
    if "cnncalc" not in source.text or not MARK.search(source.text):
        return
    lines = source.text.split("\n")
    scalars = _scalar_ranges(source)
    for number, line in enumerate(lines, 1):
        for start in (match.start() for match in re.finditer(r"(?<!\S)#", line)):
            match = MARK.match(line[start:].rstrip())
            if match and not any(begin <= (number, start) < end for begin, end in scalars):
                span = Span(source, number, start + 1, match.end())
                yield match, span, _last_line(lines, number)


def _scalar_ranges(source: Source) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Start and end (line from 1, column from 0) of every scalar of the YAML: a # inside one is not a comment."""
    import yaml

    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    scalars = []
    try:
        for token in yaml.scan(source.text.replace("\t", " "), Loader=loader):
            if isinstance(token, yaml.ScalarToken):
                begin, end = token.start_mark, token.end_mark
                scalars.append(((begin.line + 1, begin.column), (end.line + 1, end.column)))
    except yaml.YAMLError:
        pass  # an invalid spec has no findings to silence
    return scalars


def _last_line(lines: list[str], number: int) -> int:
    """The last line of the block that begins here: deeper indented lines, blank lines and comments belong to it."""
    margin = _indent(lines[number - 1])
    last = number
    for below in range(number + 1, len(lines) + 1):
        text = lines[below - 1].strip()
        if text and _indent(lines[below - 1]) <= margin and not text.startswith("#"):
            break
        last = below
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
