"""The changed networks of a repository as a JSON document, schema `cnncalc-diff-revisions/1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.analysis.report import Report
from cnncalc.differences.document import limits_dict, to_dict, totals_dict
from cnncalc.errors import CnncalcError, SpecError
from cnncalc.revisions.networks import Analyzed, NetworkChange
from cnncalc.revisions.sides import Sides
from cnncalc.visible import visible

SCHEMA = "cnncalc-diff-revisions/1"


def revisions_dict(sides: Sides, changes: Sequence[NetworkChange]) -> dict[str, Any]:
    """All changed networks; `difference` is the document of `cnncalc diff` on two networks, None with fewer."""
    return {
        "schema": SCHEMA,
        "before": visible(sides.before.label),
        "after": visible(sides.after.label),
        "networks": [_network(change) for change in changes],
    }


def _network(change: NetworkChange) -> dict[str, Any]:
    before, after = (None if path is None else visible(path) for path in (change.pair.before, change.pair.after))
    return {
        "status": change.status,
        "before": before,
        "after": after,
        "renamed": None not in (before, after) and before != after,
        "name": next((report.name for report in (change.new, change.old) if isinstance(report, Report)), None),
        "variants": list(change.variants),
        "faults": {"before": _faults(change.old), "after": _faults(change.new)},
        "totals": totals_dict(change.totals),
        "totals_unchanged": change.same_totals,
        "exceeded": limits_dict(change.exceeded),
        "difference": None
        if change.difference is None
        else to_dict(change.difference, (before or "", after or ""), change.exceeded),
    }


def _faults(side: Analyzed) -> list[str]:
    """Why there is no report: each fault with its place."""
    if not isinstance(side, CnncalcError):
        return []
    return [str(fault) for fault in side.faults] if isinstance(side, SpecError) else [str(side)]
