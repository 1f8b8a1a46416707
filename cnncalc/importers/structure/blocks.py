"""Turns similar parts into blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from cnncalc.importers.structure.block import Block, Parameter
from cnncalc.importers.structure.compose import Composer, Unfit
from cnncalc.importers.structure.conditions import Conditions
from cnncalc.importers.structure.elements import Elements, Fork, Part, dissolve_parts, wraps
from cnncalc.importers.structure.parameters import Parameters
from cnncalc.importers.structure.patterns import Patterns, patterns, signature
from cnncalc.importers.structure.titles import item_name
from cnncalc.importers.structure.unify import every, unify
from cnncalc.importers.writing.words import unique
from cnncalc.layers.layer import MISSING
from cnncalc.records import NamedTuple
from cnncalc.writer import Data

CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
_MOST_VARIANTS = 12
_SMALL = 3  # elements
_ENTRY = "x"  # the tensor that flows into a block, as PyTorch's `forward` calls it
_FURTHER = "skip"  # another tensor that it reads
_OFTEN = 5  # the same few calls, repeated this often, are a block rather than stages written out


def block_of(name: str, pattern: Patterns, parts: Sequence[Part], words: frozenset[str]) -> Block:
    """The block for these parts, with its parameters solved and its items written."""
    entering = [part.channels for part in parts]
    solved = Parameters(len(parts), entering, words)
    solved.solve(pattern)
    Conditions(solved, pattern).solve(pattern, entering)
    body = _write_body(pattern, parts[0], {parameter.name for parameter in solved.parameters})
    return Block(
        name,
        places=frozenset(part.path for part in parts),
        switches=sum(not all(each.present) or not all(each.joined) for each in every(pattern)),
        entries=solved.parameters,
        parameters=_in_order(solved.parameters),
        gates=pattern[-1].kind == "multiply" and pattern[-1].paths is not None,
        items=body.items,
        entry=body.entry,
        tensors=body.tensors,
        sides=body.sides,
    )


def _in_order(parameters: Sequence[Parameter]) -> list[Parameter]:
    """The parameters in the order of the signature: required ones first; a list of channels counts once."""
    once = list({parameter.name: parameter for parameter in parameters}.values())
    return sorted(once, key=lambda parameter: parameter.default is not MISSING)


class _Body(NamedTuple):
    """The items of a block, and its names for tensors: the one that flows in, further ones, further outputs."""

    items: list[Data]
    entry: str | None
    tensors: tuple[str, ...]
    sides: tuple[str, ...]


def _write_body(pattern: Patterns, part: Part, parameters: set[str]) -> _Body:
    """The items of a block, of which `part` is the first instance, with names for what is referred to."""
    used: set[str] = set()

    def name_item(path: str) -> str:
        name = item_name(path, used)
        used.add(name)
        return name

    composer = Composer(name_item)
    composer.items(pattern, None)
    composer.wanted.update(part.sides)
    composer.name(pattern)
    for tensor in (part.reads, *part.others):
        if tensor in composer.wanted:
            name = unique(_ENTRY if tensor == part.reads else _FURTHER, used | parameters)
            composer.names[tensor] = name
            used.add(name)
    items = composer.items(pattern, None)
    return _Body(
        items,
        composer.names.get(part.reads),
        tuple(composer.names[tensor] for tensor in part.others),
        tuple(composer.refer(tensor, ()) for tensor in part.sides),
    )


def parts_within(elements: Elements) -> Iterable[Part]:
    """All parts, inner ones first."""
    for element in elements:
        if isinstance(element, Part):
            yield from parts_within(element.elements)
            yield element
        elif isinstance(element, Fork):
            for path in element.paths:
                yield from parts_within(path)


class Blocks:
    """Makes blocks of the parts of a network, inner ones first, except of those that are to be dissolved."""

    def __init__(
        self,
        modules: Mapping[str, str],
        title: Callable[[str, Sequence[Part]], str],
        dissolved: frozenset[str],
        containers: bool,
    ) -> None:
        self.blocks: list[Block] = []
        self._modules = modules
        self._title = title  # makes the name of a block from a class
        self._dissolved = dissolved
        self._containers = containers  # whether their parts become blocks

    def make(self, parts: Sequence[Part]) -> None:
        """Find the similar parts and assign a block to each."""
        families: dict[object, list[Part]] = {}
        for part in self._inline(parts):
            families.setdefault(self._family(part), []).append(part)
        for family in _inside_out(families):
            if family is not None:
                self._make_family(families[family])

    def _inline(self, parts: Sequence[Part]) -> list[Part]:
        """Inline the parts that should not become blocks, and return the others.

        Inlined are parts without a class that wrap a single part, or that are small and occur once in each of several
        others.
        """
        # The innermost comes first.
        around = {inner.path: part for part in parts for inner in parts_within(part.elements)}
        alike: dict[object, list[Part]] = {}
        for part in parts:
            if part.path not in self._modules and _is_small(part.elements):
                alike.setdefault(signature(part.elements), []).append(part)
        wrapping = {part.path for part in parts if part.path not in self._modules and wraps(part.elements)}
        gone = wrapping | self._dissolved
        for group in alike.values():
            parents = [around.get(part.path) for part in group]
            if None not in parents and len(set(map(id, parents))) == len(group):
                gone.update(part.path for part in group)
        for part in parts:
            part.elements = _dissolve(part.elements, gone)
        return [part for part in parts if part.path not in gone]

    def _family(self, part: Part) -> object:
        """The key of the parts that are compared with one another; None for a container that makes no block."""
        name = self._modules.get(part.path)
        if name in CONTAINERS:
            return (CONTAINERS, _height(part)) if self._containers else None
        return name or ("", _height(part))

    def _make_family(self, parts: list[Part]) -> None:
        alike: dict[object, list[Part]] = {}
        stages: dict[object, list[Part]] = {}
        within = {inner.path for part in parts for inner in parts_within(part.elements)}  # of the same class
        for part in parts:
            part.elements = dissolve_parts(part.elements)
            if part.path in within:
                continue
            calls = part.path not in self._modules and all(isinstance(element, Part) for element in part.elements)
            similar = stages if calls or _is_uniform(part.elements) else alike
            similar.setdefault(signature(part.elements, part.others, part.sides), []).append(part)
        if alike and parts[0].path in self._modules:  # if some parts of a class are not stages, none are
            alike.update(stages)
            stages.clear()
        for group in stages.values():
            if len(group) >= _OFTEN and len(group[0].elements) <= _SMALL:
                self._block(group, _patterns(group))
        groups = sorted(alike.values(), key=len, reverse=True)
        while groups:
            group = groups.pop(0)
            pattern = _patterns(group)
            for other in groups[:_MOST_VARIANTS] if _is_plain(group[0]) else ():
                both = unify(pattern, _patterns(other), len(group), len(other)) if _is_plain(other[0]) else None
                if both is not None:
                    pattern, group = both, group + other
                    groups.remove(other)
            self._block(group, pattern)

    def _block(self, group: list[Part], pattern: Patterns) -> None:
        if len(group) < 2 or sum(1 for _ in every(pattern)) < 2:
            return
        words = frozenset(block.name for block in self.blocks)
        module = self._modules.get(group[0].path, "")
        name = self._title("" if module in CONTAINERS else module, group)
        try:
            block = block_of(name, pattern, group, words | {name})
        except Unfit:
            return
        self.blocks.append(block)
        for number, part in enumerate(group):
            part.block, part.arguments = block, block.arguments(number)


def _is_plain(part: Part) -> bool:
    """Whether it has one input and one output."""
    return not part.others and not part.sides


def _is_small(elements: Elements) -> bool:
    return len(elements) <= _SMALL and not any(isinstance(element, Fork) for element in elements)


def _dissolve(elements: Elements, gone: set[str]) -> Elements:
    """The elements, with these parts dissolved."""
    kept: Elements = []
    for element in elements:
        if isinstance(element, Part) and element.path in gone:
            kept += _dissolve(element.elements, gone)
            continue
        if isinstance(element, Fork):
            element.paths = [_dissolve(path, gone) for path in element.paths]
        kept.append(element)
    return kept


def _is_uniform(elements: Elements) -> bool:
    """Whether all elements are alike: usually a stage."""
    return len(elements) > 1 and len({signature([element]) for element in elements}) == 1


def _patterns(group: Sequence[Part]) -> Patterns:
    return patterns([part.elements for part in group], group[0].reads)


def _height(part: Part) -> int:
    """The depth of the parts nested in it."""
    return max((1 + _height(inner) for inner in parts_within(part.elements)), default=0)


def _inside_out(families: Mapping[object, list[Part]]) -> list[object]:
    """The families, each after those that its parts contain."""
    height: dict[str, int] = {}
    order: dict[object, int] = {}
    of = {part.path: family for family, parts in families.items() for part in parts}
    for parts in families.values():
        for part in parts:
            height[part.path] = sum(1 for inner in parts_within(part.elements) if of.get(inner.path) is not None)
    for family, parts in families.items():
        order[family] = max(height[part.path] for part in parts)
    return sorted(families, key=lambda family: order[family])
