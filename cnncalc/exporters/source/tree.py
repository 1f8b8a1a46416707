"""Build the tree of name levels: the members of each level, its input tensors and its output tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from cnncalc.exporters.source.identifiers import is_hidden
from cnncalc.graph import Graph, Instance, Node
from cnncalc.pytorch.recipes.recipe import Recipe


@dataclass(slots=True, eq=False)
class Level:
    """One name level, its members in execution order; `name` is dotted where the levels between have no module."""

    path: str
    name: str
    parent: Level | None
    instance: Instance | None = None
    members: list[Member] = field(default_factory=list)
    reads: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    sequential: bool = False

    def nodes(self) -> Iterator[Node]:
        """Yield all nodes, at any depth."""
        for member in self.members:
            if isinstance(member, Level):
                yield from member.nodes()
            else:
                yield member

    def levels(self) -> Iterator[Level]:
        """Yield the levels within, inner levels first."""
        for member in self.members:
            if isinstance(member, Level):
                yield from member.levels()
                yield member

    def local(self, path: str) -> str:
        """Return a full name relative to this level; empty for the merge node that has the level's own name."""
        return path if not self.path else path[len(self.path) + 1 :]


Member: TypeAlias = Node | Level


def build_tree(graph: Graph, recipes: dict[str, Recipe]) -> Level:
    """Return the root level; a level becomes a class or an `nn.Sequential`, or is dissolved into its parent."""
    nodes = graph.nodes
    dissolved = _find_scattered(nodes) | _find_weightless(graph, recipes)
    while True:
        root = _grow(graph, dissolved)
        _connect(root, graph)
        for level in root.levels():
            level.sequential = _is_chain(level, recipes)
        lists = {level.path for level in root.levels() if _is_numbered(level) and not level.sequential}
        if not lists:
            return root
        dissolved |= lists


def _prefixes(name: str) -> Iterator[str]:
    """Yield the prefixes of a dotted name: `a.b.c` → a, a.b."""
    at = name.find(".")
    while at >= 0:
        yield name[:at]
        at = name.find(".", at + 1)


def _spans(nodes: Iterable[Node]) -> dict[str, list[int]]:
    """Map every level to the indices of its nodes; a merge node with the level's own name counts as within."""
    spans: dict[str, list[int]] = {}
    for number, node in enumerate(nodes):
        for prefix in _prefixes(node.name):
            spans.setdefault(prefix, []).append(number)
    for number, node in enumerate(nodes):
        if node.name in spans:
            spans[node.name].append(number)
    return spans


def _find_scattered(nodes: tuple[Node, ...]) -> set[str]:
    """Return the levels interrupted by other nodes, such as a repeated residual's name: it holds only shortcuts."""
    return {path for path, at in _spans(nodes).items() if max(at) - min(at) + 1 > len(at)}


def _find_weightless(graph: Graph, recipes: dict[str, Recipe]) -> set[str]:
    """Return the levels, blocks excepted, that contain no registered module."""
    spans = _spans(graph.nodes)
    kept: set[str] = set()
    for node in graph.nodes:
        if recipes[node.name].registered:
            kept.update(_prefixes(node.name), (node.name,))
    for path in graph.instances:
        kept.update((path, *_prefixes(path)))
    return spans.keys() - kept


def _grow(graph: Graph, dissolved: set[str]) -> Level:
    levels = _spans(graph.nodes).keys() - dissolved
    root = Level("", "", None)
    stack = [root]
    for node in graph.nodes:
        around = [path for path in (*_prefixes(node.name), node.name) if path in levels]
        while len(stack) > 1 and stack[-1].path not in around:
            stack.pop()
        for path in around[len(stack) - 1 :]:
            level = Level(path, stack[-1].local(path), stack[-1], graph.instances.get(path))
            stack[-1].members.append(level)
            stack.append(level)
        stack[-1].members.append(node)
    return root


def _connect(root: Level, graph: Graph) -> None:
    """Set the inputs and outputs of every level; an output of one instance is an output of all similar instances."""
    wanted = {*graph.outputs.values(), *graph.training_heads().values()}
    readers: dict[str, list[int]] = {}
    numbers = {tensor: number for number, node in enumerate(graph.nodes) for tensor in node.tensors}
    for number, node in enumerate(graph.nodes):
        for name in node.inputs:
            readers.setdefault(name, []).append(number)
    like: dict[object, set[str]] = {}
    for level in root.levels():
        own = [tensor for node in level.nodes() for tensor in node.tensors]
        low, high = numbers[own[0]], numbers[own[-1]]
        used_outside = [n for n in own if n in wanted or any(not low <= at <= high for at in readers.get(n, ()))]
        level.outputs = tuple(used_outside or [[*level.nodes()][-1].name])
        level.reads = _read_from_outside(level, set(own))
        if level.instance:
            like.setdefault(_similarity(level), set()).update(map(level.local, level.outputs))
    for level in root.levels():
        if level.instance:
            also = like[_similarity(level)]
            tensors = (tensor for node in level.nodes() for tensor in node.tensors)
            level.outputs = tuple(tensor for tensor in tensors if level.local(tensor) in also)
    _drop_inner_outputs(root)
    root.reads = tuple(graph.inputs)


def _similarity(level: Level) -> object:
    """Return a key that is equal for instances of a block that hold the same layer names."""
    return level.instance and level.instance.block, tuple(level.local(node.name) for node in level.nodes())


def _drop_inner_outputs(root: Level) -> None:
    """Drop outputs of a level that none of its members passes on."""
    for level in root.levels():
        inner = {tensor for member in level.members for tensor in _tensors(member)}
        level.outputs = tuple(tensor for tensor in level.outputs if tensor in inner)


def _tensors(member: Member) -> tuple[str, ...]:
    return member.outputs if isinstance(member, Level) else tuple(member.tensors)


def _read_from_outside(level: Level, own: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for node in level.nodes() for name in node.inputs if name not in own))


def _is_numbered(level: Level) -> bool:
    """Return whether it is the level of a repeat: `layer1` of `layer1.0`, `layer1.1`."""
    return level.instance is None and all(member_name(level, member).isdigit() for member in level.members)


def member_name(level: Level, member: Member) -> str:
    """Return the name of a member relative to its level."""
    return member.name if isinstance(member, Level) else level.local(member.name)


def _is_chain(level: Level, recipes: dict[str, Recipe]) -> bool:
    """Return whether each member reads the output of the one before it and nothing else."""
    if level.instance is not None or len(level.reads) != 1:
        return False
    flowing: tuple[str, ...] = level.reads
    for member in level.members:
        name = member_name(level, member)
        reads = member.reads if isinstance(member, Level) else member.inputs
        if reads != flowing or not name or "." in name or is_hidden(name):
            return False
        if isinstance(member, Node) and not recipes[member.name].chains:
            return False
        flowing = _tensors(member)
    return level.outputs == flowing and len(flowing) == 1
