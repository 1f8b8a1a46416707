"""Applies the safe fixes of a spec (`--fix`), after checking that they improve the result."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from cnncalc.checks.finding import Edit, Finding
from cnncalc.checks.levels import Choice
from cnncalc.checks.many import Task
from cnncalc.checks.run import Checked, check_source
from cnncalc.errors import Source, Span
from cnncalc.limits import LARGEST_SPEC, MOST_CHECKS
from cnncalc.records import NamedTuple
from cnncalc.source.reading import decode, read_spec
from cnncalc.source.replacing import replace_text


class Fixed(NamedTuple):
    """A spec after its fixes: the remaining findings, how many fixes were made, left out as harmful, and not tried."""

    checked: Checked
    fixes: int = 0
    left: int = 0
    untried: int = 0


def fix(task: Task, choice: Choice, checked: Checked) -> Fixed:
    """Apply the safe fixes of a checked spec, and write the file if there are any.

    Only the text of the fixes changes. A fix after which the spec has more faults or errors, or that fixes nothing, is
    left out. What `MOST_CHECKS` trials do not reach is not tried.

    Raises:
        UsageError: the file changed in the meantime, is read-only, or cannot be written; it stays unchanged.
    """
    if not _fixable(checked):
        return Fixed(checked)
    data = read_spec(task.path)
    source = decode(str(task.path), data)
    state = _State(source, check_source(source, choice, task.variant))
    refused: set[_Key] = set()
    fixes = 0
    size, checks = len(_fixable(state.checked)), 0  # fixes tried together: half as many where that fails
    while (wanted := [each for each in _fixable(state.checked) if _key(each) not in refused]) and checks < MOST_CHECKS:
        after = _apply(state, wanted[:size], choice, task)
        checks += 1
        if after is not None:
            fixes += len(_fixable(state.checked)) - len(_fixable(after.checked))
            state, size = after, 2 * size
        elif size > 1 and len(wanted) > 1:
            size = min(size, len(wanted)) // 2
        else:
            refused.add(_key(wanted[0]))
    if fixes:
        replace_text(task.path, state.source.text, instead_of=data)
    left = len(_fixable(state.checked))
    return Fixed(_without_edits(state.checked), fixes, left - len(wanted), len(wanted))


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Apply every edit to a text. None overlaps another.

    A span that is one column longer than its line includes the line break.
    """
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    pieces, done = [], 0
    for span, new in sorted(edits, key=lambda edit: edit.span[1:3]):
        begin = starts[span.line - 1] + span.column - 1
        beyond = span.column - 1 + span.width > len(span.source.line(span.line))
        pieces += [text[done:begin], new]
        done = min(starts[span.line], len(text)) if beyond else begin + span.width
    return "".join([*pieces, text[done:]])


_Key: TypeAlias = tuple[str, str, tuple[str, ...]]


class _State(NamedTuple):
    """A text and its findings."""

    source: Source
    checked: Checked


def _apply(state: _State, wanted: Sequence[Finding], choice: Choice, task: Task) -> _State | None:
    """Fix these findings; None if that does not improve the spec."""
    text = apply_edits(state.source.text, disjoint_edits(wanted))
    source = Source(state.source.name, text)
    after = check_source(source, choice, task.variant)
    before = state.checked
    worse = after.networks < before.networks or after.count("error") > before.count("error")
    return None if worse or len(_fixable(after)) >= len(_fixable(before)) else _State(source, after)


def disjoint_edits(results: Iterable[Finding]) -> list[Edit]:
    """The edits of fixes that do not touch an earlier one; a fix is taken in full or not at all."""
    taken: list[Edit] = []
    places: dict[int, list[tuple[int, int]]] = {}  # line → its places that are taken, each from one column to another
    for result in results:
        edits = result.fix.edits if result.fix else ()
        if not any(_touches(edit.span, places.get(edit.span.line, ())) for edit in edits):
            taken += edits
            for edit in edits:
                span = edit.span
                insort(places.setdefault(span.line, []), (span.column, span.column + span.width))
    return taken


def _touches(span: Span, places: Sequence[tuple[int, int]]) -> bool:
    """Whether a span overlaps or touches one of the places on its line, which are sorted and do not overlap."""
    after = bisect_right(places, (span.column + span.width, LARGEST_SPEC))
    return after > 0 and places[after - 1][1] >= span.column


def _fixable(checked: Checked) -> list[Finding]:
    return [result for result in checked.findings if result.fix and result.fix.edits]


def _without_edits(checked: Checked) -> Checked:
    """The remaining findings, with their fixes in words only, since the edits have been tried in vain."""
    findings = (each._replace(fix=each.fix and each.fix._replace(edits=())) for each in checked.findings)
    return checked._replace(findings=tuple(findings))


def _key(result: Finding) -> _Key:
    return result.rule, result.message, result.nodes
