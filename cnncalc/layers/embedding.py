"""A table of vectors, looked up by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.layers.fields import Count
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, single
from cnncalc.layers.memory_order import Order, Orders, channels_last
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import IDENTITY, Axis, Route, Routes
from cnncalc.layers.saved import INT64, NONE, Saved, SavedTensor, Wanted
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class Embedding(Layer):
    """A vector for each number of the input, looked up in a trainable table."""

    kind: ClassVar[str] = "embedding"
    hides_gradient: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    num_embeddings: Size = arg(Count("number of vectors in the table: the input has the numbers below it"))
    embedding_dim: Size = arg(Count("number of elements of a vector, which are the output channels"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[embedding_dim, *sizes]."""
        return (self.embedding_dim, *single(inputs))

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[num_embeddings, embedding_dim]."""
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The numbers looked up."""
        return NONE.and_own(SavedTensor(numel(single(inputs)), "indices", width=INT64)) if wanted.weights else NONE

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The number at its position."""
        return (Route(0, tuple(Axis(IDENTITY, axis + 1) for axis in range(len(single(inputs))))),)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """With the channels last."""
        return channels_last(output)
