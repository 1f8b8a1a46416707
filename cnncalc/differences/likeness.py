"""The cost of pairing two layers; leaving both unpaired costs 2·GAP.

What a layer is (kind and arguments) matters most. A name that someone chose is evidence. An ordinal in a name (`relu7`,
`layer1.0`) shifts with every insertion, so it only breaks ties, as do a layer's neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from functools import lru_cache

from cnncalc.graph import Graph, Node
from cnncalc.layers.layer import Layer
from cnncalc.records import NamedTuple

GAP = 10**9
RENAMED = 3 * GAP // 10
EDITED = GAP // 2  # some arguments differ; twice as much if all do
REPLACED = 14 * GAP // 10  # another kind of the same family, or with the same chosen name
NEVER = 3 * GAP
BEYOND = GAP**2  # more than any alignment costs
RENUMBERED, ELSEWHERE = 2, 1
OPENED = 2000  # opening a run of unpaired layers, of any length
SLIGHT = RENUMBERED + ELSEWHERE  # the total of the tie-breakers
ROUNDS = 2  # radius of the graph neighbourhood


class Token(NamedTuple):
    """A layer as integers that are equal for equal properties, across both networks."""

    content: int
    name: int
    skeleton: int  # the name without ordinals
    around: int
    layer: Layer
    chosen: bool  # whether its name is free of ordinals


class Tokens:
    """Assigns the integers of the tokens."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def of(self, graph: Graph) -> list[Token]:
        """The tokens of a graph's nodes, in order."""
        contents = [self._number(content(node)) for node in graph.nodes]
        around = self._around(graph, contents)
        return [self._token(node, own, near) for node, own, near in zip(graph.nodes, contents, around, strict=True)]

    def _token(self, node: Node, own: int, near: int) -> Token:
        bare = skeleton(node.name, node.kind)
        return Token(own, self._number(node.name), self._number(("#", bare)), near, node.layer, bare == node.name)

    def _number(self, what: Hashable) -> int:
        return self._known.setdefault(what, len(self._known))

    def _around(self, graph: Graph, contents: Sequence[int]) -> list[int]:
        """Contents refined by those of neighbours, unordered, round by round (Weisfeiler and Leman 1968)."""
        places = {node.name: place for place, node in enumerate(graph.nodes)}
        sources = [[places[name] for name in node.inputs if name in places] for node in graph.nodes]
        readers: list[list[int]] = [[] for _ in graph.nodes]
        for place, inputs in enumerate(sources):
            for source in inputs:
                readers[source].append(place)
        numbers = list(contents)
        for turn in range(ROUNDS):
            near = [[tuple(sorted(numbers[i] for i in places)) for places in side] for side in (sources, readers)]
            numbers = [self._number((turn, own, *both)) for own, *both in zip(numbers, *near, strict=True)]
        return numbers


def content(node: Node) -> tuple[Hashable, ...]:
    """The identity of a layer apart from its place: kind and arguments; for `like`, only whether it is set."""
    own = node.layer.__dict__
    if own.get("like") is None:
        return (node.layer,)
    return (node.kind, *((name, value) for name, value in own.items() if name != "like"))


@lru_cache(maxsize=65536)
def skeleton(name: str, kind: str) -> str:
    """The name with ordinals, and a kind used as a name, replaced by #: relu7 and gelu2 are equal."""
    head, dot, leaf = name.rpartition(".")
    own = "#" if re.fullmatch(re.escape(kind) + r"\d*", leaf) else leaf
    return re.sub(r"\d+", "#", head + dot + own)


class Costs:
    """The cost of pairing two layers; each pair of contents is compared once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], int] = {}

    def __call__(self, one: Token, other: Token) -> int:
        """The cost of pairing these two."""
        apart = 0
        if one.content != other.content:
            key = (one.content, other.content)
            distance = self._known.get(key)
            if distance is None:
                distance = self._known[key] = _content_distance(one.layer, other.layer)
            apart = REPLACED if distance == NEVER and one.name == other.name else distance
        if one.name != other.name:
            apart += RENUMBERED if one.skeleton == other.skeleton else RENAMED
        return apart if one.around == other.around else apart + ELSEWHERE


def _content_distance(one: Layer, other: Layer) -> int:
    if one.kind != other.kind:
        return REPLACED if type(one).__module__ == type(other).__module__ else NEVER
    names = one.arguments
    different = sum(1 for name in names if one.__dict__[name] != other.__dict__[name])
    return EDITED + EDITED * different // max(1, len(names))
