"""The views of `cnncalc verify`: a row per layer with what both sides say, a row per network for several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cnncalc.analysis.parameters import total
from cnncalc.analysis.report import Report
from cnncalc.pytorch.verification.user_network import Comparison, Owner
from cnncalc.pytorch.verification.verification import Check, Verification
from cnncalc.pytorch.verification.verification import Row as Found
from cnncalc.quantities.measures import seconds_text
from cnncalc.quantities.sizes import count_text, numel, plural, shape_text
from cnncalc.records import NamedTuple
from cnncalc.render.layer_words import layer_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View

YES, NO = "✓", "≠"
WHATS = ("shape", "parameters", "buffers", "macs")  # what every layer is compared in, each in its column
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
    """A report, what PyTorch says of it, and the seconds that took."""

    report: Report
    found: Verification
    seconds: float


def verify_view(confirmed: Confirmed) -> View:
    """A row per layer: the value where both say the same, both values where they differ."""
    report, found, _ = confirmed
    by_name = {row.name: row for row in found.rows}
    rows = tuple(_row(entry, by_name) for entry in entries(report.layers))
    return View(report.name, (), LAYERS, (Section("", rows),), tuple(_notes([confirmed])))


def claims_view(confirmed: Confirmed) -> View:
    """A row per layer that was compared in one thing: what positions see, or bytes saved."""
    report, found, _ = confirmed
    whats = list(dict.fromkeys(check.what for row in found.rows for check in row.checks))
    columns = (Column("layer"), Column("kind"), *(Column(what, right=what == "saved") for what in whats))
    rows = tuple(_claims(row, whats) for row in found.rows if row.checks)
    return View(report.name, (), columns, (Section("", rows),), tuple(_notes([confirmed])))


def _claims(row: Found, whats: Sequence[str]) -> Row:
    checks = {check.what: check for check in row.checks}
    cells = (_claim(checks.get(what)) for what in whats)
    values = {what: check.ok for what, check in checks.items()}
    flat = {what: values.get(what) for what in whats}
    return Row((Cell(row.name), Cell(row.kind), *cells), 0, {"layer": row.name, "kind": row.kind, "ok": row.ok, **flat})


def _claim(check: Check | None) -> Cell:
    if check is None:
        return EMPTY
    if check.ours == check.theirs:
        return Cell(f"{_value(check.ours)} {YES}")
    both = f"{_value(check.ours)} {NO} {_value(check.theirs)}"
    return Cell(f"{both} (known)", "dim") if check.why else Cell(both, "warning")


def _value(value: object) -> str:
    return "nothing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def networks_view(all_confirmed: Sequence[Confirmed]) -> View:
    """A row per network; what differs is told below."""
    rows = tuple(_network(confirmed) for confirmed in all_confirmed)
    return View("", (), NETWORKS, (Section("", rows),), tuple(_notes(all_confirmed)))


def module_view(found: Comparison) -> View:
    """A network of the user's own: layers with weights in the order of execution, names free."""
    rows = tuple(
        Row(
            (*_owner(pair.ours), *_owner(pair.theirs), Cell(YES) if pair.ok else Cell(NO, "warning")),
            0,
            {
                "layer": pair.ours.name if pair.ours else None,
                "theirs": pair.theirs.name if pair.theirs else None,
                "ok": pair.ok,
            },
        )
        for pair in found.pairs
    )
    return View(f"{found.name} and {found.module}", (), PAIRS, (Section("", rows),), tuple(_module_notes(found)))


def record(found: Verification) -> dict[str, Any]:
    """What a program reads: every comparison that differs, layer by layer."""
    return {
        "ok": found.ok,
        "device": found.device,
        "executed": found.executed,
        "compares": found.compares,
        "layers": [{"name": row.name, "ok": row.ok, **_compared(found, row)} for row in found.rows],
        "differences": _checks(check for check in found.totals if not check.ok),
        "notes": list(found.notes),
    }


def _compared(found: Verification, row: Found) -> dict[str, Any]:
    """What differs; of gradients and memory all that was compared, and why what is known to differ does."""
    differing: dict[str, Any] = {"differences": _checks(row.differences)}
    if found.compares == "figures":
        return differing
    checks = [{**plain, "why": c.why} for plain, c in zip(_checks(row.checks), row.checks, strict=True)]
    return {**differing, "checks": checks}


def module_record(found: Comparison) -> dict[str, Any]:
    """What a program reads of a network of the user's own."""
    pairs = [
        {"layer": pair.ours and pair.ours.name, "theirs": pair.theirs and pair.theirs.name, "ok": pair.ok}
        for pair in found.pairs
    ]
    differing = _checks(check for check in found.totals if not check.ok)
    return {
        "ok": found.ok,
        "module": found.module,
        "layers": pairs,
        "differences": differing,
        "unused": list(found.unused),
    }


