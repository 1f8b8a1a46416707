"""The tensors that the state_dict of a network has, under the names that `export --to torch` and `to_torch` give."""

from __future__ import annotations

from cnncalc.graph import Graph
from cnncalc.layers.layer import Shape
from cnncalc.layers.unknown import Unknown
from cnncalc.records import NamedTuple

COUNTER = "num_batches_tracked"  # absent from older checkpoints, which PyTorch accepts
WHOLE = (COUNTER, "relative_position_index")  # tensors of whole numbers


class Expected(NamedTuple):
    """A tensor of a state_dict: its layer, its shape, the tensor that it is if it is shared, and what it holds."""

    node: str
    shape: Shape
    shares: str | None = None
    whole: bool = False
    optional: bool = False  # whether a checkpoint fits without it


def state_of(graph: Graph) -> dict[str, Expected]:
    """Return name → tensor, in the order of the state_dict; those of unknown operations are not known."""
    return {
        f"{node.name}.{key}": Expected(
            node.name, shape, None if node.shares is None else f"{node.shares}.{key}", key in WHOLE, key == COUNTER
        )
        for node in graph.nodes
        if not isinstance(node.layer, Unknown)
        for key, shape in (*node.weights.items(), *node.buffers.items())
    }


def unknown_levels(graph: Graph) -> tuple[str, ...]:
    """The beginnings of names under which an unknown operation may have tensors of any name."""
    return tuple(f"{node.name}." for node in graph.nodes if isinstance(node.layer, Unknown))
