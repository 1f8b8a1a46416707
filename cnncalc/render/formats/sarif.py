"""Writes findings as SARIF 2.1.0, which code hosts show beside the code.

Standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cnncalc.checks.finding import Finding, Severity
from cnncalc.checks.many import Run
from cnncalc.checks.rule import Rule
from cnncalc.checks.table import rules
from cnncalc.errors import Span
from cnncalc.render.formats.finding_words import finding_text, fix_text
from cnncalc.render.formats.json import dump_json
from cnncalc.render.views.rules import rule_markdown
from cnncalc.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_text(run: Run, *, colour: bool = False, failing: tuple[Severity, ...] = ("error",)) -> str:
    """Format a run as a SARIF log with one run of one tool, with all its rules."""
    driver = {
        "name": "cnncalc",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules().values()],
    }
    notifications = [{"level": "error", "message": {"text": text}} for text, _ in run.wrong]
    return dump_json(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": driver},
                    "columnKind": "unicodeCodePoints",
                    "invocations": [
                        {"executionSuccessful": not run.wrong, "toolExecutionNotifications": notifications}
                    ],
                    "results": [_result(each.name, result) for each in run.checked for result in each.findings],
                }
            ],
        }
    )


def _rule(rule: Rule) -> dict[str, Any]:
    on = rule.level != "off"
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.what}\n\n{rule.why}", "markdown": rule_markdown(rule)},
        "defaultConfiguration": {"enabled": on, "level": rule.level if on else "warning"},
    }


def _result(name: str, result: Finding) -> dict[str, Any]:
    fix = fix_text(result)
    text = finding_text(result)
    record = {
        "ruleId": result.rule,
        "ruleIndex": list(rules()).index(result.rule),
        "level": result.level,
        "message": {"text": f"{text}\n{fix}" if fix else text},
        "locations": [_location(result.span.source.name if result.span else name, result.span, result.nodes)],
    }
    return {**record, "fixes": [_fix(result)]} if result.fix and result.fix.edits else record


def _location(name: str, span: Span | None, nodes: Iterable[str]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(name)}}
    if span:
        region = _region(span) if span.width and span.source.line(span.line) else {"startLine": span.line}
        place["region"] = region | {"snippet": {"text": span.source.line(span.line)}}
    layers = [{"fullyQualifiedName": node, "kind": "member"} for node in nodes]
    return {"physicalLocation": place, **({"logicalLocations": layers} if layers else {})}


def _region(span: Span) -> dict[str, Any]:
    """Return the region of a span; a span that is longer than its line includes the line break."""
    _, line, column, width = span
    if column - 1 + width > len(span.source.line(line)):
        return {"startLine": line, "startColumn": column, "endLine": line + 1, "endColumn": 1}
    return {"startLine": line, "startColumn": column, "endLine": line, "endColumn": column + width}


def _fix(result: Finding) -> dict[str, Any]:
    edits = result.fix.edits if result.fix else ()
    changes: dict[str, list[dict[str, Any]]] = {}
    for span, text in edits:
        change = {"deletedRegion": _region(span), "insertedContent": {"text": text}}
        changes.setdefault(span.source.name, []).append(change)
    return {
        "description": {"text": result.fix.words if result.fix else ""},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(name)}, "replacements": replacements}
            for name, replacements in changes.items()
        ],
    }


def _uri(name: str) -> str:
    """Return a path as a URI; relative paths stay relative."""
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
