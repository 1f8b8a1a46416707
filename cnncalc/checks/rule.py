"""What every rule is: its documentation, and what it finds in one network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import ClassVar

from cnncalc.analysis.report import Report
from cnncalc.checks.finding import Fix, Observation
from cnncalc.checks.places import Places
from cnncalc.checks.wiring import Wiring
from cnncalc.document import Document
from cnncalc.document.types import Level
from cnncalc.errors import Span
from cnncalc.graph import Node
from cnncalc.layers.window import Window
from cnncalc.records import NamedTuple, Record

__all__ = ["Case", "Level", "Rule", "Subject"]


class Subject(Record):
    """One network to check: as written, in one of its variants, with its report."""

    document: Document
    variant: str | None
    report: Report

    @cached_property
    def places(self) -> Places:
        """Where the layers and their fields stand in the text."""
        return Places(self.document)

    @cached_property
    def sliding(self) -> dict[str, tuple[Node, tuple[Window, ...]]]:
        """The sliding layers by name, with their windows, in the order of execution."""
        return {layer.name: (layer.node, layer.fit.windows) for layer in self.report.layers if layer.fit}

    @cached_property
    def wiring(self) -> Wiring:
        """Who reads whose output."""
        return Wiring(self.report.graph)


class Case(NamedTuple):
    """A fault in one layer: the sentence, the fields at which it points, and how its fix is found."""

    node: Node
    message: str
    fields: tuple[str, ...] = ()
    fix: Callable[[], Fix | None] | None = None


class Rule:
    """Base of the rules, one file each. The name is the fault, in kebab-case."""

    name: ClassVar[str]
    level: ClassVar[Level]  # unless the spec, the project or the command line says otherwise
    what: ClassVar[str]  # one sentence: what is found
    why: ClassVar[str]  # why that is worth acting on
    example: ClassVar[str]  # a whole spec with the fault
    fixed: ClassVar[str]  # the same spec without it
    source: ClassVar[str]  # who says so: a paper, a formula, a manual
    by_variant: ClassVar[bool] = False  # whether variants with the same parameters may differ in it

    def findings(self, subject: Subject) -> Iterable[Observation]:
        """Everything of this kind in one network, in the order of its layers."""
        return self.group_cases(subject, self.cases(subject))

    def cases(self, subject: Subject) -> Iterable[Case]:
        """The faults layer by layer, for a rule that leaves gathering them to `findings`."""
        raise NotImplementedError

    def group_cases(self, subject: Subject, cases: Iterable[Case]) -> Iterator[Observation]:
        """One finding for each place in the text, however many layers are expanded from it; the first is told."""
        alike: dict[Span | str, list[Case]] = {}
        for case in cases:
            alike.setdefault(case.node.span or case.node.name, []).append(case)
        for first, *others in alike.values():
            names = tuple(case.node.name for case in (first, *others))
            fix = first.fix() if first.fix else None
            yield Observation(self.name, first.message, subject.places.span(first.node, *first.fields), names, fix)
