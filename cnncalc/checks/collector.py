"""Collects findings over layers and variants, and merges equal ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cnncalc.checks.finding import Finding, Observation
from cnncalc.checks.rule import Level
from cnncalc.document.expectations import DEFAULT
from cnncalc.names import RULE_NAMES
from cnncalc.records import NamedTuple

Variant = str | None


class _Entry(NamedTuple):
    finding: Observation
    nodes: dict[str, None]
    variants: dict[Variant, None]


@dataclass(frozen=True, slots=True)
class FindingCollector:
    """The findings on one spec, collected over these variants."""

    variants: tuple[Variant, ...]
    entries: dict[tuple[object, ...], _Entry] = field(default_factory=dict)

    def add(self, finding: Observation, variants: Iterable[Variant]) -> None:
        """Add a finding in some variants; findings with the same message at the same place are merged."""
        place = finding.span[1:] if finding.span else None
        key = (finding.rule, place, finding.message, finding.fix and finding.fix.words)
        entry = self.entries.setdefault(key, _Entry(finding, {}, {}))
        entry.nodes.update(dict.fromkeys(finding.nodes))
        entry.variants.update(dict.fromkeys(variants))

    def findings(self, levels: Mapping[str, Level]) -> tuple[Finding, ...]:
        """All findings at their levels, in the order of the text; those at level `off` are left out."""
        findings = [finding for each in self.entries.values() if (finding := self._finding(each, levels))]
        return tuple(sorted(findings, key=_sort_key))

    def _finding(self, entry: _Entry, levels: Mapping[str, Level]) -> Finding | None:
        rule, message, span, _, fix = entry.finding
        level = levels[rule]
        if level == "off":
            return None
        return Finding(rule, level, message, span, tuple(entry.nodes), self._variant_names(entry.variants), fix)

    def _variant_names(self, variants: Mapping[Variant, None]) -> tuple[str, ...]:
        """The names of the variants, empty if it is all of them; `default` is the spec without a variant."""
        if len(variants) == len(self.variants):
            return ()
        return tuple(variant or DEFAULT for variant in variants)


def _sort_key(finding: Finding) -> tuple[int, int, int]:
    line, column = finding.span[1:3] if finding.span else (0, 0)
    return line, column, RULE_NAMES.index(finding.rule)
