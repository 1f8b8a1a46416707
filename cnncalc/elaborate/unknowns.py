"""Holds an `unknown` layer whose shape is written as numbers to the input for which they were written.

The shape of such a layer says nothing of other inputs. It holds where the network has the spec's own input, and, where
one item is used several times, for the input of its first use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from cnncalc.document.reads import names_read
from cnncalc.document.types import Document, LayerCall
from cnncalc.elaborate.item_facts import all_items
from cnncalc.errors import Span, SpecError
from cnncalc.graph import Graph
from cnncalc.layers.layer import Layer, Shape
from cnncalc.layers.unknown import Unknown

FLOWING = ("in_channels", "in_size")
Own = Mapping[str, tuple[Shape, Shape]]  # layer → the shapes that enter and leave it at the spec's own input


class FixedShapes:
    """The inputs for which the fixed shapes of one elaboration hold."""

    def __init__(self, own: Own | None = None) -> None:
        self._own = own  # None: this is the spec's own input
        self._first: dict[tuple[Span, Shape], Shape] = {}

    def hold(self, layer: Layer, call: LayerCall, name: str, span: Span, entering: Shape) -> Layer:
        """The layer, with `seen` set if its shape is fixed."""
        unknown = cast("Unknown", layer)
        if unknown.seen is not None or not is_fixed(call):
            return layer
        seen = self._first.setdefault((span, unknown.shape), entering)
        if self._own is not None:
            before, leaving = self._own.get(name, (entering, unknown.shape))
            seen = before if leaving == unknown.shape else entering
        if not all(isinstance(size, int) for size in seen):
            return layer
        fields = {field: getattr(unknown, field) for field in unknown.arguments}
        return Unknown(**{**fields, "seen": seen})


def is_fixed(call: LayerCall) -> bool:
    """Whether the shape of an `unknown` reads nothing of its input."""
    return call.kind == Unknown.kind and not set(FLOWING) & set(names_read([call.arguments.get("shape")]))


def own_shapes(document: Document, elaborate: Callable[[], Graph]) -> Own | None:
    """What enters and leaves unknown layers at the spec's own input; None if no shape is fixed, or it is not valid."""
    if not any(isinstance(item.body, LayerCall) and is_fixed(item.body) for item in all_items(document)):
        return None
    try:
        nodes = elaborate().nodes
    except SpecError:
        return None
    return {node.name: (node.shapes[0], node.output) for node in nodes if node.kind == Unknown.kind}
