"""Defines the base of all rules: documentation, and the search for faults in one network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar

from cnncalc.analysis.report import Report
from cnncalc.checks.finding import Fix, Observation
from cnncalc.checks.places import Places
from cnncalc.checks.wiring import Wiring
from cnncalc.document import Document
from cnncalc.document.types import Level
from cnncalc.elaborate.exchange import Exchange
from cnncalc.errors import Span
from cnncalc.graph import Node
from cnncalc.layers.window import Window
from cnncalc.records import EMPTY, NamedTuple, Record

__all__ = ["Case", "Level", "Rule", "Subject"]


class Subject(Record):
    """One network to check: its document, variant and report, and the parameters that were set."""

    document: Document
    variant: str | None
    report: Report
    params: Mapping[str, Any] = EMPTY

    @cached_property
    def places(self) -> Places:
        """The positions of layers and fields in the text."""
        return Places(self.document)

    @cached_property
    def spans(self) -> dict[str, Span | None]:
        """Name → place of each layer."""
        return {layer.name: layer.node.span for layer in self.report.layers}

    @cached_property
    def sliding(self) -> dict[str, tuple[Node, tuple[Window, ...]]]:
        """Name → node and windows of each sliding layer, in execution order."""
        return {layer.name: (layer.node, layer.fit.windows) for layer in self.report.layers if layer.fit}

    @cached_property
    def exchange(self) -> Exchange:
        """Trials of other layers in the graph."""
        return Exchange(self.report.graph)

    @cached_property
    def wiring(self) -> Wiring:
        """The edges of the graph."""
        return Wiring(self.report.graph)


class Case(NamedTuple):
    """A fault in one layer: the message, the fields that cause it, and a function that returns the fix."""

    node: Node
    message: str
    fields: tuple[str, ...] = ()
    fix: Callable[[], Fix | None] | None = None


class Rule:
    """Base of the rules, one file each. The name is the fault, in kebab-case."""

    name: ClassVar[str]
    level: ClassVar[Level]  # unless the spec, the project or the command line overrides it
    what: ClassVar[str]  # one sentence: the fault
    why: ClassVar[str]  # why to act on it
    example: ClassVar[str]  # a complete spec with the fault
    fixed: ClassVar[str]  # the same spec without it
    source: ClassVar[str]  # the reference: a paper, a formula, a manual
    by_variant: ClassVar[bool] = False  # whether results may differ between variants with the same parameters

    def findings(self, subject: Subject) -> Iterable[Observation]:
        """All faults of this kind in one network, in the order of its layers."""
        return self.group_cases(subject, self.cases(subject))

    def cases(self, subject: Subject) -> Iterable[Case]:
        """Yield the faults layer by layer; `findings` groups them."""
        raise NotImplementedError

    def group_cases(self, subject: Subject, cases: Iterable[Case]) -> Iterator[Observation]:
        """Yield one finding per place in the text, with the message of the first layer expanded from it."""
        alike: dict[Span | str, list[Case]] = {}
        for case in cases:
            alike.setdefault(case.node.span or case.node.name, []).append(case)
        for first, *others in alike.values():
            names = tuple(case.node.name for case in (first, *others))
            fix = first.fix() if first.fix else None
            yield Observation(self.name, first.message, subject.places.span(first.node, *first.fields), names, fix)
