"""The tensor with the most elements, and the largest batch at which kernels with 32-bit indices can address it."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.graph import Graph
from cnncalc.layers.layer import Shape
from cnncalc.pytorch.bench.memory.batches import Cap
from cnncalc.quantities.sizes import numel


class Largest(NamedTuple):
    """The node or input with the largest tensor, and the number of its elements for one image."""

    name: str
    numbers: int


def largest_tensor(graph: Graph) -> Largest:
    """The largest tensor among the inputs and the outputs of all layers, including training heads."""
    shapes = {**graph.inputs, **{node.name: node.output for node in graph.nodes}}
    sizes = {name: _numel(shape) for name, shape in shapes.items()}
    name = max(sizes, key=sizes.__getitem__)
    return Largest(name, sizes[name])


def index_cap(graph: Graph, most: int | None) -> Cap | None:
    """The largest batch at which no tensor has more than `most` elements; None if there is no limit."""
    if most is None:
        return None
    name, numbers = largest_tensor(graph)
    batch = max(1, most // numbers)
    return Cap(batch, f"at batch {batch + 1:,} {name} exceeds {most:,} elements, the limit of 32-bit indexing")


def _numel(shape: Shape) -> int:
    size = numel(shape)
    assert isinstance(size, int)
    return size
