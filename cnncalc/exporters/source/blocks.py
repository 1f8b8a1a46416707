"""Write all classes of a network, innermost first: which levels share a class, and the name of each class."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.exporters.source.classes import ClassSource
from cnncalc.exporters.source.identifiers import Names, class_name
from cnncalc.exporters.source.steps import Body, BodyBuilder
from cnncalc.exporters.source.tree import Level
from cnncalc.exporters.source.variants import find_left_out, group_by_form
from cnncalc.pytorch.recipes.terms import Arg, Call, Slot

Key = tuple[object, ...]
LONGEST = 76  # characters of a docstring


def write_blocks(builder: BodyBuilder, root: Level, names: Names) -> Iterator[list[str]]:
    """Yield the lines of every class, each after the classes that it uses."""
    for key, levels in _order_levels(root):
        bodies = [builder.body(level) for level in levels]
        for group in _groups(bodies):
            source = ClassSource(names.give(_title(key, levels[0])), group)
            paths = {body.path for body in group}
            yield source.source(_doc(levels[0], [level.path for level in levels if level.path in paths]))
            _set_constructors(source, group, builder)


def _groups(bodies: list[Body]) -> list[list[Body]]:
    """Group the bodies that share a class, the largest group first; the first body of a group has every step."""
    variants = group_by_form(bodies)
    groups: list[list[Body]] = []
    while variants:
        group = list(variants.pop(0))
        for variant in list(variants):
            together = [*group, *variant]
            if find_left_out(group[0], variant[0]) is not None and _adds_little(together, group, variant):
                group = together
                variants.remove(variant)
        groups.append(group)
    return sorted(groups, key=len, reverse=True)


def _adds_little(together: list[Body], group: list[Body], variant: list[Body]) -> bool:
    """Return whether one class for both needs no more made-up parameters than either alone."""
    added = [ClassSource("", bodies).added for bodies in (together, group, variant)]
    return added[0] <= max(added[1:])


def _set_constructors(source: ClassSource, group: list[Body], builder: BodyBuilder) -> None:
    """Record the constructor call of every instance."""
    parameters = source.signature()
    for number, body in enumerate(group):
        arguments = []
        for parameter in parameters:
            value = parameter.column[number]
            slot = Slot(value, parameter.name)
            arguments.append(Arg(slot, parameter.name, parameter.value) if parameter.default else Arg(slot))
        builder.constructors[body.path] = Call(source.name, tuple(arguments))


def _order_levels(root: Level) -> list[tuple[Key, list[Level]]]:
    """Return the levels that become classes, grouped by what they are instances of, inner levels first."""
    levels = [level for level in root.levels() if not level.sequential]
    groups = _group_levels(levels, {})
    order = _sort_groups(groups)
    if order is None:  # a block within itself: distinguish its instances by nesting height
        groups = _group_levels(levels, _heights(root))
        order = _sort_groups(groups) or list(groups)
    return [(key, groups[key]) for key in order]


def _group_levels(levels: list[Level], heights: dict[str, int]) -> dict[Key, list[Level]]:
    groups: dict[Key, list[Level]] = {}
    for level in levels:
        groups.setdefault((*_kind(level), heights.get(level.path, 0)), []).append(level)
    return groups


def _kind(level: Level) -> Key:
    """Return what a level is an instance of: its block, or its position within one."""
    if level.instance is not None:
        return ("block", level.instance.block)
    around = level.parent
    while around is not None and around.parent is not None and around.instance is None and around.sequential:
        around = around.parent
    within = () if around is None or around.parent is None else _kind(around)
    place = level.path[len(around.path) :] if around is not None else level.path
    return (*within, re.sub(r"(?<=\.)\d+", "#", place))


def _sort_groups(groups: dict[Key, list[Level]]) -> list[Key] | None:
    """Return the groups, each after those that its levels contain; None if there is a cycle."""
    of = {level.path: key for key, levels in groups.items() for level in levels}
    needs = {
        key: {of[inner.path] for level in levels for inner in level.levels() if inner.path in of}
        for key, levels in groups.items()
    }
    order: list[Key] = []
    while len(order) < len(groups):
        ready = [key for key in groups if key not in order and needs[key] <= set(order)]
        if not ready:
            return None
        order += ready
    return order


def _heights(root: Level) -> dict[str, int]:
    heights: dict[str, int] = {}
    for level in root.levels():
        heights[level.path] = 1 + max((heights[inner.path] for inner in level.levels()), default=0)
    return heights


def _title(key: Key, level: Level) -> str:
    if level.instance is not None:
        return class_name(level.instance.block)
    words = [str(part) for part in key if isinstance(part, str) and part != "block"]
    return class_name(*words)


def _doc(level: Level, paths: list[str]) -> str:
    """Return the docstring of a class: its block, and the paths of its instances."""
    what = f"Block `{level.instance.block}`: " if level.instance else "The layers under "
    places = ", ".join(paths) if len(paths) <= 3 else f"{paths[0]}, {paths[1]}, … {paths[-1]}"
    text = f"{what}{places}."
    return text if len(text) <= LONGEST else f"{what}{paths[0]}"[:LONGEST] + " …"
