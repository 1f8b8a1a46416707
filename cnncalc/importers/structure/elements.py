"""The elements of a list of layers: single layers, forks with their join, and parts."""

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

NOTHING = ""  # what a layer without inputs reads


@dataclass(eq=False, slots=True)
class _Computed:
    """An element whose output is computed by a layer: its only one, or the one that joins."""

    node: TracedNode
    arguments: Arguments
    channels: Size  # of its input
    reads: str
    order: int  # its index in the order of execution

    @property
    def output(self) -> str:
        """The output tensor."""
        return self.node.name

    @property
    def out_channels(self) -> Size:
        """The channels of the output."""
        return channels_of(self.node.output)


@dataclass(eq=False, slots=True)
class Leaf(_Computed):
    """One layer; `sources` lists all its inputs where there is more than the tensor that flows in."""

    sources: tuple[str, ...] | None = None


@dataclass(eq=False, slots=True)
class Fork(_Computed):
    """Paths that read one tensor, and the layer that joins their outputs; an empty path is the tensor itself."""

    paths: list[Elements]


@dataclass(eq=False, slots=True)
class Part:
    """A level of module paths; an instance of a block where parts are similar.

    One tensor flows in and one leaves. In a module with several inputs or outputs, `others` are the further tensors
    that it reads, in order, and `sides` the further ones that are read outside.
    """

    path: str
    elements: Elements
    channels: Size
    reads: str
    order: int
    output: str
    out_channels: Size  # channels of the output
    block: Block | None = None
    arguments: dict[str, Data] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()


Element: TypeAlias = "Leaf | Fork | Part"
Elements: TypeAlias = "list[Element]"


def channels_of(shape: Shape) -> Size:
    """The channels of a tensor; 1 for a single number per image."""
    return shape[0] if shape else 1


def leaves(elements: Elements) -> Iterator[TracedNode]:
    """All layers, nested ones included."""
    for element in elements:
        if isinstance(element, Part):
            yield from leaves(element.elements)
            continue
        if isinstance(element, Fork):
            for path in element.paths:
                yield from leaves(path)
        yield element.node


def wraps(elements: Elements) -> bool:
    """Whether the list is a single part."""
    return len(elements) == 1 and isinstance(elements[0], Part)


def dissolve_parts(elements: Elements) -> Elements:
    """The same list, with the parts dissolved that are not instances of blocks."""
    flat: Elements = []
    for element in elements:
        if isinstance(element, Part) and element.block is None:
            flat += dissolve_parts(element.elements)
            continue
        if isinstance(element, Fork):
            element.paths = [dissolve_parts(path) for path in element.paths]
        flat.append(element)
    return flat
