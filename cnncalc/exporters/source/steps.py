"""A level that becomes a class, as steps: what is registered under which name, and how it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from cnncalc.exporters.source.identifiers import attribute, child
from cnncalc.exporters.source.tree import Level, Member, member_name
from cnncalc.graph import Graph, Node
from cnncalc.pytorch.recipes.recipe import Recipe, Role
from cnncalc.pytorch.recipes.terms import Arg, Call, Listed, Own, Read, Term, Text, punched

Ref = tuple[str, int]  # a step and which of its results, or OUTSIDE and which argument
OUTSIDE = "<"  # no step's name


class Tie(NamedTuple):
    """Two modules of one set of weights, by their paths within a level."""

    owner: tuple[str, ...]
    sharer: tuple[str, ...]
    tensors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a forward pass; the values of its holes stand apart, since they alone may differ among likes."""

    name: str
    role: Role | Literal["return"]
    build: Term | None
    run: Term
    reads: tuple[Ref, ...]
    results: int = 1
    training: bool = False
    frozen: tuple[tuple[str, ...], ...] = ()  # what of it does not learn, by path


@dataclass(frozen=True, slots=True)
class Body:
    """One instance of a class: its steps, their values, and what its surroundings give it."""

    path: str
    steps: tuple[Step, ...]
    values: dict[str, tuple[Any, ...]]  # step → values
    arguments: int
    results: tuple[Ref, ...]
    ties: tuple[Tie, ...]
    known: dict[str, Any]  # names that a constructor may use: in_channels, the arguments of its block

    @property
    def form(self) -> tuple[object, ...]:
        """What is equal in instances that one class describes."""
        return self.steps, self.arguments, self.results, self.ties


@dataclass(slots=True)
class _Filled:
    """A body while it is filled."""

    refs: dict[str, Ref]  # tensor → the step that it comes from
    steps: list[Step] = field(default_factory=list)
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    made: dict[str, Call] = field(default_factory=dict)  # step → its constructor
    aliased: set[str] = field(default_factory=set)  # steps that are another's module


class Writing:
    """What is known while the levels of a graph become bodies, from the inside out."""

    def __init__(self, graph: Graph, recipes: dict[str, Recipe], root: Level) -> None:
        self.graph = graph
        self.recipes = recipes
        self.shapes = {**graph.inputs, **{name: each for node in graph.nodes for name, each in node.tensors.items()}}
        self.constructors: dict[str, Call] = {}  # the level of a class → the call that makes it
        self.ties = _ties(graph, root)

    def body(self, level: Level) -> Body:
        """The steps of a level; the classes of the levels within are there already."""
        filled = _Filled({name: (OUTSIDE, number) for number, name in enumerate(level.reads)})
        for member in level.members:
            if isinstance(member, Node) and member.kind == "identity":
                filled.refs[member.name] = filled.refs[member.inputs[0]]
            else:
                self._fill(filled, level, member)
        leaving = level.leaves if level.parent else tuple(self.graph.outputs.values())
        ties = tuple(tie for tie in self.ties.get(level.path, ()) if tie.sharer[0] not in filled.aliased)
        results = tuple(filled.refs[tensor] for tensor in leaving)
        steps = tuple(filled.steps)
        return Body(level.path, steps, filled.values, len(level.reads), results, ties, self._known(level))

    def _fill(self, filled: _Filled, level: Level, member: Member) -> None:
        """Add the step of one member."""
        name = member_name(level, member)
        build, run = self._code(member)
        if build is not None:
            filled.made[name] = build
        same = self._alias(level, member, filled.made)
        if same:
            filled.aliased.add(name)
        seen_to = bool(same) or (level.parent is not None and _frozen(level))
        slots: list[Any] = []
        step = Step(
            name=name,
            role="" if isinstance(member, Level) else self.recipes[member.name].role,
            build=Text(same) if same else build and punched(build, slots),
            run=punched(run, slots),
            reads=tuple(filled.refs[read] for read in _reads(member)),
            results=len(_leaves(member)),
            training=not level.parent and _training(member),
            frozen=() if seen_to else tuple(_frozen_parts(member, tuple(name.split(".")))),
        )
        filled.steps.append(step)
        filled.values[name] = tuple(slots)
        filled.refs.update({tensor: (name, number) for number, tensor in enumerate(_leaves(member))})

    def tensor(self, level: Level, name: str) -> Ref:
        """Where a tensor comes from, among the steps of a level."""
        for member in level.members:
            leaves = _leaves(member)
            if name in leaves:
                if isinstance(member, Node) and member.kind == "identity":
                    return self.tensor(level, member.inputs[0])
                return member_name(level, member), leaves.index(name)
        return OUTSIDE, level.reads.index(name)

    def _code(self, member: Member) -> tuple[Call | None, Term]:
        """How a member is made, and how it is used."""
        if isinstance(member, Level):
            return self._module(member), Call(Own(), tuple(Arg(Read(i)) for i in range(len(member.reads))))
        recipe = self.recipes[member.name]
        return (recipe.module if recipe.registered else None), recipe.run

    def _module(self, member: Member) -> Call:
        """The constructor of a member."""
        if isinstance(member, Node):
            module = self.recipes[member.name].module
            assert module is not None
            return module
        if not member.sequential:
            return self.constructors[member.path]
        parts = [(member_name(member, inner), self._module(inner)) for inner in member.members]
        if [name for name, _ in parts] == [str(number) for number in range(len(parts))]:
            return Call("nn.Sequential", tuple(Arg(part) for _, part in parts))
        return Call("nn.Sequential", (Arg(_by_name(parts)),))

    def _alias(self, level: Level, member: Member, made: dict[str, Call]) -> str:
        """The sibling whose weights, all of them, a member uses, if it is made in the same way."""
        owners = {node.shares or "" for node in _nodes(member) if node.weights or node.buffers}
        (build, own) = made.get(member_name(level, member)), member if isinstance(member, Node) else None
        if not owners or "" in owners or build is None or "." in member_name(level, member):
            return ""
        for sibling, other in made.items():
            path = f"{level.path}.{sibling}" if level.path else sibling
            counterparts = _counterparts(member, path) if own is None else [(own, path)]
            other_one = sibling != member_name(level, member) and "." not in sibling
            if other_one and other == build and all(node.shares == there for node, there in counterparts):
                return child("self", sibling)
        return ""

    def _known(self, level: Level) -> dict[str, Any]:
        """The channels that flow in, and the arguments of the block around."""
        known: dict[str, Any] = {}
        if level.reads and level.parent:
            known["in_channels"] = self.shapes[level.reads[0]][0]
        around: Level | None = level
        while around is not None and around.instance is None:
            around = around.parent
        if around is not None and around.instance is not None:
            known.update((name, value) for name, value in around.instance.arguments.items() if name not in known)
        return known


