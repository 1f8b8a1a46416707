"""`faulty-spec`: a spec that cannot be read, or a variant of it that has no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from cnncalc.checks.finding import Fix, Observation
from cnncalc.checks.rule import Level, Rule, Subject
from cnncalc.errors import CnncalcError, Fault, SpecError


class FaultySpec(Rule):
    """The faults of a spec as findings, so that a run over many specs continues."""

    name: ClassVar[str] = "faulty-spec"
    level: ClassVar[Level] = "error"
    what: ClassVar[str] = "The spec cannot be read, or its layers do not fit together in some variant."
    why: ClassVar[str] = (
        "There is no network to check. Every variant is built, so that a fault in one that nobody has looked at for a "
        "while is found here. This rule cannot be ignored."
    )
    example: ClassVar[str] = """input: 3x32x32
layers:
  - conv: {out_channels: 16, kernal_size: 3}
"""
    fixed: ClassVar[str] = """input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3}
"""
    source: ClassVar[str] = "The spec language: `cnncalc schema`, `cnncalc list --layers`."

    def findings(self, subject: Subject) -> Iterable[Observation]:
        """Return nothing: these faults are found when the spec is read and built."""
        return ()


def faults_of(error: CnncalcError) -> Iterator[Observation]:
    """Yield the faults of an error as findings."""
    faults = error.faults if isinstance(error, SpecError) else [Fault(str(error))]
    for message, span, hint in faults:
        yield Observation(FaultySpec.name, message, span, fix=Fix(hint) if hint else None)
