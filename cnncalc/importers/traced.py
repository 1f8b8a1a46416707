"""A network as an importer finds it: one flat list of layers in the order of execution, in our words.

Every importer ends here; what makes a spec of it, flat or with blocks, begins here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cnncalc.symbolic import Size

UNKNOWN = "unknown"


class TracedNode(NamedTuple):
    """One layer. Joins (add, concat …) list all that they join in `inputs`, in order."""

    name: str  # unique; dotted as the modules nest: layer1.0.conv1; a function of a block stands in it: layer1.0.add
    kind: str  # of our layers, or `unknown`
    arguments: Mapping[str, object]  # as a spec gives them: whole numbers, fractions, booleans, words, lists of those
    inputs: tuple[str, ...]  # names of nodes or of the network's inputs
    output: tuple[Size, ...]  # the shape that leaves, without the batch, as its framework says
    weights: Mapping[str, tuple[int, ...]] = {}  # learnt tensors, where the framework says their shapes
    shares: str | None = None  # the node whose weights it uses
    frozen: bool = False
    training: bool = False  # in a training head, which the first part of its name names: aux1.conv


@dataclass(frozen=True, slots=True)
class Traced:
    """A whole network."""

    name: str
    inputs: Mapping[str, tuple[Size, ...]]  # without the batch
    nodes: tuple[TracedNode, ...]
    outputs: Mapping[str, str]  # name → node
    about: Mapping[str, str] = field(default_factory=dict)  # source, description …
    modules: Mapping[str, str] = field(default_factory=dict)  # dotted path → the class of the module there: Bottleneck
    warnings: tuple[str, ...] = ()  # what a reader should know, a sentence each
