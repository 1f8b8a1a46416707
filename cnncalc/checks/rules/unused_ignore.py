"""`unused-ignore`: a comment that silences nothing, or names no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from cnncalc.checks.comments import Ignore, Ignores
from cnncalc.checks.finding import Edit, Fix, Observation
from cnncalc.checks.rule import Level, Rule, Subject
from cnncalc.errors import Span


class UnusedIgnore(Rule):
    """`# cnncalc: ignore[…]` where there is nothing to ignore."""

    name: ClassVar[str] = "unused-ignore"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = "A comment `# cnncalc: ignore[rule]` has no effect, or does not name a rule."
    why: ClassVar[str] = (
        "It tells readers of a finding that does not exist, and would hide one that appears later. A misspelt rule "
        "name silences nothing."
    )
    example: ClassVar[str] = """input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3}  # cnncalc: ignore[expectation]
"""
    fixed: ClassVar[str] = """input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3}
"""
    source: ClassVar[str] = "As linters for code do: ruff's unused-noqa, mypy's unused-ignore."

    def findings(self, subject: Subject) -> Iterable[Observation]:
        """Return nothing: unused comments are known only after all rules have run in all variants."""
        return ()


def unused_findings(ignores: Ignores, idle: Sequence[Ignore]) -> Iterator[Observation]:
    """Yield a finding per rule that a comment names in vain, and per comment that cannot be interpreted.

    A comment without any effect can be deleted safely.
    """
    for wrong in ignores.misread:
        yield Observation(UnusedIgnore.name, wrong.message, wrong.span, fix=Fix(wrong.hint))
    needed = {each.comment for each in {*ignores.all}.difference(idle)}
    gone: set[Span] = set()
    for each in idle:
        edits: tuple[Edit, ...] = ()
        if each.comment not in needed and each.comment not in gone:
            gone.add(each.comment)
            edits = (Edit(_span_to_delete(each.comment), ""),)
        yield Observation(
            UnusedIgnore.name, f"{each.rule} reports nothing here", each.span, fix=Fix("delete it", edits)
        )


def _span_to_delete(comment: Span) -> Span:
    """The span of a comment and the spaces before it, with the line break if it is alone on its line."""
    line = comment.source.line(comment.line)
    before = line[: comment.column - 1].rstrip()
    end = comment.column - 1 + comment.width
    whole = not before and end >= len(line.rstrip())
    return comment._replace(column=len(before) + 1, width=len(line) + 1 if whole else end - len(before))
