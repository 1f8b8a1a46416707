"""Reduces a list of layers in the order of execution to series, forks with their joins, and references by name.

The reduction of series-parallel graphs (Valdes, Tarjan, Lawler: The Recognition of Series Parallel Digraphs, 1982) in
one pass: every tensor has the chain that leads to it from the latest fork; a join whose chains start at one fork closes
that fork. A join of chains from different forks reads all but one of them by name, and the pass continues without those
edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cnncalc.importers.structure.elements import Element, Elements, Fork, Leaf, Part, channels_of, leaves
from cnncalc.importers.writing.items import reference_field
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Shape

LONGEST_BODY = 40  # layers that a skip may pass over; a tensor that skips more is named
DEEPEST = 8  # nested forks


@dataclass(eq=False, slots=True)
class _Chain:
    """Elements in series, starting at a tensor."""

    origin: str
    elements: Elements
    depth: int = 0


class Chains:
    """One pass over the members of a level, in the order of execution."""

    def __init__(self, shapes: Mapping[str, Shape], entry: str | None) -> None:
        self._shapes = shapes
        self._entry = entry  # the input of a level that is to be a part, which it cannot name
        self._named: list[tuple[str, str]] = []  # a tensor that is named, and the layer that names it
        self._open_edges: Counter[str] = Counter()  # edges from every tensor that are not yet part of a fork
        self._chains: dict[str, _Chain] = {}  # by the tensor at their end
        self._sides: dict[str, int] = {}  # further outputs of parts, and when these are computed

    def reduce(self, members: Elements, leaving: Collection[str]) -> Elements:
        """The elements of the level."""
        self._open_edges.update(leaving)
        self._sides = {side: part.order for part in members if isinstance(part, Part) for side in part.sides}
        self._named += [(tensor, "") for tensor in self._sides.keys() & leaving]
        for member in members:
            self._open_edges.update(_inputs(member))
            self._named += [(tensor, member.output) for tensor in _references(member)]
            self._named += [(tensor, member.output) for tensor in self._sides.keys() & _inputs(member)]
        for member in members:
            inputs = _inputs(member)
            if not inputs:
                self._chains[member.output] = _Chain(f"before {member.output}", [member])
            elif len(inputs) == 1 and not (isinstance(member, Leaf) and LAYERS[member.node.kind].joins):
                self._extend(member, inputs[0])
            elif isinstance(member, Leaf):
                self._join(member, inputs)
        for tensor in list(self._chains):
            if tensor in self._chains:
                self._complete_chain(tensor)
        return sorted((e for chain in self._chains.values() for e in chain.elements), key=lambda e: e.order)

    def _extend(self, member: Element, tensor: str) -> None:
        """Append a member to the chain that leads to a tensor, or start a new chain if others read the tensor too."""
        chain = self._chains.pop(tensor) if self._has_one_reader(tensor) else _Chain(tensor, [])
        chain.elements.append(member)
        self._chains[member.output] = chain
        if isinstance(member, Leaf) and _has_reference(member):
            member.sources = member.node.inputs

    def _has_one_reader(self, tensor: str) -> bool:
        return self._open_edges[tensor] == 1 and tensor in self._chains

    def _complete_chain(self, tensor: str) -> _Chain:
        """The chain to a tensor, extended backwards as long as nothing else reads the tensors on the way."""
        chain = self._chains[tensor]
        while self._has_one_reader(chain.origin):
            before = self._chains.pop(chain.origin)
            before.elements += chain.elements
            before.depth = max(before.depth, chain.depth)
            chain = before
        self._chains[tensor] = chain
        return chain

    def _join(self, member: Leaf, inputs: tuple[str, ...]) -> None:
        chains = [self._complete_chain(name) if self._has_one_reader(name) else _Chain(name, []) for name in inputs]
        origins = {chain.origin for chain in chains}
        origin = chains[0].origin
        depth = 1 + max(chain.depth for chain in chains)
        closes = len(origins) == 1 and len(chains) > 1 and any(chain.elements for chain in chains)
        forks = LAYERS[member.node.kind].joins and closes and depth <= DEEPEST
        if not forks or self._should_be_named(member, origin, chains) or not self._is_closed(chains):
            self._by_name(member, inputs)
            return
        for name, chain in zip(inputs, chains, strict=True):
            if chain.elements:
                del self._chains[name]
        self._open_edges[origin] -= len(chains) - 1
        paths = [chain.elements for chain in chains]
        if member.node.kind == "add" and len(paths) == 2:  # a residual: its body first
            paths.sort(key=lambda path: -sum(1 for _ in leaves(path)))
        fork = Fork(member.node, member.arguments, channels_of(self._shapes[origin]), origin, member.order, paths)
        self._chains[member.output] = _Chain(origin, [fork], depth)
        self._chains[member.output] = self._complete_chain(member.output)

    def _should_be_named(self, member: Leaf, origin: str, chains: list[_Chain]) -> bool:
        """Whether a person would name the skipped tensor: a U-Net's maps, kept while others shrink."""
        bodies = [chain.elements for chain in chains if chain.elements]
        if origin == self._entry or member.node.kind == "multiply":
            return False
        nodes = [node for body in bodies for node in leaves(body)]
        if len(nodes) > LONGEST_BODY * len(bodies) or len(bodies) == len(chains):
            return len(nodes) > LONGEST_BODY * len(bodies)
        size = self._shapes[origin][1:]
        ends = [self._shapes[body[-1].output][1:] for body in bodies]
        return all(end == size for end in ends) and any(
            node.output[1:] != size and not _is_gate(node.output) for node in nodes
        )

    def _is_closed(self, chains: list[_Chain]) -> bool:
        """Whether nothing inside the paths is referred to from outside."""
        if not self._named:
            return True
        for chain in chains:
            within = {node.name for node in leaves(chain.elements)}
            if any(tensor in within and reader not in within for tensor, reader in self._named):
                return False
        return True

    def _by_name(self, member: Leaf, inputs: tuple[str, ...]) -> None:
        """Add a layer that reads several tensors: the latest one flows in, the others are named."""
        member.sources = inputs
        self._named += [(name, member.output) for name in inputs]
        main = max(dict.fromkeys(inputs), key=self._position)
        onto = self._complete_chain(main) if self._has_one_reader(main) else _Chain(main, [])
        if onto.elements:
            del self._chains[main]
        for name in inputs:
            if name == main:
                continue
            if self._has_one_reader(name):  # nothing else reads it
                chain = self._complete_chain(name)
                if chain is not onto:
                    del self._chains[name]
                    onto.elements = sorted(onto.elements + chain.elements, key=lambda element: element.order)
                    self._open_edges[chain.origin] -= 1
                    self._named.append((chain.origin, member.output))  # the reader now follows another chain
            self._open_edges[name] -= 1
        self._open_edges[main] -= inputs.count(main) - 1
        onto.elements.append(member)
        self._chains[member.output] = onto

    def _position(self, tensor: str) -> int:
        chain = self._chains.get(tensor)
        return chain.elements[-1].order if chain and chain.elements else self._sides.get(tensor, -1)


def _inputs(member: Element) -> tuple[str, ...]:
    """The tensors that flow into a member: its inputs without a tensor that only gives a size (`like`)."""
    if not isinstance(member, Leaf):
        return (member.reads,)
    return tuple(member.node.inputs[: 1 if _has_reference(member) else None])


def _references(member: Element) -> Iterator[str]:
    """The tensors that a member names besides those that flow into it."""
    if not isinstance(member, Leaf):
        yield from member.others if isinstance(member, Part) else ()
        return
    if member.node.shares is not None:
        yield member.node.shares
    if _has_reference(member):
        yield from member.node.inputs[1:]


def _has_reference(leaf: Leaf) -> bool:
    return reference_field(leaf.node.kind, leaf.node.arguments) is not None


def _is_gate(shape: Shape) -> bool:
    """Whether a map has been reduced to one position."""
    return all(isinstance(size, int) and size == 1 for size in shape[1:])
