"""What a list of layers consists of, once it is seen what belongs together: layers, forks that are joined, parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from cnncalc.importers.structure.block import Block
from cnncalc.importers.traced import TracedNode
from cnncalc.importers.writing.arguments import Arguments
from cnncalc.layers.layer import Shape
from cnncalc.symbolic import Size
from cnncalc.writer import Data


@dataclass(eq=False, slots=True)
class _Made:
    """What one layer makes, the last or the only one."""

    node: TracedNode
    arguments: Arguments
    channels: Size  # of what flows in
    reads: str
    order: int  # its place in the order of execution

    @property
    def output(self) -> str:
        """The tensor that leaves."""
        return self.node.name

    @property
    def leaving(self) -> Size:
        """The channels of what leaves."""
        return channels_of(self.node.output)


@dataclass(eq=False, slots=True)
class Leaf(_Made):
    """One layer; `sources` names all that it reads where that is not just what flows in."""

    sources: tuple[str, ...] | None = None


@dataclass(eq=False, slots=True)
class Fork(_Made):
    """Paths that read one tensor, and the layer that joins what leaves them; an empty path is the tensor itself."""

    paths: list[Elements]


@dataclass(eq=False, slots=True)
class Part:
    """A level of names that one tensor enters and one leaves: an instance of a block where there is one like it."""

    path: str
    elements: Elements
    channels: Size
    reads: str
    order: int
    output: str
    leaving: Size  # channels of what leaves
    block: Block | None = None
    arguments: dict[str, Data] = field(default_factory=dict)


Element: TypeAlias = "Leaf | Fork | Part"
Elements: TypeAlias = "list[Element]"


def channels_of(shape: Shape) -> Size:
    """The channels of a tensor; of one number per image one."""
    return shape[0] if shape else 1


def leaves(elements: Elements) -> Iterator[TracedNode]:
    """All layers in it."""
    for element in elements:
        if isinstance(element, Part):
            yield from leaves(element.elements)
            continue
        if isinstance(element, Fork):
            for path in element.paths:
                yield from leaves(path)
        yield element.node


def wraps(elements: Elements) -> bool:
    """Whether there is nothing but one part."""
    return len(elements) == 1 and isinstance(elements[0], Part)


def flattened(elements: Elements) -> Elements:
    """The same list, with the parts that are no instances of blocks dissolved into it."""
    found: Elements = []
    for element in elements:
        if isinstance(element, Part) and element.block is None:
            found += flattened(element.elements)
            continue
        if isinstance(element, Fork):
            element.paths = [flattened(path) for path in element.paths]
        found.append(element)
    return found
