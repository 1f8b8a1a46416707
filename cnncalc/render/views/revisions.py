"""Builds the view of `cnncalc diff REV`: a row per changed network of a repository."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.report import Report
from cnncalc.differences.difference import Difference
from cnncalc.document.expectations import DEFAULT
from cnncalc.errors import CnncalcError, SpecError
from cnncalc.quantities.shares import change_text
from cnncalc.quantities.sizes import Layout, plural, tensors_text
from cnncalc.render.view import Cell, Column, Row, Section, Style, View
from cnncalc.render.views.diff import ARROW, TITLES, WRITTEN, affected_text, counts_text, equal_texts, figure_text
from cnncalc.revisions.networks import NetworkChange
from cnncalc.revisions.sides import Sides
from cnncalc.source.repository import Repository
from cnncalc.visible import visible

SHOWN = ("params", "macs", "peak_memory")
COLUMNS = (
    Column("network"),
    Column("change", narrow="below"),
    *(Column(TITLES[name], right=True, narrow="keep" if name == "params" else "drop") for name in SHOWN),
)


def revisions_view(
    sides: Sides, changes: Sequence[NetworkChange], *, layout: Layout = "chw", exact: bool = False
) -> View:
    """Build a row per network, and notes: limits exceeded, faults, and how many networks changed."""
    repository = sides.before.repository
    rows = tuple(_row(change, repository, layout, exact) for change in changes)
    notes = [Cell(text, "warning") for text in failure_texts(sides, changes)]
    notes.append(Cell(_count_text(changes, sides)))
    sections = (Section("", rows),) if rows else ()
    return View(f"Networks changed {visible(sides.words)}", (), COLUMNS, sections, tuple(notes))


def failure_texts(sides: Sides, changes: Sequence[NetworkChange]) -> list[str]:
    """Every limit that is exceeded, and the first fault of every broken network."""
    over = [
        f"limit exceeded: {network_label(change, sides.before.repository)}: {each.sentence}"
        for change in changes
        for each in change.exceeded
    ]
    return over + [text for change in changes if (text := _fault_text(change))]


def network_label(change: NetworkChange, repository: Repository) -> str:
    """The name of a network as a SPEC, relative to the current folder; several variants are listed."""
    path = visible(repository.shown(change.pair.path))
    if len(change.variants) == 1:
        return path + (f"@{change.variants[0]}" if change.variants[0] else "")
    return f"{path} ({', '.join(variant or DEFAULT for variant in change.variants)})"


def change_words(change: NetworkChange, repository: Repository, layout: Layout = "chw") -> str:
    """What happened to a network: `renamed from a.yaml; 2 layers edited; totals unchanged`."""
    before, after = change.pair.before, change.pair.after
    renamed = before is not None and after is not None and before != after
    parts = [f"renamed from {visible(repository.shown(before or ''))}"] if renamed else []
    whole = None in (before, after)  # otherwise, the file has other variants
    if change.status in ("added", "removed"):
        parts.append(change.status if whole else f"variant {change.status}")
    elif change.status == "broken":
        parts += ["added"] if before is None else []
        word = "broken" if isinstance(change.new, SpecError) else "cannot be read"
        parts.append(f"{word}, as before" if isinstance(change.old, CnncalcError) else word)
    elif change.difference is None:
        parts.append("was broken before")
    else:
        parts += _difference_words(change.difference, layout)
        parts += ["totals unchanged"] if change.status == "changed" and change.same_totals else []
    return "; ".join(parts)


def _fault_text(change: NetworkChange) -> str:
    """The first fault of a broken network, with its place, and how many there are; empty if it is not broken."""
    if not isinstance(change.new, CnncalcError):
        return ""
    if not isinstance(change.new, SpecError):
        return str(change.new)
    first, *others = change.new.faults
    place = f"{first.span}: " if first.span else ""
    more = f" (and {plural(len(others), 'more fault')})" if others else ""
    return f"{place}{first.message}{more}"


def _difference_words(difference: Difference, layout: Layout) -> list[str]:
    if difference.equal:
        return ["network unchanged"]
    ends = [
        f"{label} {ARROW.join(tensors_text(shapes, layout) for shapes in pair)}"
        for label, pair in (("input", difference.inputs), ("output", difference.outputs))
        if not equal_texts(pair, layout)
    ]
    counts = counts_text(difference, WRITTEN)
    return [*ends, *([counts] if counts else [] if ends else [affected_text(difference)])]


def _count_text(changes: Sequence[NetworkChange], sides: Sides) -> str:
    if not changes:
        return f"no spec changed {visible(sides.words)}"
    specs = len({change.pair.path for change in changes})
    return f"{plural(len(changes), 'network')} of {plural(specs, 'changed spec')}"


def _row(change: NetworkChange, repository: Repository, layout: Layout, exact: bool) -> Row:
    failed = {each.limit.figure for each in change.exceeded}
    style: Style = "warning" if failed or change.status == "broken" else "strong"
    name, words = network_label(change, repository), change_words(change, repository, layout)
    totals = [_total_cell(change, figure, figure in failed, exact) for figure in SHOWN]
    record: dict[str, object] = {"network": name, "status": change.status, "change": words}
    for figure, total in change.totals.items():
        record |= {f"{figure}_before": total.before, f"{figure}_after": total.after}
    return Row((Cell(name, style), Cell(words), *totals), 0, record)


def _total_cell(change: NetworkChange, figure: str, failed: bool, exact: bool) -> Cell:
    """The total before and after, or the one of the only side that has a network."""
    total = change.totals[figure]
    sides = ((change.old, total.before), (change.new, total.after))
    texts = [figure_text(figure, value, exact) for side, value in sides if isinstance(side, Report)]
    if len(texts) == 2 and not total.differs:
        return Cell(texts[0], "dim")
    percent = f" ({change_text(total.percent)})" if total.percent is not None else ""
    return Cell(ARROW.join(texts) + percent, "warning" if failed else "plain")
