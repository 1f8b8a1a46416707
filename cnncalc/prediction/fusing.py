"""The kernels that a compiler writes: neighbouring layers that work element by element become one.

The rules are those of PyTorch's Inductor at inference, as far as shapes show them. Convolutions, matrix products and
attention are kernels of libraries: they read from memory and write to it. All other layers between two of them fuse
along their edges, so that only what enters or leaves a group is moved. A group may not contain a layer that waits for a
library kernel which itself waits for the group; so layers fuse only at the same depth, which is the number of library
kernels on the longest path from the input.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cnncalc.graph import Graph, Node
from cnncalc.prediction.groups import Group, group_of
from cnncalc.prediction.kernels import Kernel, at_inference, is_library, kernel_of, number, owners_of, passes_on
from cnncalc.prediction.widths import wanted_width, widths_of
from cnncalc.quantities.sizes import numel

_RANK: Mapping[str, int] = {"elementwise": 0, "move": 1, "window": 2, "norm": 3}


def compiled_kernels(graph: Graph, dtype: str) -> list[Kernel]:
    """The kernels of one pass at inference after fusion; a group has the name of its last layer."""
    nodes = at_inference(graph)
    kinds = {node.name: group_of(node) for node in nodes}
    bytes_of = _Bytes(graph, nodes, kinds, dtype)
    owner = owners_of(graph, nodes)
    free = [node for node in nodes if not is_library(kinds[node.name])]
    groups = _groups(free, _depths(graph, nodes, kinds))
    found = []
    for node in nodes:
        if is_library(kinds[node.name]):
            found.append(kernel_of(node, kinds[node.name], bytes_of.library(node)))
        group = groups.get(node.name, [])
        if not all(passes_on(each, owner[each.name]) for each in group):
            found.append(_fused(group, kinds, bytes_of))
    return found


class _Bytes:
    """Bytes that kernels read and write; casts happen inside the kernel that writes."""

    def __init__(self, graph: Graph, nodes: Sequence[Node], kinds: Mapping[str, Group], dtype: str) -> None:
        self.widths = widths_of(graph, nodes, kinds, dtype)
        self.sizes = {name: number(numel(shape)) for name, shape in graph.inputs.items()}
        self.sizes |= {name: number(numel(shape)) for node in nodes for name, shape in node.tensors.items()}
        self.readers: dict[str, set[str]] = defaultdict(set)
        self.wanted = {node.name: wanted_width(node, kinds[node.name], dtype) for node in nodes}
        self.libraries = {name for name, kind in kinds.items() if is_library(kind)}
        for node in nodes:
            for name in node.inputs:
                self.readers[name].add(node.name)
        for name in graph.outputs.values():
            self.readers[name].add("")

    def library(self, node: Node) -> int:
        """Bytes that a convolution or product reads and writes."""
        wanted = self.wanted[node.name]
        read = sum((wanted or self.widths[name]) * self.sizes[name] for name in node.inputs)
        return read + self.widths[node.name] * self.sizes[node.name]

    def fused(self, group: Sequence[Node]) -> int:
        """Bytes that enter a group of layers and leave it."""
        inside = {node.name for node in group}
        entering = {name for node in group for name in node.inputs if name not in inside}
        moved = sum(self.widths[name] * self.sizes[name] for name in entering)
        for node in group:
            for name in node.tensors:
                outside = self.readers[name] - inside
                moved += self.sizes[name] * sum({self._width_for(reader, name) for reader in outside})
        return moved

    def _width_for(self, reader: str, name: str) -> int:
        """The width in which a layer outside reads a tensor; two widths are two copies."""
        wanted = self.wanted[reader] if reader in self.libraries else None
        return wanted or self.widths[name]


def _fused(group: Sequence[Node], kinds: Mapping[str, Group], bytes_of: _Bytes) -> Kernel:
    heaviest = max((kinds[node.name] for node in group), key=_RANK.__getitem__)
    parts = [kernel_of(node, kinds[node.name], 0) for node in group]
    weights, known = sum(part.weights for part in parts), all(part.known for part in parts)
    return Kernel(group[-1].name, heaviest, 0, bytes_of.fused(group), weights, known)


def _depths(graph: Graph, nodes: Sequence[Node], kinds: Mapping[str, Group]) -> dict[str, int]:
    """Tensor → the number of library kernels on the longest path to it."""
    depths = dict.fromkeys(graph.inputs, 0)
    for node in nodes:
        depth = max((depths[name] for name in node.inputs), default=0) + is_library(kinds[node.name])
        depths.update(dict.fromkeys(node.tensors, depth))
    return depths


def _groups(free: Sequence[Node], depths: Mapping[str, int]) -> dict[str, list[Node]]:
    """The last layer of every group → its layers: those of the same depth that are connected."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    for node in free:
        leader[node.name] = node.name
        for name in node.inputs:
            if name in leader and depths[name] == depths[node.name]:
                leader[find(name)] = find(node.name)
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in free:
        groups[find(node.name)].append(node)
    return {group[-1].name: group for group in groups.values()}