def _by_name(parts: list[tuple[str, Call]]) -> Call:
    """Modules under names: as arguments, or in a dict where a name is none of Python."""
    names = tuple(name for name, _ in parts)
    if all(map(attribute, names)):
        return Call("OrderedDict", tuple(Arg(part, name) for name, part in parts))
    return Call("OrderedDict", (Arg(Listed(tuple(part for _, part in parts), "{}", names)),))


def _nodes(member: Member) -> Iterator[Node]:
    if isinstance(member, Level):
        yield from member.nodes()
    else:
        yield member


def _counterparts(member: Member, path: str) -> list[tuple[Node, str]]:
    """The nodes of a level that have weights, each with the name it would have in another level."""
    assert isinstance(member, Level)
    return [(node, path + node.name[len(member.path) :]) for node in member.nodes() if node.weights or node.buffers]


def _reads(member: Member) -> tuple[str, ...]:
    return member.reads if isinstance(member, Level) else member.inputs


def _leaves(member: Member) -> tuple[str, ...]:
    return member.leaves if isinstance(member, Level) else tuple(member.tensors)


def _training(member: Member) -> bool:
    return all(node.training for node in _nodes(member))


def _frozen(member: Member) -> bool:
    """Whether nothing that it owns learns; it must own something."""
    own = [node.frozen for node in _nodes(member) if node.weights and not node.shares]
    return bool(own) and all(own)


def _frozen_parts(member: Member, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The largest parts that are frozen; a class sees to its own."""
    if _frozen(member):
        yield path
    elif isinstance(member, Level) and member.sequential:
        for inner in member.members:
            yield from _frozen_parts(inner, (*path, member_name(member, inner)))


def _ties(graph: Graph, root: Level) -> dict[str, list[Tie]]:
    """The class in which both ends of every sharing lie → the ties."""
    classes = {"", *(level.path for level in root.levels() if not level.sequential)}
    found: dict[str, list[Tie]] = {}
    for node in graph.nodes:
        if node.shares is None:
            continue
        around = _around(node.name, node.shares)
        while around not in classes:
            around = around.rpartition(".")[0]
        cut = len(around) + 1 if around else 0
        owner, sharer = (tuple(name[cut:].split(".")) for name in (node.shares, node.name))
        found.setdefault(around, []).append(Tie(owner, sharer, (*node.weights, *node.buffers)))
    return found


def _around(one: str, other: str) -> str:
    """The level that holds both names."""
    shared = []
    for left, right in zip(one.split(".")[:-1], other.split(".")[:-1], strict=False):
        if left != right:
            break
        shared.append(left)
    return ".".join(shared)
