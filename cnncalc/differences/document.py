"""A difference as a JSON document, schema `cnncalc-diff/1`; symbolic values are strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.analysis.report import Report
from cnncalc.differences.changes import Change
from cnncalc.differences.difference import Difference, Total
from cnncalc.differences.limits import Exceeded

SCHEMA = "cnncalc-diff/1"


def to_dict(difference: Difference, names: tuple[str, str], over: Sequence[Exceeded] = ()) -> dict[str, Any]:
    """Totals, and every layer that changed; `names` are the names under which the networks were requested."""
    before, after = difference.before, difference.after
    return {
        "schema": SCHEMA,
        "before": _network(before, names[0]),
        "after": _network(after, names[1]),
        "equal": difference.equal,
        "totals": totals_dict(difference.totals),
        "last_field": {"before": plain(difference.fields[0]), "after": plain(difference.fields[1])},
        "counts": dict(difference.counts),
        "renumbered": difference.renumbered,
        "layers": [_layer(change) for change in difference.changes if change.status != "same" or change.renumbered],
        "exceeded": limits_dict(over),
    }


def totals_dict(totals: Mapping[str, Total]) -> dict[str, Any]:
    """Every total before and after, and its change."""
    return {
        name: {
            "before": plain(total.before),
            "after": plain(total.after),
            "change": plain(total.change),
            "percent": None if total.percent is None else round(total.percent, 6),
        }
        for name, total in totals.items()
    }


def limits_dict(over: Sequence[Exceeded]) -> list[dict[str, str]]:
    """Every limit that is exceeded."""
    return [{"figure": each.limit.figure, "limit": each.limit.text, "why": each.sentence} for each in over]


def _network(report: Report, name: str) -> dict[str, Any]:
    return {
        "spec": name,
        "name": report.graph.name,
        "variant": report.graph.variant,
        "inputs": {key: plain(shape) for key, shape in report.inputs.items()},
        "outputs": {key: plain(shape) for key, shape in report.outputs.items()},
    }


def _layer(change: Change) -> dict[str, Any]:
    layer = change.after or change.before
    assert layer is not None
    return {
        "status": change.status,
        "before": change.before.name if change.before else None,
        "after": change.after.name if change.after else None,
        "kind": layer.kind,
        "edits": [
            {"what": edit.what, "before": plain(edit.before), "after": plain(edit.after)} for edit in change.edits
        ],
        "figures": {name: {"before": plain(old), "after": plain(new)} for name, (old, new) in change.figures.items()},
    }


def plain(value: object) -> Any:  # noqa: ANN401
    """A value as JSON: numbers and strings unchanged, sequences as lists, anything else as its text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, tuple | list):
        return [plain(entry) for entry in value]
    return str(value)
