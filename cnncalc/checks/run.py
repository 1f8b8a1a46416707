"""Checks one spec: builds every variant, runs every rule, and leaves out silenced findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cnncalc.budget import BudgetError, spend
from cnncalc.checks.collector import FindingCollector, Variant
from cnncalc.checks.comments import Ignores, read_ignores
from cnncalc.checks.finding import Finding, Observation, Severity
from cnncalc.checks.levels import Choice
from cnncalc.checks.rule import Level, Subject
from cnncalc.checks.rules.faulty_spec import faults_of
from cnncalc.checks.rules.unused_ignore import unused_findings
from cnncalc.checks.table import rules
from cnncalc.document import Document
from cnncalc.elaborate.network import parameters, settings_text
from cnncalc.errors import CnncalcError, Source, SpecError
from cnncalc.records import NamedTuple
from cnncalc.spec import Spec, parse_source

if TYPE_CHECKING:
    from cnncalc.checkpoints.checkpoint import Checkpoint
    from cnncalc.checkpoints.comparison import Comparison

STEPS_PER_LAYER = 20  # of the budget, for all rules


class Checked(NamedTuple):
    """The findings on one spec, in the order of its text, with the levels of the rules."""

    name: str
    networks: int
    findings: tuple[Finding, ...]
    levels: Mapping[str, Level]
    unfinished: str = ""  # why not all networks could be checked
    weights: Comparison | None = None  # with a checkpoint

    def count(self, level: Severity) -> int:
        """The number of findings of a level."""
        return sum(result.level == level for result in self.findings)


def check_source(source: Source, choice: Choice, variant: Variant = None) -> Checked:
    """Check the spec of a source, in one variant or in all; faults of the spec are findings too.

    Raises:
        UsageError: the spec has no such variant, or no such parameter as is to be set.
    """
    try:
        spec = parse_source(source, lambda fault: None).at(variant)
    except SpecError as error:
        return check_faulty(source.name, error, choice, variant)
    return check_spec(spec, choice)


def check_faulty(name: str, error: SpecError, choice: Choice, variant: Variant = None) -> Checked:
    """Return the faults that prevent a spec from being read, as findings."""
    collector = FindingCollector((variant,))
    for finding in faults_of(error):
        collector.add(finding, (variant,))
    levels = choice.levels({})
    return Checked(name, 0, collector.findings(levels), levels)


def check_spec(spec: Spec, choice: Choice) -> Checked:
    """Check a spec in its variant, or in all if none is selected.

    Raises:
        UsageError: a parameter cannot be set.
    """
    document = spec.document
    if document.aside:
        return check_faulty(document.source.name, SpecError(document.aside), choice, spec.variant)
    levels = choice.levels(document.check)
    variants: tuple[Variant, ...] = (spec.variant,) if spec.variant is not None else (None, *spec.variants)
    _try_parameters(document, variants, choice.params)
    collector = FindingCollector(variants)
    ignores = read_ignores(document.source)
    networks, faulty, unfinished = 0, False, ""
    weights: Comparison | None = None
    try:
        for alike in _networks(spec, variants, choice.params):
            if isinstance(alike, _Faulty):
                faulty = True
                for finding in faults_of(alike.error):
                    collector.add(finding, alike.variants)
                continue
            for finding, where in _findings(alike, levels):
                if not _is_silenced(finding, alike[0], ignores):
                    collector.add(finding, where)
            networks += 1
            if choice.weights and spec.variant in [subject.variant for subject in alike]:
                weights, mismatches = _compare(alike[0], choice.weights, spec.variants)
                for finding in mismatches:
                    collector.add(finding, (spec.variant,))
    except BudgetError as error:
        unfinished = f"{document.source.name}: {networks:,} networks checked: {error}"
    idle = [] if faulty or unfinished else [each for each in ignores.idle() if levels[each.rule] != "off"]
    for finding in unused_findings(ignores, idle):
        collector.add(finding, variants)
    return Checked(document.source.name, networks, collector.findings(levels), levels, unfinished, weights)


def _compare(
    subject: Subject, checkpoint: Checkpoint, variants: Collection[str]
) -> tuple[Comparison, Iterable[Observation]]:
    from cnncalc.checkpoints.comparison import compare
    from cnncalc.checks.rules.weights_mismatch import mismatches

    compared = compare(subject.report.graph, checkpoint)
    return compared, mismatches(subject, compared, variants)


def _try_parameters(document: Document, variants: Iterable[Variant], params: Mapping[str, Any]) -> None:
    """Raise what is wrong with parameters to set, which is not the fault of the spec."""
    for variant in variants if params else ():
        with suppress(SpecError):
            parameters(document, variant, dict(params))


class _Faulty(NamedTuple):
    """Variants that cannot be built, and why."""

    variants: Sequence[Variant]
    error: CnncalcError


def _networks(spec: Spec, variants: Iterable[Variant], params: Mapping[str, Any]) -> Iterator[list[Subject] | _Faulty]:
    """Yield the networks of a spec, each as a subject per variant; variants with equal parameters share a network."""
    alike: dict[str, list[Variant]] = {}
    for variant in variants:
        try:
            text = settings_text(spec.document, variant, params)
        except CnncalcError as error:
            yield _Faulty([variant], error)
            continue
        alike.setdefault(text, []).append(variant)
    for same in alike.values():
        try:
            report = spec.at(same[0]).analyze(params=params)
            spend(len(report.layers) * STEPS_PER_LAYER, "checking rules")
        except CnncalcError as error:
            yield _Faulty(same, error)
            continue
        yield [Subject(spec.document, variant, report, params) for variant in same]


def _findings(alike: Sequence[Subject], levels: Mapping[str, Level]) -> Iterator[tuple[Observation, Sequence[Variant]]]:
    """Yield the findings of all active rules in one network, with their variants."""
    all_of_them = [subject.variant for subject in alike]
    for name, rule in rules().items():
        if levels[name] == "off":
            continue
        for subject in alike if rule.by_variant else alike[:1]:
            where = [subject.variant] if rule.by_variant else all_of_them
            for finding in rule.findings(subject):
                yield finding, where


def _is_silenced(finding: Observation, subject: Subject, ignores: Ignores) -> bool:
    """Whether a comment on the line of the finding, or of its main layer, silences it."""
    if not ignores.all:
        return False
    places = (finding.span, subject.spans.get(finding.nodes[0]) if finding.nodes else None)
    return ignores.silence(finding.rule, {place.line for place in places if place})
