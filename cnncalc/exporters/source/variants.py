"""Merge instances of a block that differ in their steps into one class with optional steps, where possible.

An omitted step passes its first input on: an identity shortcut, or an addition that is not made.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.exporters.source.steps import Body, Ref, Step
from cnncalc.pytorch.recipes.recipe import OWN


def group_by_form(bodies: Sequence[Body]) -> list[list[Body]]:
    """Group the bodies by form, the form with most steps first."""
    groups: dict[object, list[Body]] = {}
    for body in bodies:
        groups.setdefault(body.form, []).append(body)
    return sorted(groups.values(), key=lambda group: -len(group[0].steps))


def find_left_out(longer: Body, shorter: Body) -> frozenset[str] | None:
    """Return the steps of `longer` that `shorter` omits; None if they differ in any other way."""
    if longer.arguments != shorter.arguments or longer.ties != shorter.ties:
        return None
    out: set[str] = set()
    replaced: dict[Ref, Ref] = {}
    expected = list(shorter.steps)
    for step in longer.steps:
        reads = tuple(replaced.get(ref, ref) for ref in step.reads)
        if expected and _is_same(step, expected[0], reads):
            expected.pop(0)
        elif _can_be_identity(step):
            out.add(step.name)
            replaced[step.name, 0] = reads[0]
        else:
            return None
    results = tuple(replaced.get(ref, ref) for ref in longer.results)
    return frozenset(out) if not expected and results == shorter.results else None


def _is_same(step: Step, other: Step, reads: tuple[Ref, ...]) -> bool:
    own = (step.name, step.build, step.run, reads, step.frozen)
    return own == (other.name, other.build, other.run, other.reads, other.frozen)


def _can_be_identity(step: Step) -> bool:
    """Return whether omitting the step passes its first input on: a function, or a module of one tensor used as is."""
    if step.results != 1 or step.frozen or not step.reads or "." in step.name or not step.name:
        return False
    return step.build is None or (step.run == OWN and len(step.reads) == 1)
