"""Instances of one block that differ in their steps: told as one class with steps that some leave out, where that goes.

A step left out hands on what it reads first: a shortcut that is the identity, a sum that is not made.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.exporters.source.steps import Body, Ref, Step
from cnncalc.pytorch.recipes.recipe import OWN


def alike(bodies: Sequence[Body]) -> list[list[Body]]:
    """The bodies by their form, the longest form first."""
    found: dict[object, list[Body]] = {}
    for body in bodies:
        found.setdefault(body.form, []).append(body)
    return sorted(found.values(), key=lambda group: -len(group[0].steps))


def left_out(longer: Body, shorter: Body) -> frozenset[str] | None:
    """The steps of the longer one that the shorter leaves out; None where it is something else."""
    if longer.arguments != shorter.arguments or longer.ties != shorter.ties:
        return None
    out: set[str] = set()
    stands: dict[Ref, Ref] = {}
    waiting = list(shorter.steps)
    for step in longer.steps:
        reads = tuple(stands.get(ref, ref) for ref in step.reads)
        if waiting and _same(step, waiting[0], reads):
            waiting.pop(0)
        elif _can_be_identity(step):
            out.add(step.name)
            stands[step.name, 0] = reads[0]
        else:
            return None
    results = tuple(stands.get(ref, ref) for ref in longer.results)
    return frozenset(out) if not waiting and results == shorter.results else None


def _same(step: Step, other: Step, reads: tuple[Ref, ...]) -> bool:
    return (step.name, step.build, step.run, reads) == (other.name, other.build, other.run, other.reads)


def _can_be_identity(step: Step) -> bool:
    """Whether leaving it out hands on what it reads: a module, alone and of one tensor, or a function."""
    if step.results != 1 or step.frozen or not step.reads or "." in step.name or not step.name:
        return False
    return step.build is None or (step.run == OWN and len(step.reads) == 1)
