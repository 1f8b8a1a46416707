"""Layers that choose among boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Left, Number
from cnncalc.layers.layer import Layer, Require, Shape, arg, text
from cnncalc.layers.operations import Operations
from cnncalc.layers.reading import WHOLE, Route, Routes
from cnncalc.layers.sampling import boxes_of
from cnncalc.layers.saved import INT64, NONE, Saved, SavedTensor, Wanted
from cnncalc.symbolic import Size, relation_eq


class Nms(Layer):
    """The best boxes, without those that overlap a better one: non-maximum suppression."""

    kind: ClassVar[str] = "nms"
    natural: ClassVar[str | None] = "boxes"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)

    boxes: Size = arg(Left("number of boxes left, the best first; zeros fill up where fewer are left"))
    iou_threshold: int | Fraction = arg(
        Number("boxes whose intersection over union with a better one is above this are removed"), Fraction(1, 2)
    )

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[4, boxes] from boxes [4, N] and scores [N]."""
        entering = boxes_of(self.kind, inputs[0], require)

        def wrong() -> LayerError:
            return LayerError(f"nms needs a score per box, [{entering}], got {text(inputs[1])}")

        if len(inputs[1]) != 1:
            raise wrong()
        require(relation_eq(inputs[1][0], entering), wrong)
        require(
            entering >= self.boxes,
            lambda: LayerError(f"nms cannot leave {self.boxes} of {entering} boxes", field="boxes"),
        )
        return (4, self.boxes)

    def further(self, inputs: Sequence[Shape], output: Shape) -> Mapping[str, Shape]:
        """`scores`, those of the boxes that are left."""
        return {"scores": (self.boxes,)}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations | None:
        """Unknown: how many boxes are compared depends on their values."""
        return None

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The indices of the boxes that are left, and of their image."""
        return NONE.and_own(SavedTensor(self.boxes + 1, "indices", width=INT64)) if wanted.any_input else NONE

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Every box, and all scores."""
        return (Route(0, (WHOLE, WHOLE)), Route(1, (WHOLE,)))
