"""Writes findings as annotations for GitHub Actions, one per line: `::warning file=net.yaml,line=3::…`.

The line format and its escapes follow the toolkit's `issueCommand` (actions/toolkit,
packages/core/src/command.ts) and its `AnnotationProperties`.
"""

from __future__ import annotations

from pathlib import Path

from cnncalc.checks.finding import Finding, Severity
from cnncalc.checks.many import Run
from cnncalc.render.formats.finding_words import finding_text, fix_text
from cnncalc.visible import visible

COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def github_text(run: Run, *, colour: bool = False, failing: tuple[Severity, ...] = ("error",)) -> str:
    """Format one annotation per finding, and one per spec that could not be checked."""
    annotations = [_annotation(each.name, result) for each in run.checked for result in each.findings]
    return "".join([*annotations, *(_failure(text, path) for text, path in run.wrong)])


def _failure(text: str, path: str | None) -> str:
    place = {} if path is None else {"file": Path(path).as_posix()}
    return _command("error", {"title": "cnncalc", **place}, text)


def _annotation(name: str, result: Finding) -> str:
    place: dict[str, object] = {"file": Path(name).as_posix()}
    if result.span:
        source, line, column, width = result.span
        place = {
            "file": Path(source.name).as_posix(),
            "line": line,
            "endLine": line,
            "col": column,
            "endColumn": column + width,
        }
    fix = fix_text(result)
    text = f"{finding_text(result)}\n{fix}" if fix else finding_text(result)
    return _command(COMMANDS[result.level], {"title": result.rule, **place}, text)


def _command(command: str, properties: dict[str, object], message: str) -> str:
    fields = ",".join(f"{key}={_escape_property(str(value))}" for key, value in properties.items())
    return f"::{command} {fields}::{_escape_data(message)}\n"


def _escape_data(text: str) -> str:
    return "\n".join(map(visible, text.split("\n"))).replace("%", "%25").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
