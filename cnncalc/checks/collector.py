"""Findings as they come, from layer after layer and variant after variant: what is alike is said once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cnncalc.checks.finding import Finding, Observation
from cnncalc.checks.rule import Level
from cnncalc.document.expectations import DEFAULT
from cnncalc.names import RULE_NAMES
from cnncalc.records import NamedTuple

Variant = str | None


class _Found(NamedTuple):
    finding: Observation
    nodes: dict[str, None]
    variants: dict[Variant, None]


@dataclass(frozen=True, slots=True)
class FindingCollector:
    """The findings on one spec, of which these variants are checked."""

    variants: tuple[Variant, ...]
    found: dict[tuple[object, ...], _Found] = field(default_factory=dict)

    def add(self, finding: Observation, variants: Iterable[Variant]) -> None:
        """Note a finding in some variants; one with the same words at the same place joins it."""
        place = finding.span[1:] if finding.span else None
        key = (finding.rule, place, finding.message, finding.fix and finding.fix.words)
        found = self.found.setdefault(key, _Found(finding, {}, {}))
        found.nodes.update(dict.fromkeys(finding.nodes))
        found.variants.update(dict.fromkeys(variants))

    def findings(self, levels: Mapping[str, Level]) -> tuple[Finding, ...]:
        """All of them, in the order of the text."""
        found = [finding for each in self.found.values() if (finding := self._finding(each, levels))]
        return tuple(sorted(found, key=_place))

    def _finding(self, found: _Found, levels: Mapping[str, Level]) -> Finding | None:
        rule, message, span, _, fix = found.finding
        level = levels[rule]
        if level == "off":
            return None
        return Finding(rule, level, message, span, tuple(found.nodes), self._named(found.variants), fix)

    def _named(self, variants: Mapping[Variant, None]) -> tuple[str, ...]:
        """The variants by name, none where it is all of them; `default` is the spec as it is."""
        if len(variants) == len(self.variants):
            return ()
        return tuple(variant or DEFAULT for variant in variants)


def _place(finding: Finding) -> tuple[int, int, int]:
    line, column = finding.span[1:3] if finding.span else (0, 0)
    return line, column, RULE_NAMES.index(finding.rule)