def _checks(checks: Iterable[Check]) -> list[dict[str, Any]]:
    return [{"what": check.what, "ours": _plain(check.ours), "theirs": _plain(check.theirs)} for check in checks]


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def _row(entry: Entry, by_name: dict[str, Found]) -> Row:
    if entry.layer is None:
        return Row((Cell(entry.name, "strong"), *(EMPTY,) * 5), entry.level)
    found = by_name[entry.path]
    checks = {check.what: check for check in found.checks}
    cells = (
        Cell(entry.name),
        Cell(layer_words(entry.layer.node) + _unusual(checks)),
        *(_cell(checks.get(what)) for what in WHATS),
    )
    flat = {what: checks[what].ok if what in checks else None for what in WHATS}
    return Row(cells, entry.level, {"layer": entry.path, "kind": found.kind, "ok": found.ok, **flat})


def _unusual(checks: dict[str, Check]) -> str:
    """What is compared for some layers only, and differs: whose weights it shares, and what the future brings."""
    differing = [check for what, check in checks.items() if what not in WHATS and not check.ok]
    return "".join(f"; {check}" for check in differing)


def _cell(check: Check | None) -> Cell:
    if check is None:
        return EMPTY
    if check.ok:
        text = _text(check.what, check.ours)
        return Cell(f"{text} {YES}") if text else EMPTY
    return Cell(f"{_both(check.what, check.ours)} {NO} {_both(check.what, check.theirs)}", "warning")


def _text(what: str, value: Any) -> str:  # noqa: ANN401
    """A value in a line; nothing of none."""
    if what == "shape":
        return shape_text(tuple(value[1:]))
    if what == "macs":
        return count_text(value) if value else ""
    numbers = total(numel(shape) for _, shape in value)
    return count_text(numbers) if numbers else ""


def _both(what: str, value: Any) -> str:  # noqa: ANN401
    """A value beside one that differs: with the names and shapes of tensors."""
    if value is None:
        return "nothing"
    if what in ("parameters", "buffers"):
        return ", ".join(f"{name} {shape_text(shape)}" for name, shape in value) or "none"
    return shape_text(tuple(value[1:])) if what == "shape" else f"{value:,}"


def _network(confirmed: Confirmed) -> Row:
    report, found, _ = confirmed
    wrong = sum(not row.ok for row in found.rows)
    verdict = Cell(YES) if found.ok else Cell(f"{NO} {plural(wrong, 'layer')}" if wrong else NO, "warning")
    cells = (Cell(report.name or "item", "strong"), Cell(f"{len(found.rows):,}"), verdict)
    return Row(cells, 0, {"network": report.name, "layers": len(found.rows), "ok": found.ok, "differing": wrong})


def _notes(all_confirmed: Sequence[Confirmed]) -> Iterator[Cell]:
    for confirmed in all_confirmed:
        name = f"{confirmed.report.name or 'item'}: " if len(all_confirmed) > 1 else ""
        yield from (Cell(f"{name}{text}", "warning") for text in confirmed.found.differences())
        yield from (Cell(f"{name}{text}") for text in (*_known(confirmed.found), *confirmed.found.notes))
    layers = sum(len(confirmed.found.rows) for confirmed in all_confirmed)
    seconds = sum(confirmed.seconds for confirmed in all_confirmed)
    where = "run with random tensors" if all_confirmed[0].found.executed else "on the meta device"
    whole = plural(layers, "layer")
    if all_confirmed[0].found.compares != "figures":
        layers = sum(bool(row.checks) for confirmed in all_confirmed for row in confirmed.found.rows)
        whole = f"{all_confirmed[0].found.compares} of {plural(layers, 'layer')}"
    if len(all_confirmed) > 1:
        whole += f" of {plural(len(all_confirmed), 'network')}"
    if all(confirmed.found.ok for confirmed in all_confirmed):
        text = f"{whole} built in PyTorch, {where}, in {seconds_text(seconds)}: no difference"
    else:
        text = f"{whole} built in PyTorch, {where}, in {seconds_text(seconds)}"
    yield Cell(text, "strong")


def _known(found: Verification) -> Iterator[str]:
    """The reasons of differences that are documented, each with its layers."""
    layers: dict[str, list[str]] = {}
    for row in found.rows:
        for check in row.checks:
            if check.why:
                layers.setdefault(check.why, []).append(row.name)
    yield from (f"known difference at {', '.join(names)}: {why}" for why, names in layers.items())


def _owner(owner: Owner | None) -> tuple[Cell, Cell]:
    if owner is None:
        return Cell("—"), EMPTY
    return Cell(owner.name), Cell(" + ".join(shape_text(shape) for shape in owner.shapes))


def _module_notes(found: Comparison) -> Iterator[Cell]:
    if found.first_difference:
        yield Cell(f"first difference: {found.first_difference}", "warning")
    if found.unused:
        yield Cell(f"never called in the run: {', '.join(found.unused)}", "warning")
    if found.ok:
        yield Cell(f"{plural(len(found.pairs), 'layer')} with weights, parameters and outputs: no difference", "strong")
