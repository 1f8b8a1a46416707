"""Writes the documentation of the rules: a table of all, or a page about one."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from cnncalc.checks.rule import Rule
from cnncalc.render.view import Cell, Column, Row, Section, View

COLUMNS = (Column("rule"), Column("level"), Column("what it finds", narrow="below"))


def rules_view(rules: Iterable[Rule]) -> View:
    """Build the table of rules, a row per rule."""
    rows = tuple(_row(rule) for rule in rules)
    notes = (
        Cell("cnncalc rule NAME explains a rule, with an example, its fix and its source", "dim"),
        Cell("off: applies only if selected, or given a level in a spec or in pyproject.toml", "dim"),
    )
    return View("", (), COLUMNS, (Section("", rows),), notes)


def _row(rule: Rule) -> Row:
    cells = (Cell(rule.name, "strong"), Cell(rule.level), Cell(rule.what))
    return Row(cells, record={"rule": rule.name, "level": rule.level, "what": rule.what})


def rule_text(rule: Rule, width: int = 100) -> str:
    """Format the page of a rule for a terminal of `width` columns."""

    def wrap(text: str) -> str:
        return textwrap.fill(text, max(width, 40), break_long_words=False, break_on_hyphens=False)

    parts = [
        f"{rule.name}  ({level_text(rule)})",
        wrap(rule.what),
        wrap(rule.why),
        textwrap.indent(rule.example.rstrip(), "  "),
        "fixed:",
        textwrap.indent(rule.fixed.rstrip(), "  "),
        wrap(f"source: {rule.source}"),
    ]
    return "\n\n".join(parts) + "\n"


def rule_markdown(rule: Rule) -> str:
    """Format the page of a rule as Markdown."""
    example, fixed = (f"```yaml\n{text.rstrip()}\n```" for text in (rule.example, rule.fixed))
    parts = [
        f"# {rule.name}",
        f"{rule.what} ({level_text(rule)})",
        rule.why,
        example,
        "Fixed:",
        fixed,
        f"Source: {rule.source}",
    ]
    return "\n\n".join(parts) + "\n"


def rule_record(rule: Rule) -> dict[str, Any]:
    """Return the documentation of a rule as a record."""
    fields = ("name", "level", "what", "why", "example", "fixed", "source")
    return {field: getattr(rule, field) for field in fields}


def level_text(rule: Rule) -> str:
    """Describe the default level: `warning by default`."""
    return "off by default" if rule.level == "off" else f"{rule.level} by default"
