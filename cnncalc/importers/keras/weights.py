"""The numbers that Keras counts as the parameters of a layer: weights, and statistics without PyTorch's own counter."""

from __future__ import annotations

from cnncalc.importers.keras.tracing import Tracing
from cnncalc.importers.keras.values import product
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.symbolic import Size

COUNTER = "num_batches_tracked"


def count(node: TracedNode, tracing: Tracing) -> Size | None:
    """Return the parameters of a node as Keras counts them; None if they are not known."""
    if node.shares is not None:
        return 0
    if node.kind == UNKNOWN and "params" not in node.arguments:
        return None
    shapes = [tracing.shape(name) for name in node.inputs]
    layer = LAYERS[node.kind].make(node.arguments, len(shapes[0]) - 1)
    counter = node.arguments.get("momentum") == 0  # the count of Keras's Normalization
    stored = [shape for name, shape in layer.buffers(shapes, node.output).items() if name != COUNTER or counter]
    return sum(map(product, (*layer.weights(shapes, node.output).values(), *stored)), 0)


def numbers_of_layers(tracing: Tracing) -> dict[str, int | None]:
    """Return the parameters of every layer that has nodes of its own, by its name."""
    totals: dict[str, int | None] = {}
    for step, _, begin, end in tracing.calls:
        if step.layer.inner is not None:
            continue
        name = step.layer.name
        for node in tracing.nodes[begin:end]:
            number, before = count(node, tracing), totals.get(name, 0)
            known = isinstance(number, int) and before is not None
            totals[name] = before + number if known and isinstance(number, int) and before is not None else None
    return totals
