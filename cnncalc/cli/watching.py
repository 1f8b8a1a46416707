"""The page that `view --watch` serves: a network with its findings, or the faults of a spec that is broken."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from cnncalc.api.checking import check
from cnncalc.budget import BudgetError
from cnncalc.checks.finding import Finding
from cnncalc.cli.options import Request
from cnncalc.cli.present import open_and_analyze
from cnncalc.errors import CnncalcError, Fault, SpecError
from cnncalc.page.broken import up_to_fault
from cnncalc.page.document import page_document
from cnncalc.page.html import page_text
from cnncalc.spec import Spec

_NOTHING = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="1"><title>cnncalc</title><pre>{faults}</pre></html>
"""


def live_page(name: str | Path, request: Request) -> str:
    """The page as HTML; a spec that is broken gives one too."""
    try:
        spec, report = open_and_analyze(name, request)
        document = page_document(report, spec, request.params)
        document["findings"] = _findings(spec, request)
    except SpecError as error:
        return _broken_page(error)
    except (CnncalcError, BudgetError) as error:
        return _NOTHING.format(faults=escape(str(error)))
    return page_text(document, live=True)


def _broken_page(error: SpecError) -> str:
    source = next((fault.span.source for fault in error.faults if fault.span), None)
    spec = up_to_fault(source) if source else None
    if spec is None:
        return _NOTHING.format(faults=escape("\n".join(map(str, error.faults))))
    document = page_document(spec.analyze(), spec)
    count = len(document["layers"])
    document["broken"] = f"the spec is broken: the network is shown up to there, {count:,} layers"
    document["findings"] = list(map(_fault_record, error.faults))
    return page_text(document, live=True)


def _findings(spec: Spec, request: Request) -> list[dict[str, Any]]:
    try:
        found: Iterable[Finding] = check(spec, params=request.params or None).findings
    except (CnncalcError, BudgetError):  # the page is shown all the same
        return []
    return [
        {
            "level": each.level,
            "rule": each.rule,
            "message": each.message,
            "line": each.span.line if each.span else None,
            "layer": each.nodes[0] if each.nodes else "",
        }
        for each in found
    ]


def _fault_record(fault: Fault) -> dict[str, Any]:
    line = fault.span.line if fault.span else None
    return {"level": "error", "rule": "", "message": fault.message, "line": line, "layer": "", "fix": fault.hint}
