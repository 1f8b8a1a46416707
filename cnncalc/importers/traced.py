"""The result of every importer: one flat list of layers in the order of execution, in the words of a spec.

`writing` and `structure` turn it into a spec, flat or with blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cnncalc.errors import Span
from cnncalc.graph import Manner
from cnncalc.symbolic import Size

UNKNOWN = "unknown"
TIED = "tied"  # of a `Manner`: a module by itself with the weights of another
LONGEST_NAME = 80  # characters


class TracedNode(NamedTuple):
    """One layer. For joins (add, concat …), `inputs` lists all operands in order."""

    name: str  # unique; dotted as modules are nested: layer1.0.conv1; for a function in a module: layer1.0.add
    kind: str  # one of our layers, or `unknown`
    arguments: Mapping[str, object]  # as in a spec: integers, fractions, booleans, words, lists of these
    inputs: tuple[str, ...]  # names of nodes or of the network's inputs
    output: tuple[Size, ...]  # the output shape in its framework, without the batch
    weights: Mapping[str, tuple[int, ...]] = {}  # the shapes of its parameters, where the framework gives them
    shares: str | None = None  # the node that owns its weights
    frozen: bool = False
    training: bool = False  # part of a training head, whose name comes first in its own: aux1.conv
    further: Mapping[str, tuple[Size, ...]] = {}  # its further outputs that are read, as `<name>.h_n`: name → shape
    written: Manner | None = None  # how the source writes it, where the importer knows

    @property
    def tensors(self) -> dict[str, tuple[Size, ...]]:
        """The shape of every tensor that leaves it, by name."""
        return {self.name: self.output, **{f"{self.name}.{name}": shape for name, shape in self.further.items()}}


class Placed(NamedTuple):
    """A part of the text of a network: its place, the layers that it became, and the shapes that leave it."""

    span: Span
    nodes: tuple[str, ...]
    shapes: tuple[tuple[Size, ...], ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """A whole network."""

    name: str
    inputs: Mapping[str, tuple[Size, ...]]  # without the batch
    nodes: tuple[TracedNode, ...]
    outputs: Mapping[str, str]  # name → node
    about: Mapping[str, str] = field(default_factory=dict)  # source, description …
    modules: Mapping[str, str] = field(default_factory=dict)  # dotted path → the class of the module there: Bottleneck
    warnings: tuple[str, ...] = ()  # what the reader should know, one sentence each
    written: Mapping[str, Manner] = field(default_factory=dict)  # kind → how most of its layers are written
    places: Callable[[], list[Placed]] = list  # of its parts, where it was traced from a text; found when asked for

    @property
    def further(self) -> dict[str, tuple[str, str]]:
        """The layer and the name of every further output, by tensor: memory.h_n → (memory, h_n)."""
        return {f"{node.name}.{name}": (node.name, name) for node in self.nodes for name in node.further}


def shorten_name(name: str) -> str:
    """Return a layer's name without its first parts, where it is longer than a table can show."""
    while len(name) > LONGEST_NAME and "." in name:
        name = name.partition(".")[2]
    return name[-LONGEST_NAME:].lstrip("_") or name[:LONGEST_NAME]
