"""Which layers read otherwise than before, where no inserted or removed layer in between explains it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from cnncalc.graph import Graph, Node

MOST_STEPS = 2_000_000  # through layers without a pair; what is further away counts as unread


class Wiring:
    """The edges of two aligned graphs; `names` says which layer (or input) of the first is which of the second."""

    def __init__(self, one: Graph, other: Graph, names: Mapping[str, str]) -> None:
        self._names = names
        kept = set(names.values())
        self._behind = _Behind(one, names.keys())
        self._behind_other = _Behind(other, kept)
        self._kept = kept

    def changed_reads(self, node: Node, other: Node) -> tuple[list[str], list[str]]:
        """What a layer reads no more, and what it reads instead or besides, by the second graph's names.

        A tensor is still read where it is through inserted layers alone, and was read before where it was through
        layers that are removed. The order of what is read both times counts too.
        """
        before = [self._names[name] for name in node.inputs if name in self._names]
        after = [name for name in other.inputs if name in self._kept]
        if before == after and len(before) == len(node.inputs) and len(after) == len(other.inputs):
            return [], []
        through = self._behind_other.of(other.inputs)
        was = {self._names[name] for name in self._behind.of(node.inputs)}
        lost = [name for name in before if name not in after and name not in through]
        gained = [name for name in after if name not in before and name not in was]
        same_before = [name for name in before if name in after]
        same_after = [name for name in after if name in before]
        if not lost and not gained and same_before != same_after:
            return same_before, same_after
        return lost, gained


class _Behind:
    """The paired tensors that stand behind others, through layers without a pair."""

    def __init__(self, graph: Graph, paired: Container[str]) -> None:
        self._paired = paired
        self._nodes = {node.name: node for node in graph.nodes}
        self._left = MOST_STEPS

    def of(self, names: Sequence[str]) -> set[str]:
        """Those that are reached from some tensors, these among them."""
        reached: set[str] = set()
        seen: set[str] = set()
        waiting = list(names)
        while waiting and self._left:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            self._left -= 1
            if name in self._paired:
                reached.add(name)
            elif name in self._nodes:
                waiting += self._nodes[name].inputs
        return reached
