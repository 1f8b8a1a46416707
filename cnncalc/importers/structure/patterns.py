"""What similar parts have in common: every element once, with a column of values, one for each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from cnncalc.importers.structure.block import Block
from cnncalc.importers.structure.elements import NOTHING, Element, Elements, Fork, Leaf, Part
from cnncalc.importers.traced import TracedNode
from cnncalc.importers.writing.arguments import Arguments
from cnncalc.importers.writing.words import has_weights
from cnncalc.layers import LAYERS
from cnncalc.symbolic import Size
from cnncalc.writer import Data


@dataclass(eq=False, slots=True)
class Pattern:
    """One element across all parts; a column has `None` for a part that lacks it."""

    reads: str | None  # a tensor of the first part, where it is not the one that flows in
    output: str  # of the first part that has it
    arguments: list[Arguments | None]
    channels: list[Size | None]  # of the input
    out_channels: list[Size | None]
    kinds: list[str | None]  # of the layer, or of the join
    node: TracedNode | None = None
    sources: tuple[str, ...] | None = None
    block: Block | None = None
    path: str = ""  # of a part
    paths: list[Patterns] | None = None
    joined: list[bool] = field(default_factory=list)  # of a fork: whether it joins, or only its first path is there
    sides: tuple[str, ...] = ()  # further outputs of a part; its `sources` are the further tensors that it reads
    # filled in by the later steps
    written: dict[str, Data] = field(default_factory=dict)
    when: str = ""
    name: str | None = None
    items: Patterns | None = None  # of a part that occurs once, under its name
    word: str = ""  # the parameter that names the layer: `$activation`

    @property
    def kind(self) -> str:
        """The kind of its layer; empty for a part."""
        return next((kind for kind in self.kinds if kind), "")

    @property
    def present(self) -> list[bool]:
        """Which parts have it."""
        return [channels is not None for channels in self.channels]


Patterns: TypeAlias = "list[Pattern]"


def signature(elements: Elements, others: Sequence[str] = (), sides: Sequence[str] = ()) -> object:
    """A key that is equal for parts that differ in their arguments only; `others` and `sides` are those of the part."""
    numbers = {name: -2 - place for place, name in enumerate(others)}
    inside = tuple(_signature(element, numbers) for element in elements)
    return (inside, len(others), tuple(numbers.get(side, -1) for side in sides)) if others or sides else inside


def _signature(element: Element, numbers: dict[str, int]) -> object:
    reads = _distance(element.reads, numbers)
    if isinstance(element, Part):
        own: object = id(element.block)
        if element.block is None:
            own = signature(element.elements, element.others, element.sides)
        inside: object = (own, tuple(numbers.get(name, -1) for name in element.others), len(element.sides))
    elif isinstance(element, Fork):
        paths = tuple(tuple(_signature(inner, numbers) for inner in path) for path in element.paths)
        inside = (element.node.kind, paths, element.node.written)
    else:
        sources = tuple(numbers.get(name, -1) for name in element.sources) if element.sources else None
        node = element.node
        shares = numbers.get(node.shares, -1) if node.shares else None
        inside = (
            node.kind,
            without_default(node.kind, element.arguments),
            sources,
            shares,
            node.frozen and has_weights(node.kind),
            node.written,
        )
    for name in (element.output, *(element.sides if isinstance(element, Part) else ())):
        numbers[name] = len(numbers)
    return reads, inside


def _distance(reads: str, numbers: Mapping[str, int]) -> int:
    """How many elements back an input is; a tensor from outside has a number of its own."""
    number = numbers.get(reads, -1)
    return number if number < -1 else number - len(numbers)


def without_default(kind: str, arguments: Arguments) -> tuple[str, ...]:
    """The given arguments that have no default, and so cannot be left out by some instances."""
    declared = LAYERS[kind].arguments
    return tuple(name for name in declared if name in arguments and declared[name].default is None and name != "stride")


def patterns(parts: Sequence[Elements], flowing: str) -> Patterns:
    """The common patterns of parts with one signature; `flowing` is the tensor that flows into the first."""
    first = parts[0]
    running = [flowing] + [element.output for element in first]
    return [_pattern(list(row), before) for row, before in zip(zip(*parts, strict=True), running, strict=False)]


def _pattern(row: Sequence[Element], running: str) -> Pattern:
    first = row[0]
    pattern = Pattern(
        None if first.reads in (running, NOTHING) else first.reads,
        first.output,
        [element.arguments for element in row],
        [element.channels for element in row],
        [element.out_channels for element in row],
        [""] * len(row),
    )
    if isinstance(first, Part):
        pattern.block, pattern.path = first.block, first.path
        pattern.sources, pattern.sides = first.others or None, first.sides
        return pattern
    pattern.node = first.node
    pattern.kinds = [element.node.kind for element in row if not isinstance(element, Part)]
    if isinstance(first, Fork):
        forks = [element for element in row if isinstance(element, Fork)]
        pattern.paths = [patterns(paths, first.reads) for paths in zip(*(fork.paths for fork in forks), strict=True)]
        pattern.joined = [True] * len(row)
    elif isinstance(first, Leaf):
        pattern.sources = first.sources
    return pattern
