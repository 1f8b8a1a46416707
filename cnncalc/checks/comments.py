"""Reads comments `# cnncalc: ignore[rule, …]` in a spec: which rules they silence, on which lines.

A comment silences its own line and the more deeply indented lines below it: on the line of an item, the whole item; on
the line of a figure, this figure.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from cnncalc.document.checks import rule_hint
from cnncalc.errors import Source, Span
from cnncalc.names import RULE_NAMES
from cnncalc.records import NamedTuple
from cnncalc.suggest import nearest

MARK = re.compile(r"(?<!\S)#\s*cnncalc\s*:\s*(?P<word>[A-Za-z-]*)\s*(?:\[(?P<rules>[^\]#\n]*)\])?(?P<rest>[^#\n]*)")
MEANT = ("ignore", "disable", "skip", "allow", "noqa")
EXAMPLE = "name the rule: # cnncalc: ignore[stride-drops-pixels]"


class Ignore(NamedTuple):
    """A rule that a comment names: the place of the name and of the comment, and the last line that it silences."""

    rule: str
    span: Span
    comment: Span
    last: int


class Ignores:
    """The rules that comments silence, which ones of them were needed, and the comments that cannot be interpreted."""

    def __init__(self, ignores: Sequence[Ignore] = (), misread: Sequence[Misread] = ()) -> None:
        self.all = ignores
        self.misread = misread
        by_rule = groupby(sorted(ignores, key=lambda each: each.rule), key=lambda each: each.rule)
        self._silent = {rule: _Lines(each) for rule, each in by_rule}
        self._silenced: dict[str, set[int]] = {}  # rule → lines of its findings that were silenced

    def silence(self, rule: str, lines: set[int]) -> bool:
        """Whether a finding of this rule on one of these lines is silenced; what silences it is needed from now on."""
        silent = self._silent[rule].among(lines) if rule in self._silent else set()
        if silent:
            self._silenced.setdefault(rule, set()).update(silent)
        return bool(silent)

    def idle(self) -> list[Ignore]:
        """Those that have silenced nothing."""
        silenced = {rule: sorted(lines) for rule, lines in self._silenced.items()}
        return [each for each in self.all if not _silences_any(each, silenced.get(each.rule, ()))]


class _Lines:
    """The lines that comments for one rule silence: ranges in ascending order that do not overlap."""

    def __init__(self, ignores: Iterable[Ignore]) -> None:
        self._first: list[int] = []
        self._last: list[int] = []
        for each in ignores:  # in the order of their lines
            if self._last and each.comment.line <= self._last[-1]:
                self._last[-1] = max(self._last[-1], each.last)
            else:
                self._first.append(each.comment.line)
                self._last.append(each.last)

    def among(self, lines: set[int]) -> set[int]:
        """Those of the lines that are silenced."""
        return {line for line in lines if (place := bisect_right(self._first, line)) and line <= self._last[place - 1]}


def _silences_any(ignore: Ignore, lines: Sequence[int]) -> bool:
    place = bisect_left(lines, ignore.comment.line)
    return place < len(lines) and lines[place] <= ignore.last


class Misread(NamedTuple):
    """A comment for cnncalc that cannot be interpreted, with a hint on what to write."""

    message: str
    span: Span
    hint: str


def read_ignores(source: Source) -> Ignores:
    """Return what the comments of a spec silence."""
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
            column = match.start("rules") + piece.start() + 1
            place = span._replace(column=column, width=len(name))
            if name in RULE_NAMES:
                ignores.append(Ignore(name, place, span, last))
            else:
                wrong.append(Misread(f"unknown rule '{name}'", place, rule_hint(name)))
        if not match["rules"].strip(", "):
            wrong.append(Misread("ignore[] names no rule", span, EXAMPLE))
    return Ignores(ignores, wrong)


def _find_comments(source: Source) -> Iterator[tuple[re.Match[str], Span, int]]:
    """Yield the comments for cnncalc, each with its place and the last line that it silences."""
    if "cnncalc" not in source.text or not MARK.search(source.text):
        return
    lines = source.text.split("\n")
    scalars, last = _scalar_ranges(source), _last_lines(lines)
    for number, line in enumerate(lines, 1):
        for match in MARK.finditer(line.rstrip()) if "cnncalc" in line else ():
            place = number, match.start()
            scalar = bisect_right(scalars, place, key=lambda each: each[0]) - 1
            if scalar < 0 or place >= scalars[scalar][1]:
                yield match, Span(source, number, match.start() + 1, len(match[0].rstrip())), last[number]


def _scalar_ranges(source: Source) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Start and end (line from 1, column from 0) of every scalar of the YAML: a # inside one is not a comment."""
    from cnncalc.source.pyyaml import yaml

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


def _last_lines(lines: Sequence[str]) -> Mapping[int, int]:
    """Line → the last line of the block that begins there: deeper lines, blank ones and comments belong to it.

    From the end of the text up: `ends` are the lines further down that end a block, each less deep than the next below.
    """
    last: dict[int, int] = {}
    margins: list[int] = []
    ends: list[int] = []
    for number in range(len(lines), 0, -1):
        line = lines[number - 1]
        margin, text = _indent(line), line.strip()
        end = bisect_right(margins, margin) - 1
        last[number] = ends[end] - 1 if end >= 0 else len(lines)
        if text and not text.startswith("#"):
            while margins and margins[-1] >= margin:
                margins.pop()
                ends.pop()
            margins.append(margin)
            ends.append(number)
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
