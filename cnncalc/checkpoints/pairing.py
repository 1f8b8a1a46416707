"""Pairs the modules of a checkpoint with those of a network by what tensors they have, level by level.

Two levels whose modules have the same shapes are the same block under another name, however it is nested; the largest
are paired first, equal ones in order. What is left is paired module by module.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeAlias

from cnncalc.records import NamedTuple

DEEPEST = 12  # levels of a name that are looked at


class Module(NamedTuple):
    """A module with tensors: its path, kind of tensor → full name, and what identifies it: kinds and shapes."""

    path: str
    tensors: Mapping[str, str]
    shapes: Hashable


Modules: TypeAlias = "Sequence[Module]"
Sides: TypeAlias = "tuple[list[Modules], list[Modules]]"


def paired(ours: Modules, theirs: Modules) -> Iterator[tuple[Module, Module]]:
    """Yield pairs of modules with equal tensors; where the number of equal ones differs, none."""
    levels: dict[Hashable, Sides] = {}
    for side, modules in enumerate((ours, theirs)):
        for level in _levels(modules):
            bag = len(level), frozenset(Counter(module.shapes for module in level).items())
            levels.setdefault(bag, ([], []))[side].append(level)
    taken: set[int] = set()
    for own, other in sorted(levels.values(), key=lambda sides: -max(len(level) for side in sides for level in side)):
        free = [[level for level in side if id(level[0]) not in taken] for side in (own, other)]
        if len(free[0]) == len(free[1]):
            for one, two in zip(*free, strict=True):
                taken.update(map(id, (*one, *two)))
                yield from paired(one, two)
    yield from _paired_alone(*([each for each in side if id(each) not in taken] for side in (ours, theirs)))


def _levels(modules: Modules) -> Iterator[Modules]:
    """The levels of names within these modules, outer ones first; those of one module, or of all of them, are none."""
    found: dict[str, list[Module]] = defaultdict(list)
    for module in modules:
        parts = module.path.split(".", DEEPEST)[:DEEPEST]
        for depth in range(1, len(parts) + 1):
            found[".".join(parts[:depth])].append(module)
    for path, level in found.items():
        if 1 < len(level) < len(modules) and len(level) < len(found.get(path.rpartition(".")[0], modules)):
            yield level


def _paired_alone(ours: Modules, theirs: Modules) -> Iterator[tuple[Module, Module]]:
    """Pair modules with equal tensors; by the last parts of their names if those are the same, else in order."""
    classes: dict[Hashable, tuple[list[Module], list[Module]]] = {}
    for side, modules in enumerate((ours, theirs)):
        for module in modules:
            classes.setdefault(module.shapes, ([], []))[side].append(module)
    for own, other in classes.values():
        if len(own) != len(other):
            continue
        if Counter(map(_last, own)) == Counter(map(_last, other)):
            own, other = sorted(own, key=_last), sorted(other, key=_last)
        yield from zip(own, other, strict=True)


def _last(module: Module) -> str:
    return module.path.rpartition(".")[2]
