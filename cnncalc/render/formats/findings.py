"""Writes findings for readers: place, level, message and rule, then the line of the spec with the fix below it."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.finding import Finding, Severity
from cnncalc.checks.many import Run
from cnncalc.checks.run import Checked
from cnncalc.errors import frame
from cnncalc.render.formats.finding_words import LEVELS, finding_text, fix_text, place_text, summary_text

ANSI = {"error": "\033[1;31m", "warning": "\033[1;33m", "note": "\033[1;36m", "strong": "\033[1m", "dim": "\033[2m"}
RESET = "\033[0m"


def findings_text(run: Run, *, colour: bool = False, failing: tuple[Severity, ...] = ("error",)) -> str:
    """Format all findings, followed by a summary line."""
    lines = [line for each in run.checked for line in _spec_lines(each, colour)]
    worst = next((level for level in LEVELS[:2] if run.count(level)), "strong")
    return "\n".join([*lines, *([""] if lines else []), _paint(summary_text(run), worst, colour)]) + "\n"


def _spec_lines(checked: Checked, colour: bool) -> Iterator[str]:
    before: Finding | None = None
    for result in checked.findings:
        where = place_text(checked.name, result)
        level = _paint(result.level, result.level, colour)
        rule = _paint(f"[{result.rule}]", "dim", colour)
        yield f"{_paint(where, 'strong', colour)}: {level}: {finding_text(result)} {rule}"
        if before is None or (before.span, before.fix) != (result.span, result.fix):
            yield from _frame_lines(result, colour)
        before = result


def _frame_lines(result: Finding, colour: bool) -> Iterator[str]:
    """Yield the line of the spec with the fix below it; the fix alone if there is no line to show."""
    fix = fix_text(result)
    lines = frame(result.span, fix) if result.span else []
    for line, style in zip(lines, ("", result.level), strict=False):
        gutter, bar, text = line.partition("│")
        yield _paint(gutter + bar, "dim", colour) + (_paint(text, style, colour) if style else text)
    if fix and not lines:
        yield f"  {fix}"


def _paint(text: str, style: str, colour: bool) -> str:
    return f"{ANSI[style]}{text}{RESET}" if colour else text
