"""Builds the views of `cnncalc diff`: the totals of both networks, and the layers that differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cnncalc.differences.changes import Change, Edit, Status, same
from cnncalc.differences.difference import Difference, Total
from cnncalc.differences.folding import Group
from cnncalc.differences.limits import Exceeded
from cnncalc.document.expectations import BYTES
from cnncalc.explanations.field_words import AND_WHOLE, WHOLE
from cnncalc.quantities.amounts import UNKNOWN, amount_text, difference_text
from cnncalc.quantities.bytes import bytes_text
from cnncalc.quantities.shares import change_text
from cnncalc.quantities.sizes import Layout, count_text, plural, shape_record, shape_text, tensors_text, times
from cnncalc.render.layer_words import layer_words, value_words
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, Style, View
from cnncalc.render.views.diff_time import Times, time_note, time_row
from cnncalc.symbolic import Size

ARROW = " → "
ALWAYS = ("params", "macs", "flops", "peak_memory", "activation_memory", "layers")
TITLES = {
    "params": "parameters", "macs": "MACs", "flops": "FLOPs", "peak_memory": "peak memory",
    "activation_memory": "activations",
}  # fmt: skip
COUNTS = ("params", "macs")  # may be unknown for a layer
FIGURES = ("output", "params", "macs", "field", "activation")
COLUMNS = (
    Column("layer"),
    Column("change", narrow="below"),
    Column("output", narrow="below"),
    Column("parameters", right=True),
    Column("MACs", right=True),
    Column("field", right=True, narrow="drop"),
    Column("activation", right=True, narrow="drop"),
)
WRITTEN: tuple[Status, ...] = ("removed", "inserted", "edited", "renamed")
SIGNS: dict[Status, str] = {
    "inserted": "+",
    "removed": "−",
    "edited": "~",
    "renamed": "~",
    "affected": "·",
    "same": " ",
}


def totals_view(
    difference: Difference, names: tuple[str, str], over: Sequence[Exceeded] = (), *, layout: Layout = "chw",
    exact: bool = False, times: Times | None = None,
) -> View:  # fmt: skip
    """Build the totals side by side: the main ones always, the others only if they differ; `times` add a row."""
    columns = (Column("total"), *(Column(name, right=True) for name in ("before", "after", "change")), Column("", True))
    rows = [
        _ends_row(label, pair, layout)
        for label, pair in (("input", difference.inputs), ("output", difference.outputs))
        if not equal_texts(pair, layout)
    ]
    failed = {each.limit.figure for each in over}
    rows += [
        _total_row(name, total, name in failed, exact)
        for name, total in difference.totals.items()
        if name in ALWAYS or (total.differs and total != difference.totals["params"])
    ]
    if not same(*difference.fields):
        texts = ["" if sizes is None else _value_text("field", sizes, layout, exact) for sizes in difference.fields]
        rows.append(_text_row("last field", *texts))
    rows += [time_row(times)] if times else []
    notes = [Cell("no difference", "strong")] if difference.equal else []
    notes += [time_note(times)] if times else []
    notes += [Cell(f"limit exceeded: {each.sentence}", "warning") for each in over]
    return View(ARROW.join(names_of(difference, names)), (), columns, (Section("", tuple(rows)),), tuple(notes))


def layers_view(
    groups: Sequence[Group], notes: Sequence[str] = (), *, layout: Layout = "chw", exact: bool = False
) -> View:
    """Build a row per changed layer or folded block."""
    rows = tuple(_row(group, layout, exact) for group in groups)
    return View("", (), COLUMNS, (Section("", rows),), tuple(Cell(note) for note in notes))


def counts_text(difference: Difference, statuses: Collection[Status]) -> str:
    """Count the changes by status: `2 layers edited, 1 inserted`."""
    counts = [(status, difference.counts.get(status, 0)) for status in statuses]
    present = [(status, count) for status, count in counts if count]
    return ", ".join(
        f"{plural(count, 'layer')} {status}" if not place else f"{count:,} {status}"
        for place, (status, count) in enumerate(present)
    )


def affected_text(difference: Difference) -> str:
    """Count the layers whose own text is unchanged but whose figures differ; empty if there are none."""
    count = difference.counts.get("affected", 0)
    if not count:
        return ""
    return f"{plural(count, 'layer')} differ{'s' if count == 1 else ''} only because of changes elsewhere"


def renumbered_text(difference: Difference) -> str:
    """Count the layers whose names differ only in their ordinals; empty if there are none."""
    count = difference.renumbered
    return f"{plural(count, 'layer')} {'was' if count == 1 else 'were'} renumbered" if count else ""


def names_of(difference: Difference, names: tuple[str, str]) -> tuple[str, str]:
    """Both networks by name, or as they were requested if the names are equal."""
    shown = (difference.before.name or names[0], difference.after.name or names[1])
    return shown if shown[0] != shown[1] else names


def equal_texts(pair: tuple[Any, Any], layout: Layout) -> bool:
    """Whether inputs or outputs look the same before and after."""
    return tensors_text(pair[0], layout) == tensors_text(pair[1], layout)


def _ends_row(label: str, pair: tuple[Any, Any], layout: Layout) -> Row:
    return _text_row(label, *(tensors_text(shapes, layout) for shapes in pair))


def _text_row(label: str, before: str, after: str) -> Row:
    """Build a row for texts, which have no numeric difference."""
    record = {"figure": label, "before": before, "after": after, "change": None, "percent": None}
    return Row((Cell(label, "strong"), Cell(before), Cell(after), EMPTY, EMPTY), 0, record)


def _total_row(name: str, total: Total, failed: bool, exact: bool) -> Row:
    style: Style = "warning" if failed else "strong" if total.differs else "dim"
    texts = [figure_text(name, value, exact) for value in (total.before, total.after)]
    change = total.change
    change_cell = "" if change is None or not total.differs else _change_text(name, change, exact)
    percent = "" if total.percent is None or not total.differs else change_text(total.percent)
    cells = (Cell(TITLES.get(name, name), style), *map(Cell, texts), Cell(change_cell, style), Cell(percent, style))
    record = {"figure": name, "before": total.before, "after": total.after, "change": change, "percent": total.percent}
    return Row(cells, 0, record)


def figure_text(name: str, value: Size | None, exact: bool) -> str:
    """Format a total: bytes, an amount, or a count with all digits."""
    if name in BYTES:
        return bytes_text(value, exact)
    return amount_text(value, exact or name not in ("macs", "flops"))


def _change_text(name: str, change: Size, exact: bool) -> str:
    if name not in BYTES:
        return difference_text(change, exact or name not in ("macs", "flops"))
    if not isinstance(change, int):
        return bytes_text(change, exact)
    return f"{'+' if change > 0 else '−'}{bytes_text(abs(change), exact)}"


def _row(group: Group, layout: Layout, exact: bool) -> Row:
    change = group.only
    if change is None:
        name, words = group.name, _group_words(group)
    else:
        name, words = _name_text(change), _change_words(change)
    style: Style = "dim" if group.statuses == ["affected"] else "plain"
    figures = group.figures
    existing = (
        any(each.before is not None for each in group.changes),
        any(each.after is not None for each in group.changes),
    )
    texts = [
        _pair_text(figure, figures[figure], existing, layout, exact) if figure in figures else "" for figure in FIGURES
    ]
    record: dict[str, object] = {"status": "+".join(group.statuses), "layer": group.name}
    record |= {"layer_before": change.before.name if change and change.before else None, "change": words}
    for figure in FIGURES:
        before, after = figures.get(figure, (None, None))
        record |= {f"{figure}_before": _raw_value(before, layout), f"{figure}_after": _raw_value(after, layout)}
    signs = "".join(dict.fromkeys(SIGNS[status] for status in group.statuses))
    cells = (Cell(f"{signs} {name}", style), Cell(words, style), *(Cell(text, style) for text in texts))
    return Row(cells, 0, record)


def _group_words(group: Group) -> str:
    if len(group.statuses) == 1 and group.statuses[0] in ("inserted", "removed"):
        return f"{plural(len(group.changes), 'layer')} {group.statuses[0]}"
    counts = [(status, sum(change.status == status for change in group.changes)) for status in group.statuses]
    return ", ".join(f"{count:,} {status}" for status, count in counts)


def _name_text(change: Change) -> str:
    if change.before and change.after and any(edit.what == "name" for edit in change.edits):
        return f"{change.before.name}{ARROW}{change.after.name}"
    return change.name


def _change_words(change: Change) -> str:
    if change.before is None or change.after is None:
        layer = change.after or change.before
        assert layer is not None
        return f"{change.status}: {layer_words(layer.node)}"
    return ", ".join(edit_texts(change)) or ("renamed" if change.edits else "")


def edit_texts(change: Change) -> list[str]:
    """The edits of a layer besides its name: `stride 2 → 1`, `no longer reads conv2`."""
    return [_edit_text(change, edit) for edit in change.edits if edit.what != "name"]


def _edit_text(change: Change, edit: Edit) -> str:
    assert change.before is not None
    assert change.after is not None
    before, after = change.before.node, change.after.node
    if edit.what == "kind":
        return f"{layer_words(before)}{ARROW}{layer_words(after)}"
    if edit.what == "reads":
        return _reads_text(edit.before, edit.after)
    if edit.what in ("frozen", "training", "shares"):
        return f"{edit.what} {_plain_text(edit.before)}{ARROW}{_plain_text(edit.after)}"
    texts = [
        _plain_text(value) if value is None or isinstance(value, bool) else value_words(node.layer, edit.what, value)
        for node, value in ((before, edit.before), (after, edit.after))
    ]
    return f"{edit.what} {ARROW.join(texts)}"


def _reads_text(lost: Any, gained: Any) -> str:  # noqa: ANN401
    if set(lost) == set(gained):
        return f"reads in a different order: {', '.join(gained)}"
    if not gained:
        return f"no longer reads {', '.join(lost)}"
    return f"reads {', '.join(gained)}" + (f" instead of {', '.join(lost)}" if lost else " too")


def _plain_text(value: object) -> str:
    if value is None:
        return "none"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _pair_text(figure: str, pair: tuple[Any, Any], existing: tuple[bool, bool], layout: Layout, exact: bool) -> str:
    """Format the values before and after; for an inserted or removed layer only the one that exists."""
    texts = [
        UNKNOWN if value is None and figure in COUNTS else _value_text(figure, value, layout, exact)
        for value, present in zip(pair, existing, strict=True)
        if present
    ]
    return ARROW.join(text or "0" for text in texts) if len(texts) > 1 else "".join(texts)


def _value_text(figure: str, value: Any, layout: Layout, exact: bool) -> str:  # noqa: ANN401
    if value is None or (isinstance(value, int) and value == 0):
        return ""
    if figure == "output":
        return shape_text(value, layout)
    if figure == "field":
        return ", ".join(_field_text(each) for each in value)
    if figure == "activation":
        return bytes_text(value, exact)
    return count_text(value) if figure == "params" else amount_text(value, exact)


def _field_text(sizes: Any) -> str:  # noqa: ANN401
    if isinstance(sizes, str):
        return WHOLE
    local, joined = (sizes[:-1], f" {AND_WHOLE}") if sizes[-1:] == (WHOLE,) else (sizes, "")
    return times("?" if size is None else count_text(size) for size in local) + joined


def _raw_value(value: Any, layout: Layout) -> object:  # noqa: ANN401
    if isinstance(value, tuple):
        texts: Iterable[str] = (_field_text(each) for each in value if isinstance(each, tuple | str))
        return " ".join(texts) or shape_record(value, layout)
    return value
