"""Builds the views of `cnncalc verify`: a row per layer with both values, or a row per network for several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cnncalc.analysis.parameters import total
from cnncalc.analysis.report import Report
from cnncalc.pytorch.verification.user_network import Comparison, Owner
from cnncalc.pytorch.verification.verification import Check, Verification
from cnncalc.pytorch.verification.verification import Row as LayerRow
from cnncalc.quantities.measures import seconds_text
from cnncalc.quantities.sizes import count_text, numel, plural, shape_text
from cnncalc.records import NamedTuple
from cnncalc.render.layer_words import row_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.render.views import heading

YES, NO = "✓", "≠"
WHATS = ("shape", "parameters", "buffers", "macs")  # compared for every layer, a column each
LAYERS = (
    Column("layer"),
    Column("what it is", narrow="below"),
    Column("output", right=True),
    Column("parameters", right=True),
    Column("buffers", right=True, narrow="drop"),
    Column("MACs", right=True),
)
NETWORKS = (Column("network"), Column("layers", right=True), Column("confirmed"))
PAIRS = (Column("the spec's layer"), Column("weights"), Column("the network's layer"), Column("weights"), Column(""))


class Confirmed(NamedTuple):
    """A report, its verification with PyTorch, and the seconds that it took."""

    report: Report
    verification: Verification
    seconds: float


def verify_view(confirmed: Confirmed) -> View:
    """Build a row per layer: the value if both agree, else both values."""
    report, verification, _ = confirmed
    by_name = {row.name: row for row in verification.rows}
    rows = tuple(_row(entry, by_name) for entry in entries(report.layers))
    return View(report.name, (), LAYERS, (Section("", rows),), tuple(_notes([confirmed])))


def claims_view(confirmed: Confirmed) -> View:
    """Build a row per compared layer, for comparisons of receptive fields or of saved bytes."""
    report, verification, _ = confirmed
    whats = list(dict.fromkeys(check.what for row in verification.rows for check in row.checks))
    columns = (Column("layer"), Column("kind"), *(Column(what, right=what == "saved") for what in whats))
    rows = tuple(_claims_row(row, whats) for row in verification.rows if row.checks)
    return View(report.name, (), columns, (Section("", rows),), tuple(_notes([confirmed])))


def _claims_row(row: LayerRow, whats: Sequence[str]) -> Row:
    checks = {check.what: check for check in row.checks}
    cells = (_claim_cell(checks.get(what)) for what in whats)
    values = {what: check.ok for what, check in checks.items()}
    flat = {what: values.get(what) for what in whats}
    return Row((Cell(row.name), Cell(row.kind), *cells), 0, {"layer": row.name, "kind": row.kind, "ok": row.ok, **flat})


def _claim_cell(check: Check | None) -> Cell:
    if check is None:
        return EMPTY
    if check.ours == check.theirs:
        return Cell(f"{_value_text(check.ours)} {YES}")
    both = f"{_value_text(check.ours)} {NO} {_value_text(check.theirs)}"
    return Cell(f"{both} (known)", "dim") if check.why else Cell(both, "warning")


def _value_text(value: object) -> str:
    return "nothing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def networks_view(all_confirmed: Sequence[Confirmed]) -> View:
    """Build a row per network, with the differences in the notes."""
    rows = tuple(_network_row(confirmed) for confirmed in all_confirmed)
    return View("", (), NETWORKS, (Section("", rows),), tuple(_notes(all_confirmed)))


def module_view(comparison: Comparison) -> View:
    """Build the comparison with a user's network: layers with weights in execution order, whatever their names."""
    rows = tuple(
        Row(
            (*_owner_cells(pair.ours), *_owner_cells(pair.theirs), Cell(YES) if pair.ok else Cell(NO, "warning")),
            0,
            {
                "layer": pair.ours.name if pair.ours else None,
                "theirs": pair.theirs.name if pair.theirs else None,
                "ok": pair.ok,
            },
        )
        for pair in comparison.pairs
    )
    return View(
        f"{comparison.name} and {comparison.module}", (), PAIRS, (Section("", rows),), tuple(_module_notes(comparison))
    )


