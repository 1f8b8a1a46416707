"""The levels of names as a tree: what each level holds, what it reads from outside, and what leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from cnncalc.exporters.source.identifiers import hidden
from cnncalc.graph import Graph, Instance, Node
from cnncalc.pytorch.recipes.recipe import Recipe


@dataclass(slots=True, eq=False)
class Level:
    """One level of names, in the order of execution; `name` may be dotted where levels between are no modules."""

    path: str
    name: str
    parent: Level | None
    instance: Instance | None = None
    members: list[Member] = field(default_factory=list)
    reads: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    sequential: bool = False

    def nodes(self) -> Iterator[Node]:
        """All nodes, however deep."""
        for member in self.members:
            if isinstance(member, Level):
                yield from member.nodes()
            else:
                yield member

    def levels(self) -> Iterator[Level]:
        """The levels within, deepest first."""
        for member in self.members:
            if isinstance(member, Level):
                yield from member.levels()
                yield member

    def local(self, path: str) -> str:
        """A name from the top as it reads in this level; empty for the join that bears the level's own name."""
        return path if not self.path else path[len(self.path) + 1 :]


Member: TypeAlias = Node | Level


def tree(graph: Graph, recipes: dict[str, Recipe]) -> Level:
    """The tree of a graph: a level is a class or an `nn.Sequential`; one that can be neither gives its members away."""
    nodes = graph.nodes
    apart = _scattered(nodes) | _weightless(graph, recipes)
    while True:
        root = _grown(graph, apart)
        _connect(root, graph)
        for level in root.levels():
            level.sequential = _is_chain(level, recipes)
        lists = {level.path for level in root.levels() if _numbered(level) and not level.sequential}
        if not lists:
            return root
        apart |= lists


def _prefixes(name: str) -> Iterator[str]:
    """`a.b.c` → a, a.b."""
    at = name.find(".")
    while at >= 0:
        yield name[:at]
        at = name.find(".", at + 1)


def _spans(nodes: Iterable[Node]) -> dict[str, list[int]]:
    """Level → the numbers of its nodes; the join of a level's own name counts as within."""
    found: dict[str, list[int]] = {}
    for number, node in enumerate(nodes):
        for prefix in _prefixes(node.name):
            found.setdefault(prefix, []).append(number)
    for number, node in enumerate(nodes):
        if node.name in found:
            found[node.name].append(number)
    return found


def _scattered(nodes: tuple[Node, ...]) -> set[str]:
    """Levels that other nodes run in between: a repeated residual's shortcuts lie under its name, its bodies do not."""
    return {path for path, at in _spans(nodes).items() if max(at) - min(at) + 1 > len(at)}


def _weightless(graph: Graph, recipes: dict[str, Recipe]) -> set[str]:
    """Levels, but for blocks, that have no module to hold."""
    spans = _spans(graph.nodes)
    kept: set[str] = set()
    for node in graph.nodes:
        if recipes[node.name].registered:
            kept.update(_prefixes(node.name), (node.name,))
    for path in graph.instances:
        kept.update((path, *_prefixes(path)))
    return spans.keys() - kept


def _grown(graph: Graph, apart: set[str]) -> Level:
    levels = _spans(graph.nodes).keys() - apart
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
    """What every level reads and what leaves it; of like blocks, what leaves one leaves all."""
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
        leaving = [n for n in own if n in wanted or any(not low <= at <= high for at in readers.get(n, ()))]
        level.leaves = tuple(leaving or [[*level.nodes()][-1].name])
        level.reads = _read_from_outside(level, set(own))
        if level.instance:
            like.setdefault(_likeness(level), set()).update(map(level.local, level.leaves))
    for level in root.levels():
        if level.instance:
            also = like[_likeness(level)]
            tensors = (tensor for node in level.nodes() for tensor in node.tensors)
            level.leaves = tuple(tensor for tensor in tensors if level.local(tensor) in also)
    _pass_on(root)
    root.reads = tuple(graph.inputs)


def _likeness(level: Level) -> object:
    """What is equal in instances of a block that hold the same layers under the same names."""
    return level.instance and level.instance.block, tuple(level.local(node.name) for node in level.nodes())


def _pass_on(root: Level) -> None:
    """What leaves a level within must leave no further than it is read; what its block promises stays."""
    for level in root.levels():
        inner = {tensor for member in level.members for tensor in _tensors(member)}
        level.leaves = tuple(tensor for tensor in level.leaves if tensor in inner)


def _tensors(member: Member) -> tuple[str, ...]:
    return member.leaves if isinstance(member, Level) else tuple(member.tensors)


def _read_from_outside(level: Level, own: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for node in level.nodes() for name in node.inputs if name not in own))


def _numbered(level: Level) -> bool:
    """Whether it is the level of a repeat: `layer1` of `layer1.0`, `layer1.1`."""
    return level.instance is None and all(member_name(level, member).isdigit() for member in level.members)


def member_name(level: Level, member: Member) -> str:
    """The name of a member in its level."""
    return member.name if isinstance(member, Level) else level.local(member.name)


def _is_chain(level: Level, recipes: dict[str, Recipe]) -> bool:
    """Whether each member reads what leaves the one before it, and nothing else."""
    if level.instance is not None or len(level.reads) != 1:
        return False
    flowing: tuple[str, ...] = level.reads
    for member in level.members:
        name = member_name(level, member)
        reads = member.reads if isinstance(member, Level) else member.inputs
        if reads != flowing or not name or "." in name or hidden(name):
            return False
        if isinstance(member, Node) and not recipes[member.name].chains:
            return False
        flowing = _tensors(member)
    return level.leaves == flowing and len(flowing) == 1
