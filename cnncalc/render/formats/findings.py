"""Writes findings for readers: place, level, message and rule, then the line of the spec with the fix below it."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.finding import Finding, Severity
from cnncalc.checks.many import Run
from cnncalc.checks.run import Checked
from cnncalc.render.formats.finding_words import LEVELS, finding_text, fix_text, place_text, summary_text, weights_text
from cnncalc.render.formats.frames import Tint, frame_lines, sentence_text


def findings_text(
    run: Run, *, colour: bool = False, failing: tuple[Severity, ...] = ("error",), width: int | None = None
) -> str:
    """Format all findings in at most `width` columns, followed by a summary line."""
    lines = [line for each in run.checked for line in _spec_lines(each, width, colour)]
    worst: Tint = next((level for level in LEVELS[:2] if run.count(level)), "strong")
    summary = sentence_text([(summary_text(run), worst)], width, colour)
    return "\n".join([*lines, *([""] if lines else []), summary]) + "\n"


def _spec_lines(checked: Checked, width: int | None, colour: bool) -> Iterator[str]:
    before: Finding | None = None
    for result in checked.findings:
        parts: list[tuple[str, Tint]] = [(place_text(checked.name, result), "strong"), (": ", "")]
        parts += [(result.level, result.level), (f": {finding_text(result)} ", ""), (f"[{result.rule}]", "dim")]
        yield sentence_text(parts, width, colour)
        if before is None or (before.span, before.fix) != (result.span, result.fix):
            yield from frame_lines(result.span, fix_text(result), result.level, width, colour)
        before = result
    if fits := weights_text(checked):
        yield sentence_text([(fits, "")], width, colour)