def record(verification: Verification) -> dict[str, Any]:
    """Return the verification as JSON: the differing checks of every layer, and of the totals."""
    return {
        "ok": verification.ok,
        "device": verification.device,
        "executed": verification.executed,
        "compares": verification.compares,
        "layers": [
            {"name": row.name, "ok": row.ok, **_differences_record(verification, row)} for row in verification.rows
        ],
        "differences": _check_records(check for check in verification.totals if not check.ok),
        "notes": list(verification.notes),
    }


def _differences_record(verification: Verification, row: LayerRow) -> dict[str, Any]:
    """Return the differing checks of a layer; for gradients and memory all, with known reasons."""
    differing: dict[str, Any] = {"differences": _check_records(row.differences)}
    if verification.compares == "figures":
        return differing
    checks = [{**plain, "why": c.why} for plain, c in zip(_check_records(row.checks), row.checks, strict=True)]
    return {**differing, "checks": checks}


def module_record(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison with a user's network as JSON."""
    pairs = [
        {"layer": pair.ours and pair.ours.name, "theirs": pair.theirs and pair.theirs.name, "ok": pair.ok}
        for pair in comparison.pairs
    ]
    differing = _check_records(check for check in comparison.totals if not check.ok)
    return {
        "ok": comparison.ok,
        "module": comparison.module,
        "layers": pairs,
        "differences": differing,
        "unused": list(comparison.unused),
    }


def _check_records(checks: Iterable[Check]) -> list[dict[str, Any]]:
    return [
        {"what": check.what, "ours": _plain_value(check.ours), "theirs": _plain_value(check.theirs)} for check in checks
    ]


def _plain_value(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {name: _plain_value(entry) for name, entry in value.items()}
    return [_plain_value(entry) for entry in value] if isinstance(value, list | tuple) else value


def _row(entry: Entry, by_name: dict[str, LayerRow]) -> Row:
    if entry.layer is None:
        return Row((Cell(entry.name, "strong"), *(EMPTY,) * 5), entry.level)
    layer_row = by_name[entry.path]
    checks = {check.what: check for check in layer_row.checks}
    cells = (
        Cell(entry.name),
        Cell(row_words(entry.layer.node) + _other_differences(checks)),
        *(_check_cell(checks.get(what)) for what in WHATS),
    )
    flat = {what: checks[what].ok if what in checks else None for what in WHATS}
    return Row(cells, entry.level, {"layer": entry.path, "kind": layer_row.kind, "ok": layer_row.ok, **flat})


def _other_differences(checks: dict[str, Check]) -> str:
    """Describe differing checks that have no column of their own, such as shared weights."""
    differing = [check for what, check in checks.items() if what not in WHATS and not check.ok]
    return "".join(f"; {check}" for check in differing)


def _check_cell(check: Check | None) -> Cell:
    if check is None:
        return EMPTY
    if check.ok:
        text = _match_text(check.what, check.ours)
        return Cell(f"{text} {YES}") if text else EMPTY
    return Cell(
        f"{_difference_text(check.what, check.ours)} {NO} {_difference_text(check.what, check.theirs)}", "warning"
    )


def _match_text(what: str, value: Any) -> str:  # noqa: ANN401
    """Format a value on one line; empty if there is none."""
    if what == "shape":
        return shape_text(tuple(value[1:]))
    if what == "macs":
        return count_text(value) if value else ""
    numbers = total(numel(shape) for _, shape in value)
    return count_text(numbers) if numbers else ""


def _difference_text(what: str, value: Any) -> str:  # noqa: ANN401
    """Format a value that differs, with the names and shapes of tensors."""
    if value is None:
        return "nothing"
    if what in ("parameters", "buffers"):
        return ", ".join(f"{name} {shape_text(shape)}" for name, shape in value) or "none"
    return shape_text(tuple(value[1:])) if what == "shape" else f"{value:,}"


def _network_row(confirmed: Confirmed) -> Row:
    report, verification, _ = confirmed
    wrong = sum(not row.ok for row in verification.rows)
    verdict = Cell(YES) if verification.ok else Cell(f"{NO} {plural(wrong, 'layer')}" if wrong else NO, "warning")
    cells = (Cell(report.name or "item", "strong"), Cell(f"{len(verification.rows):,}"), verdict)
    return Row(
        cells, 0, {"network": report.name, "layers": len(verification.rows), "ok": verification.ok, "differing": wrong}
    )


def _notes(all_confirmed: Sequence[Confirmed]) -> Iterator[Cell]:
    for confirmed in all_confirmed:
        name = f"{confirmed.report.name or 'item'}: " if len(all_confirmed) > 1 else ""
        yield from (Cell(f"{name}{text}", "warning") for text in confirmed.verification.differences())
        yield from (
            Cell(f"{name}{text}") for text in (*_known_notes(confirmed.verification), *confirmed.verification.notes)
        )
        yield from (cell._replace(text=f"{name}{cell.text}") for cell in heading.left_out_notes(confirmed.report))
    layers = sum(len(confirmed.verification.rows) for confirmed in all_confirmed)
    seconds = sum(confirmed.seconds for confirmed in all_confirmed)
    where = "run with random tensors" if all_confirmed[0].verification.executed else "on the meta device"
    whole = plural(layers, "layer")
    if all_confirmed[0].verification.compares != "figures":
        layers = sum(bool(row.checks) for confirmed in all_confirmed for row in confirmed.verification.rows)
        whole = f"{all_confirmed[0].verification.compares} of {plural(layers, 'layer')}"
    elif compared := _unknown_left_out(all_confirmed, layers):
        whole = f"{compared:,} of {plural(layers, 'layer')}"
    if len(all_confirmed) > 1:
        whole += f" of {plural(len(all_confirmed), 'network')}"
    if all(confirmed.verification.ok for confirmed in all_confirmed):
        text = f"{whole} built in PyTorch, {where}, in {seconds_text(seconds)}: no difference"
    else:
        text = f"{whole} built in PyTorch, {where}, in {seconds_text(seconds)}"
    yield Cell(text, "strong")


def _unknown_left_out(all_confirmed: Sequence[Confirmed], layers: int) -> int:
    """Return how many layers have checks, if some have none: what is unknown cannot be confirmed; else 0."""
    compared = sum(bool(row.checks) for confirmed in all_confirmed for row in confirmed.verification.rows)
    return compared if compared < layers else 0


def _known_notes(verification: Verification) -> Iterator[str]:
    """Yield the reasons for documented differences, each with its layers."""
    layers: dict[str, list[str]] = {}
    for row in verification.rows:
        for check in row.checks:
            if check.why:
                layers.setdefault(check.why, []).append(row.name)
    yield from (f"known difference at {', '.join(names)}: {why}" for why, names in layers.items())


def _owner_cells(owner: Owner | None) -> tuple[Cell, Cell]:
    if owner is None:
        return Cell("—"), EMPTY
    return Cell(owner.name), Cell(" + ".join(shape_text(shape) for shape in owner.shapes))


def _module_notes(comparison: Comparison) -> Iterator[Cell]:
    if comparison.first_difference:
        yield Cell(f"first difference: {comparison.first_difference}", "warning")
    if comparison.unused:
        yield Cell(f"never called in the run: {', '.join(comparison.unused)}", "warning")
    if comparison.ok:
        yield Cell(
            f"{plural(len(comparison.pairs), 'layer')} with weights, parameters and outputs: no difference", "strong"
        )
