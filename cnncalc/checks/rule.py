"""What every rule is: its documentation, and what it finds in one network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from cnncalc.analysis.report import Report
from cnncalc.checks.finding import Finding
from cnncalc.document import Document
from cnncalc.document.types import Level

__all__ = ["Level", "Rule", "Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One network to check: as written, in one of its variants, with its report."""

    document: Document
    variant: str | None
    report: Report


class Rule:
    """Base of the rules, one file each. The name is the fault, in kebab-case."""

    name: ClassVar[str]
    level: ClassVar[Level]  # unless the spec, the project or the command line says otherwise
    what: ClassVar[str]  # one sentence: what is found
    why: ClassVar[str]  # why that is worth acting on
    example: ClassVar[str]  # a whole spec with the fault
    mended: ClassVar[str]  # the same spec without it
    source: ClassVar[str]  # who says so: a paper, a formula, a manual
    by_variant: ClassVar[bool] = False  # whether variants with the same parameters may differ in it

    def findings(self, subject: Subject) -> Iterable[Finding]:
        """Everything of this kind in one network, in the order of its layers."""
        raise NotImplementedError
