"""Records the layers that the entries of a list become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TypeAlias

from cnncalc.errors import Fault, LayerError, Span, SpecError
from cnncalc.importers.simplify import simplify
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.limits import MOST_SCRIPT_LAYERS
from cnncalc.symbolic import Relation, Size

Shape: TypeAlias = "tuple[Size, ...]"

INPUT = "input"


class Tracing:
    """The layers so far, by the name of the tensor that leaves each."""

    def __init__(self, shape: Shape) -> None:
        self.nodes: list[TracedNode] = []
        self.shapes: dict[str, Shape] = {INPUT: shape}
        self.notes: dict[str, None] = {}  # what the reader of the list should know, each once

    def add(
        self, span: Span, kind: str, arguments: Mapping[str, object], *sources: str, shares: str | None = None
    ) -> str:
        """Append one of our layers; the tensor that leaves it.

        Raises:
            SpecError: our layer refuses these fields or shapes, or there are too many layers.
        """
        if len(self.nodes) >= MOST_SCRIPT_LAYERS:
            raise SpecError([Fault(f"more than {MOST_SCRIPT_LAYERS:,} layers", span)])
        shapes = [self.shapes[source] for source in sources]
        try:
            output = LAYERS[kind].make(arguments, rank_of(shapes)).output(shapes, _require)
        except LayerError as error:
            raise SpecError([Fault(error.message, span, error.hint)]) from None
        name = f"{kind}{len(self.nodes) + 1}"
        self.nodes.append(TracedNode(name, kind, dict(arguments), sources, output, shares=shares))
        self.shapes[name] = output
        return name

    def flat(self, span: Span, tensor: str) -> str:
        """A tensor as a vector."""
        return tensor if len(self.shapes[tensor]) == 1 else self.add(span, "flatten", {}, tensor)

    def values(self, tensor: str) -> Size:
        """How many values a tensor has."""
        return prod(self.shapes[tensor], start=1)

    def check(self, span: Span, what: str, given: int, found: Size) -> None:
        """Refuse a number in the list that is not that of the tensor which flows in.

        Raises:
            SpecError: they differ.
        """
        if found != given:
            hint = None if isinstance(found, int) else "the list fixes the size of the input: give numbers"
            raise SpecError([Fault(f"it reads {given} {what}, but {found} flow in", span, hint)])

    def whole(self, name: str, output: str, description: str) -> Traced:
        """The network whose output is this tensor."""
        about = {"description": description}
        inputs = {INPUT: self.shapes[INPUT]}
        return simplify(Traced(name, inputs, tuple(self.nodes), {"output": output}, about, warnings=(*self.notes,)))


def pair(high: object, low: object) -> object:
    """A field per axis, rows first; one number if they are equal."""
    return high if high == low else [high, low]


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is False:
        raise why()
