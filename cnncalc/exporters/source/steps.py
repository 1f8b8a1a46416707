"""Turn each level that becomes a class into steps: the registered modules, and how the forward pass uses them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from cnncalc.exporters.source.identifiers import child, is_attribute
from cnncalc.exporters.source.tree import Level, Member, member_name
from cnncalc.graph import Graph, Node
from cnncalc.pytorch.recipes.recipe import Recipe, Role
from cnncalc.pytorch.recipes.terms import Arg, Call, Listed, Own, Read, Term, Text, punch_holes

Ref = tuple[str, int]  # (step, index of its result), or (OUTSIDE, index of the argument)
OUTSIDE = "<"  # not a valid step name


class Tie(NamedTuple):
    """Two modules that share weights, by their paths within a level."""

    owner: tuple[str, ...]
    sharer: tuple[str, ...]
    tensors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a forward pass; the values of its holes are kept in `Body`, as only they may differ."""

    name: str
    role: Role | Literal["return"]
    build: Term | None
    run: Term
    reads: tuple[Ref, ...]
    results: int = 1
    training: bool = False
    frozen: tuple[tuple[str, ...], ...] = ()  # paths of its parts that are not trainable


@dataclass(frozen=True, slots=True)
class Body:
    """One instance of a class: its steps, their values, and its number of inputs."""

    path: str
    steps: tuple[Step, ...]
    values: dict[str, tuple[Any, ...]]  # step → values
    arguments: int
    results: tuple[Ref, ...]
    ties: tuple[Tie, ...]
    known: dict[str, Any]  # values a constructor may use: in_channels, the block's arguments

    @property
    def form(self) -> tuple[object, ...]:
        """The key that is equal for instances that one class describes."""
        return self.steps, self.arguments, self.results, self.ties


@dataclass(slots=True)
class _Draft:
    """A body under construction."""

    refs: dict[str, Ref]  # tensor → the step that computes it
    steps: list[Step] = field(default_factory=list)
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)  # step → its constructor
    aliased: set[str] = field(default_factory=set)  # steps that reuse another step's module


class BodyBuilder:
    """Turns the levels of a graph into bodies, innermost first, with the constructor calls of the classes so far."""

    def __init__(self, graph: Graph, recipes: dict[str, Recipe], root: Level) -> None:
        self.graph = graph
        self.recipes = recipes
        self.shapes = {**graph.inputs, **{name: each for node in graph.nodes for name, each in node.tensors.items()}}
        self.constructors: dict[str, Call] = {}  # path of a class's level → its constructor call
        self.ties = _ties(graph, root)

    def body(self, level: Level) -> Body:
        """Return the body of a level; the classes of the levels within must be in `constructors` already."""
        draft = _Draft({name: (OUTSIDE, number) for number, name in enumerate(level.reads)})
        for member in level.members:
            if isinstance(member, Node) and member.kind == "identity":
                draft.refs[member.name] = draft.refs[member.inputs[0]]
            else:
                self._fill(draft, level, member)
        output_names = level.outputs if level.parent else tuple(self.graph.outputs.values())
        ties = tuple(tie for tie in self.ties.get(level.path, ()) if tie.sharer[0] not in draft.aliased)
        results = tuple(draft.refs[tensor] for tensor in output_names)
        steps = tuple(draft.steps)
        return Body(level.path, steps, draft.values, len(level.reads), results, ties, self._known_values(level))

    def _fill(self, draft: _Draft, level: Level, member: Member) -> None:
        """Add the step of one member to the draft."""
        name = member_name(level, member)
        build, run = self._code(member)
        if build is not None:
            draft.calls[name] = build
        same = self._alias(level, member, draft.calls)
        if same:
            draft.aliased.add(name)
        handled = bool(same) or (level.parent is not None and _is_frozen(level))
        slots: list[Any] = []
        step = Step(
            name=name,
            role="" if isinstance(member, Level) else self.recipes[member.name].role,
            build=Text(same) if same else build and punch_holes(build, slots),
            run=punch_holes(run, slots),
            reads=tuple(draft.refs[read] for read in _reads(member)),
            results=len(_outputs(member)),
            training=not level.parent and _is_training(member),
            frozen=() if handled else tuple(_frozen_parts(member, tuple(name.split(".")))),
        )
        draft.steps.append(step)
        draft.values[name] = tuple(slots)
        draft.refs.update({tensor: (name, number) for number, tensor in enumerate(_outputs(member))})

    def tensor(self, level: Level, name: str) -> Ref:
        """Return the step of the level that computes a tensor, or the argument that provides it."""
        for member in level.members:
            outputs = _outputs(member)
            if name in outputs:
                if isinstance(member, Node) and member.kind == "identity":
                    return self.tensor(level, member.inputs[0])
                return member_name(level, member), outputs.index(name)
        return OUTSIDE, level.reads.index(name)

    def _code(self, member: Member) -> tuple[Call | None, Term]:
        """Return the constructor call of a member, if it has one, and the term of its use."""
        if isinstance(member, Level):
            return self._module(member), Call(Own(), tuple(Arg(Read(i)) for i in range(len(member.reads))))
        recipe = self.recipes[member.name]
        return (recipe.module if recipe.registered else None), recipe.run

    def _module(self, member: Member) -> Call:
        """Return the constructor call of a member."""
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

    def _alias(self, level: Level, member: Member, calls: dict[str, Call]) -> str:
        """Return the sibling that a member can reuse: one built alike that owns all its weights; "" if none."""
        owners = {node.shares or "" for node in _nodes(member) if node.weights or node.buffers}
        (build, own) = calls.get(member_name(level, member)), member if isinstance(member, Node) else None
        if not owners or "" in owners or build is None or "." in member_name(level, member):
            return ""
        for sibling, other in calls.items():
            path = f"{level.path}.{sibling}" if level.path else sibling
            counterparts = _counterparts(member, path) if own is None else [(own, path)]
            other_one = sibling != member_name(level, member) and "." not in sibling
            if other_one and other == build and all(node.shares == there for node, there in counterparts):
                return child("self", sibling)
        return ""

    def _known_values(self, level: Level) -> dict[str, Any]:
        """Return the input channels and the arguments of the enclosing block."""
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
    """Return an OrderedDict of modules: by keyword, or from a dict if a name is not a Python identifier."""
    names = tuple(name for name, _ in parts)
    if all(map(is_attribute, names)):
        return Call("OrderedDict", tuple(Arg(part, name) for name, part in parts))
    return Call("OrderedDict", (Arg(Listed(tuple(part for _, part in parts), "{}", names)),))


