"""Finds layers whose inputs changed in a way that no inserted or removed layer explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from cnncalc.graph import Graph, Node

MOST_STEPS = 2_000_000  # steps through unpaired layers; anything farther counts as not read


class Wiring:
    """The edges of two aligned graphs; `names` maps layers and inputs of the first graph to the second."""

    def __init__(self, one: Graph, other: Graph, names: Mapping[str, str]) -> None:
        self._names = names
        paired = set(names.values())
        self._behind = _Behind(one, names.keys())
        self._behind_other = _Behind(other, paired)
        self._kept = paired

    def changed_reads(self, node: Node, other: Node) -> tuple[list[str], list[str]]:
        """The inputs that a layer lost and gained, by the second graph's names.

        A tensor still counts as read if it is reached through inserted layers alone, and counted as read before
        if it was reached through removed layers. A changed order of the common inputs counts too.
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
        if lost or gained or same_before == same_after or self._is_repeated(node, other, same_before, same_after):
            return lost, gained
        return same_before, same_after

    def _is_repeated(self, node: Node, other: Node, before: Sequence[str], after: Sequence[str]) -> bool:
        """Whether two lists of inputs differ only in how often one stands there, as removed or inserted layers explain.

        Without the pooling of `subtract(avgpool(x), x)`, x is read twice directly, as it was before in two ways.
        """
        if list(dict.fromkeys(before)) != list(dict.fromkeys(after)):
            return False
        straight, later = Counter(before), Counter(after)
        around, around_later = self._behind.ways(node.inputs), self._behind_other.ways(other.inputs)
        return all(
            straight[name] + around[old] >= later[name] and later[name] + around_later[name] >= straight[name]
            for old, name in self._names.items()
            if name in straight
        )


class _Behind:
    """Finds the paired tensors upstream of others, through unpaired layers."""

    def __init__(self, graph: Graph, paired: Container[str]) -> None:
        self._paired = paired
        self._nodes = {node.name: node for node in graph.nodes}
        self._left = MOST_STEPS

    def of(self, names: Sequence[str]) -> set[str]:
        """The paired tensors reached from these tensors, themselves included."""
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

    def ways(self, names: Sequence[str]) -> Counter[str]:
        """Through how many of these tensors, of those that are unpaired, each paired tensor is reached."""
        return Counter(reached for name in names if name not in self._paired for reached in self.of([name]))
