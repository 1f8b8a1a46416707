"""Captures with a batch that cannot be taken for a size, and keeps numbers that come from it out of the spec.

The batch is a prime that divides no size of the network, so an axis is the batch exactly if it is a multiple of it.
Where a number may still come from the batch, a capture with another one decides: what differs is not a property of the
network.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction

from torch import nn
from torch.nn.parameter import is_lazy

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.exporting import Program, capture
from cnncalc.importers.pytorch.grouping import output_shapes
from cnncalc.importers.pytorch.values import Sizes
from cnncalc.importers.pytorch.walk import Walk
from cnncalc.importers.traced import UNKNOWN, TracedNode

BATCHES = (67, 71, 73, 79, 83, 89, 97, 101, 103, 107)  # larger than most sizes, and few enough images for any memory
TRIES = 3  # captures until every tensor has one axis at most that can be the batch


def walk_capture(
    module: nn.Module, inputs: Mapping[str, Sizes], training: bool = False, tried: Collection[int] = ()
) -> Walk:
    """Capture a network and translate it, with a batch that is unlike any size in it and not in `tried`.

    Raises:
        UsageError: it cannot be captured.
    """
    kept = [*module.parameters(), *module.buffers()]
    shapes = [*inputs.values(), *(tensor.shape for tensor in kept if not is_lazy(tensor))]
    sizes = {size for shape in shapes for size in shape if size}
    batches = [batch for batch in BATCHES if batch not in tried]
    unlike = [batch for batch in batches if all(size % batch for size in sizes)] or batches
    for batch in unlike[:TRIES]:
        program = capture(module, inputs, batch, training)
        if not _is_ambiguous(program):
            break
    return Walk(program, inputs)


def _is_ambiguous(program: Program) -> bool:
    """Whether some tensor has several axes that are multiples of the batch."""
    shapes = (shape for operation in program.operations for shape in output_shapes(operation))
    return any(sum(size > 0 and size % program.batch == 0 for size in shape) > 1 for shape in shapes)


def confirm(
    nodes: Sequence[TracedNode], module: nn.Module, inputs: Mapping[str, Sizes], batch: int, training: bool = False
) -> list[TracedNode]:
    """The layers without numbers that come from the batch; a layer with such an argument is `unknown`.

    Raises:
        UsageError: the layers themselves or their shapes depend on the batch.
    """
    if not any(_may_depend(node, batch) for node in nodes):
        return list(nodes)
    others = walk_capture(module, inputs, training, (batch,)).emission.nodes
    return [_confirm_layer(node, others.get(node.name)) for node in nodes]


def _may_depend(node: TracedNode, batch: int) -> bool:
    """Whether a number of a layer may come from the batch: any of an unknown one; those near to a multiple of it."""
    if node.kind == UNKNOWN:
        return True
    near = (0, 1, batch - 1)
    return not node.weights and any(n >= batch - 1 and n % batch in near for n in _numbers(node.arguments.values()))


def _numbers(values: object) -> Iterator[int]:
    if isinstance(values, int | Fraction):
        yield from (abs(values.numerator), values.denominator)
    elif isinstance(values, Collection) and not isinstance(values, str):
        for value in values:
            yield from _numbers(value)


def _confirm_layer(node: TracedNode, other: TracedNode | None) -> TracedNode:
    same = other is not None and (node.kind, node.inputs, node.output) == (other.kind, other.inputs, other.output)
    if same and other is not None and node.arguments == other.arguments:
        return node
    if not same or node.kind == UNKNOWN or node.weights:
        op = node.arguments.get("op", node.kind)
        raise UsageError(
            f"{node.name} ({op}): its output depends on the number of images in a batch, which a spec cannot express"
        )
    arguments: dict[str, object] = {"op": node.kind, "shape": list(node.output), "params": 0}
    return node._replace(kind=UNKNOWN, arguments=arguments)
