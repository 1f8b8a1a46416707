"""A list of layers in the order of execution → what flows in series, what forks and joins, and what is read by name.

The reduction of series-parallel graphs (Valdes, Tarjan, Lawler: The Recognition of Series Parallel Digraphs, 1982) in
one pass: every tensor has the chain that leads to it from the latest fork; a join whose chains begin at one fork closes
it. What joins chains of different forks reads all but one of them by name, and the graph goes on without those edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cnncalc.importers.structure.elements import Element, Elements, Fork, Leaf, channels_of, leaves
from cnncalc.importers.writing.items import reference_field
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Shape

LONGEST_BODY = 40  # layers that a tensor skips; over more of them it is named
DEEPEST = 8  # forks within forks


class Unfit(Exception):  # noqa: N818 - an answer
    """A level that cannot stand for itself: it would have to name what flows into it."""


@dataclass(eq=False, slots=True)
class _Chain:
    """Elements in series, from a tensor on."""

    origin: str
    elements: Elements
    depth: int = 0


class Chains:
    """One pass over the members of a level, in the order of execution."""

    def __init__(self, shapes: Mapping[str, Shape], entry: str | None) -> None:
        self._shapes = shapes
        self._entry = entry  # of a level that is to be a part: what it cannot name
        self._named: list[tuple[str, str]] = []  # a tensor that is named, and the layer that names it
        self._left: Counter[str] = Counter()  # edges from every tensor that are not yet in a chain, or are in one alone
        self._chains: dict[str, _Chain] = {}  # by the tensor that they lead to

    def reduce(self, members: Elements, leaving: Iterable[str]) -> Elements:
        """The elements of the level.

        Raises:
            Unfit: it would have to name what flows into it.
        """
        self._left.update(leaving)
        for member in members:
            self._left.update(_inputs(member))
            if isinstance(member, Leaf):
                self._named += [(tensor, member.output) for tensor in _looked_up(member)]
        for member in members:
            inputs = _inputs(member)
            if self._entry is not None and isinstance(member, Leaf) and self._entry in _looked_up(member):
                raise Unfit
            if len(inputs) == 1 and not (isinstance(member, Leaf) and LAYERS[member.node.kind].joins):
                self._extend(member, inputs[0])
            elif isinstance(member, Leaf):
                self._join(member, inputs)
        for tensor in list(self._chains):
            if tensor in self._chains:
                self._whole(tensor)
        found = sorted((e for chain in self._chains.values() for e in chain.elements), key=lambda e: e.order)
        if self._entry is not None and any(element.reads == self._entry for element in found[1:]):
            raise Unfit
        return found

    def _extend(self, member: Element, tensor: str) -> None:
        """Put a member behind a tensor: on the chain that leads there, unless others read it too."""
        chain = self._chains.pop(tensor) if self._only(tensor) else _Chain(tensor, [])
        chain.elements.append(member)
        self._chains[member.output] = chain
        if isinstance(member, Leaf) and _like(member):
            member.sources = member.node.inputs

    def _only(self, tensor: str) -> bool:
        return self._left[tensor] == 1 and tensor in self._chains

    def _whole(self, tensor: str) -> _Chain:
        """The chain to a tensor, begun as early as nothing else leaves it on the way."""
        chain = self._chains[tensor]
        while self._only(chain.origin):
            before = self._chains.pop(chain.origin)
            before.elements += chain.elements
            before.depth = max(before.depth, chain.depth)
            chain = before
        self._chains[tensor] = chain
        return chain

    def _join(self, member: Leaf, inputs: tuple[str, ...]) -> None:
        chains = [self._whole(name) if self._only(name) else _Chain(name, []) for name in inputs]
        origins = {chain.origin for chain in chains}
        origin = chains[0].origin
        depth = 1 + max(chain.depth for chain in chains)
        closes = len(origins) == 1 and len(chains) > 1 and any(chain.elements for chain in chains)
        forks = LAYERS[member.node.kind].joins and closes and depth <= DEEPEST
        if not forks or self._better_named(member, origin, chains) or not self._closed(chains):
            self._by_name(member, inputs)
            return
        for name, chain in zip(inputs, chains, strict=True):
            if chain.elements:
                del self._chains[name]
        self._left[origin] -= len(chains) - 1
        paths = [chain.elements for chain in chains]
        if member.node.kind == "add" and len(paths) == 2:  # a residual: its body first
            paths.sort(key=lambda path: -sum(1 for _ in leaves(path)))
        fork = Fork(member.node, member.arguments, channels_of(self._shapes[origin]), origin, member.order, paths)
        self._chains[member.output] = _Chain(origin, [fork], depth)
        self._chains[member.output] = self._whole(member.output)

    def _better_named(self, member: Leaf, origin: str, chains: list[_Chain]) -> bool:
        """Whether a person would name what skips all this: a U-Net's maps, which wait while others get smaller."""
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

    def _closed(self, chains: list[_Chain]) -> bool:
        """Whether nothing in a path is named outside of it."""
        if not self._named:
            return True
        for chain in chains:
            within = {node.name for node in leaves(chain.elements)}
            if any(tensor in within and reader not in within for tensor, reader in self._named):
                return False
        return True

    def _by_name(self, member: Leaf, inputs: tuple[str, ...]) -> None:
        """A layer that reads several tensors: the latest flows in, the others are named."""
        if self._entry in inputs:
            raise Unfit
        member.sources = inputs
        self._named += [(name, member.output) for name in inputs]
        main = max(set(inputs), key=self._made)
        onto = self._whole(main) if self._only(main) else _Chain(main, [])
        if onto.elements:
            del self._chains[main]
        for name in inputs:
            if name == main:
                continue
            if self._only(name):  # nobody else will come for it
                chain = self._whole(name)
                if chain is not onto:
                    del self._chains[name]
                    onto.elements = sorted(onto.elements + chain.elements, key=lambda element: element.order)
                    self._left[chain.origin] -= 1
                    self._named.append((chain.origin, member.output))  # by what now stands behind another chain
            self._left[name] -= 1
        self._left[main] -= inputs.count(main) - 1
        onto.elements.append(member)
        self._chains[member.output] = onto

    def _made(self, tensor: str) -> int:
        chain = self._chains.get(tensor)
        return chain.elements[-1].order if chain else -1


def _inputs(member: Element) -> tuple[str, ...]:
    """What flows into a member: all that it reads but a tensor that it is only made like."""
    if not isinstance(member, Leaf):
        return (member.reads,)
    return tuple(member.node.inputs[: 1 if _like(member) else None])


def _looked_up(leaf: Leaf) -> Iterator[str]:
    """The tensors that a layer names, which do not flow into it."""
    if leaf.node.shares is not None:
        yield leaf.node.shares
    if _like(leaf):
        yield from leaf.node.inputs[1:]


def _like(leaf: Leaf) -> bool:
    return reference_field(leaf.node.kind, leaf.node.arguments) is not None


def _is_gate(shape: Shape) -> bool:
    """Whether a map has been squeezed to a single place."""
    return all(isinstance(size, int) and size == 1 for size in shape[1:])
