"""Where operators become layers: each by the rule of its kind here, so that a shape stands on every tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

from cnncalc.errors import LayerError
from cnncalc.importers.onnx.names import Names
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.symbolic import Expr, Relation, Size, Undecidable

Shape = tuple[Size, ...]
Made: TypeAlias = "Tensor | Sequence[Tensor]"
Handler: TypeAlias = "Callable[[Op, Tracing], Made]"


class Tracing:
    """The layers found so far."""

    def __init__(self, batch: Size, inputs: Iterable[Tensor], modules: Iterable[str] = ()) -> None:
        self._tensors = list(inputs)
        self.batch = batch
        self.nodes: list[TracedNode] = []
        self.notes: list[str] = []  # what a reader should know, a sentence each
        self.names = Names((tensor.name for tensor in self._tensors), modules)

    def layer(
        self,
        op: Op,
        kind: str,
        arguments: Mapping[str, object],
        inputs: Sequence[Tensor] | None = None,
        weights: Mapping[str, Any] | None = None,
        makes: int = 0,
    ) -> Tensor:
        """One layer more, and the tensor that leaves it under the operator's name for its output `makes`.

        Raises:
            UnsupportedError: the layer refuses these arguments or shapes, or the batch is not in front.
        """
        read = [op.data()] if inputs is None else inputs
        shapes = [self.sample(tensor) for tensor in read]
        try:
            layer = LAYERS[kind].make(arguments, rank_of(shapes))
            output = layer.output(shapes, _require)
        except (LayerError, Undecidable) as error:
            raise UnsupportedError(str(error)) from None
        return self._emit(op, kind, arguments, read, output, weights or {}, makes)

    def unknown(self, op: Op, shapes: Sequence[Shape | None], params: int | None) -> list[Tensor]:
        """An operator without a rule: one node for each output, weights at the first.

        Raises:
            UnsupportedError: the shape of an output is not known either.
        """
        read = [tensor for tensor in op.inputs if tensor is not None and not tensor.constant]
        made = []
        for index, shape in enumerate(shapes):
            if not op.makes[index]:
                made.append(Tensor("", None))
                continue
            if shape is None:
                raise UnsupportedError("its output shape is not known")
            output = self._without_batch(shape) or (1,)
            arguments: dict[str, object] = {"op": op.kind, "shape": list(output)}
            first = self._leaves(read[0]) if read else ()
            if first and all(isinstance(size, int) for size in (*first, *output)):
                arguments["seen"] = list(first)
            if params is not None:
                arguments["params"] = 0 if index else params
            made.append(replace(self._emit(op, UNKNOWN, arguments, read, output, {}, index), shape=shape))
        return made

    def _without_batch(self, shape: Shape) -> Shape:
        """The sizes of a sample, from whatever axis the batch has been moved to, or laid out on."""
        told = isinstance(self.batch, Expr) or self.batch == 1  # else it may be the size of another axis
        if not told or shape[:1] == (self.batch,):
            return shape[1:]
        if self.batch in shape:
            at = shape.index(self.batch)
            return (*shape[:at], *shape[at + 1 :])
        with suppress(Undecidable):
            return (shape[0] // self.batch, *shape[1:]) if shape else ()
        return shape[1:]

    def _leaves(self, tensor: Tensor) -> Shape:
        """What leaves the layer that a tensor is, as a spec says it."""
        return next((node.output for node in reversed(self.nodes) if node.name == tensor.node), tensor.sample)

    def sample(self, tensor: Tensor) -> Shape:
        """The shape without the batch, which has to be in front.

        Raises:
            UnsupportedError: it is not.
        """
        if tensor.constant:
            raise UnsupportedError("it reads a constant where a layer needs an input tensor")
        if tensor.shape is None or len(tensor.shape) < 2 or tensor.shape[0] != self.batch:
            raise UnsupportedError("the batch is not its first axis")
        return tensor.shape[1:]

    def sized(self, sizes: Sequence[Size]) -> Tensor | None:
        """The latest map of these spatial sizes."""
        found = (each for each in reversed(self._tensors) if each.shape and list(each.shape[2:]) == list(sizes))
        return next(found, None)

    def _emit(
        self,
        op: Op,
        kind: str,
        arguments: Mapping[str, object],
        read: Sequence[Tensor],
        output: Shape,
        weights: Mapping[str, Any],
        makes: int,
    ) -> Tensor:
        name = self.names.of(op, kind)
        sources = tuple(tensor.node or "" for tensor in read)
        self.nodes.append(TracedNode(name, kind, dict(arguments), sources, output, weights))
        made = Tensor(op.makes[makes] if makes < len(op.makes) else name, (self.batch, *output), node=name)
        self._tensors.append(made)
        return made


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    """Only what is certainly wrong is: what depends on a symbol becomes a condition when the spec is read."""
    if holds is False:
        raise why()
