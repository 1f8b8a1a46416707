"""The kernels that one pass runs eagerly: what each multiplies, and what it reads and writes.

A layer runs one kernel; a view runs none, and a normalization with running statistics works element by element. Casts
run kernels of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cnncalc.analysis.cost import macs_of
from cnncalc.analysis.memory.storage import find_storages
from cnncalc.graph import Graph, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.prediction.groups import MULTIPLY, Group, group_of
from cnncalc.prediction.widths import wanted_width, widths_of
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple


class Kernel(NamedTuple):
    """One kernel, under the name of its layer: MACs and bytes moved (read and written) per image, weights per batch."""

    name: str
    group: Group
    macs: int
    moved: int
    weights: int
    known: bool = True


def eager_kernels(graph: Graph, dtype: str) -> list[Kernel]:
    """The kernels of one pass at inference, in order; layers that only view or pass on their input have none."""
    nodes = at_inference(graph)
    groups = {node.name: group_of(node) for node in nodes}
    widths = widths_of(graph, nodes, groups, dtype)
    owner = owners_of(graph, nodes)
    return [
        kernel
        for node in nodes
        if not passes_on(node, owner[node.name])
        for kernel in _with_casts(node, groups[node.name], widths, dtype)
    ]


def at_inference(graph: Graph) -> list[Node]:
    """The nodes that run at inference."""
    return [node for node in graph.nodes if not node.training]


def owners_of(graph: Graph, nodes: Sequence[Node]) -> Mapping[str, str]:
    """Tensor → the tensor that owns its memory."""
    return find_storages(graph.inputs, nodes, skipped={node.name for node in nodes if node.layer.idle}).owner


def passes_on(node: Node, owner: str) -> bool:
    """Whether a layer runs no kernel: its output is its input, a weight, or an output of another layer."""
    layer = node.layer
    if layer.idle or isinstance(layer, FurtherOutput) or layer.reuses(training=False) == "weights":
        return True
    return owner != node.name and layer.reuses(training=False) != "in place"


def kernel_of(node: Node, group: Group, moved: int) -> Kernel:
    """The kernel of a layer that moves so many bytes."""
    macs = macs_of(node)
    weights = sum(number(numel(shape)) for shape in (*node.weights.values(), *node.buffers.values()))
    return Kernel(node.name, group, number(macs or 0), moved, weights, macs is not None)


def number(size: object) -> int:
    """A size that is a number."""
    assert isinstance(size, int)
    return size


def _with_casts(node: Node, group: Group, widths: Mapping[str, int], dtype: str) -> Iterator[Kernel]:
    """The kernel of a layer, after a cast of every input that autocast wants in another width."""
    wanted = wanted_width(node, group, dtype)
    moved = widths[node.name] * number(numel(node.output))
    for name, shape in zip(node.inputs, node.shapes, strict=True):
        width = wanted or widths[name]
        moved += width * number(numel(shape))
        if width != widths[name]:
            yield Kernel(node.name, "elementwise", 0, (width + widths[name]) * number(numel(shape)), 0)
    yield kernel_of(node, group, moved)


def is_library(group: Group) -> bool:
    """Whether a library computes it, so that a compiler cannot fuse it with its neighbours."""
    return group in MULTIPLY