def _nodes(member: Member) -> Iterator[Node]:
    if isinstance(member, Level):
        yield from member.nodes()
    else:
        yield member


def _counterparts(member: Member, path: str) -> list[tuple[Node, str]]:
    """Return the nodes of a level that have weights or buffers, each with its counterpart's name under `path`."""
    assert isinstance(member, Level)
    return [(node, path + node.name[len(member.path) :]) for node in member.nodes() if node.weights or node.buffers]


def _reads(member: Member) -> tuple[str, ...]:
    return member.reads if isinstance(member, Level) else member.inputs


def _outputs(member: Member) -> tuple[str, ...]:
    return member.outputs if isinstance(member, Level) else tuple(member.tensors)


def _is_training(member: Member) -> bool:
    return all(node.training for node in _nodes(member))


def _is_frozen(member: Member) -> bool:
    """Return whether the member owns weights and none of them is trainable."""
    own = [node.frozen for node in _nodes(member) if node.weights and not node.shares]
    return bool(own) and all(own)


def _frozen_parts(member: Member, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the largest frozen parts; a class freezes its own parts."""
    if _is_frozen(member):
        yield path
    elif isinstance(member, Level) and member.sequential:
        for inner in member.members:
            yield from _frozen_parts(inner, (*path, member_name(member, inner)))


def _ties(graph: Graph, root: Level) -> dict[str, list[Tie]]:
    """Map the innermost class that contains both modules of a tie to its ties."""
    classes = {"", *(level.path for level in root.levels() if not level.sequential)}
    ties: dict[str, list[Tie]] = {}
    for node in graph.nodes:
        if node.shares is None:
            continue
        around = _around(node.name, node.shares)
        while around not in classes:
            around = around.rpartition(".")[0]
        cut = len(around) + 1 if around else 0
        owner, sharer = (tuple(name[cut:].split(".")) for name in (node.shares, node.name))
        ties.setdefault(around, []).append(Tie(owner, sharer, (*node.weights, *node.buffers)))
    return ties


def _around(one: str, other: str) -> str:
    """Return the innermost level that contains both names."""
    shared = []
    for left, right in zip(one.split(".")[:-1], other.split(".")[:-1], strict=False):
        if left != right:
            break
        shared.append(left)
    return ".".join(shared)
