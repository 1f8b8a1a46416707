"""Records the layers that operators become, and computes the shape of each tensor with our own layer rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from cnncalc.errors import LayerError
from cnncalc.importers.onnx.names import Names
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.tensors import Tensor, for_one_sample
from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.symbolic import Expr, Relation, Size, Undecidable

Shape = tuple[Size, ...]
Made: TypeAlias = "Tensor | Sequence[Tensor]"
Handler: TypeAlias = "Callable[[Op, Tracing], Made]"


class Tracing:
    """The layers traced so far."""

    def __init__(self, batch: Size, inputs: Iterable[Tensor], modules: Iterable[str] = ()) -> None:
        self._tensors = list(inputs)
        self.batch = batch
        self.notes: list[str] = []  # sentences for the user about what was approximated
        self.names = Names((tensor.name for tensor in self._tensors), modules)
        shapes: dict[str, Any] = {tensor.name: tensor.sample for tensor in self._tensors}
        self.emission = Emission(shapes, self.names, batch if isinstance(batch, int) else 1)

    @property
    def nodes(self) -> list[TracedNode]:
        """All layers, in the order of execution."""
        return list(self.emission.nodes.values())

    def begin(self, op: Op) -> None:
        """Start with an operator, whose layers `roll_back` of the emission would remove."""
        self.names.op = op
        self.emission.begin()

    def layer(
        self,
        op: Op,
        kind: str,
        arguments: Mapping[str, object],
        inputs: Sequence[Tensor] | None = None,
        weights: Mapping[str, Any] | None = None,
        makes: int = 0,
    ) -> Tensor:
        """Append a layer; return its output tensor, named after the operator's output number `makes`.

        Raises:
            UnsupportedError: the layer refuses these arguments or shapes, or the batch is not the first axis.
        """
        read = [op.data()] if inputs is None else inputs
        shapes = [self.sample(tensor) for tensor in read]
        try:
            layer = LAYERS[kind].make(arguments, rank_of(shapes))
            output = layer.output(shapes, _require)
        except (LayerError, Undecidable) as error:
            raise UnsupportedError(str(error)) from None
        if for_one_sample(output) != output:
            raise UnsupportedError("a size depends on the batch")
        return self._emit(op, kind, arguments, read, output, weights or {}, makes)

    def unknown(self, op: Op, shapes: Sequence[Shape | None], params: int | None) -> list[Tensor]:
        """Append an `unknown` node for each output of an operator; the first one read holds the weights.

        Raises:
            UnsupportedError: the shape of an output is unknown too.
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
            if any(isinstance(size, int) and size < 1 for size in output):
                raise UnsupportedError("its output shape is not known")
            arguments: dict[str, object] = {"op": op.kind, "shape": list(output)}
            first = self._output_of(read[0]) if read else ()
            if first and all(isinstance(size, int) for size in (*first, *output)):
                arguments["seen"] = list(first)
            if params is not None:
                arguments["params"] = 0 if any(op.makes[:index]) else params
            made.append(replace(self._emit(op, UNKNOWN, arguments, read, output, {}, index), shape=shape))
        return made

    def _without_batch(self, shape: Shape) -> Shape:
        """Drop the batch from a shape, wherever it was transposed to or merged into."""
        unambiguous = isinstance(self.batch, Expr) or self.batch == 1  # else it may be the size of another axis
        if not unambiguous:
            return shape[1:]
        at = shape.index(self.batch) if self.batch in shape else None
        merged = for_one_sample(shape)
        if at is not None or (merged == shape and shape[:1] == (1,)):
            return (*merged[: at or 0], *merged[(at or 0) + 1 :])
        return merged

    def _output_of(self, tensor: Tensor) -> Shape:
        """Return the output shape, as in the spec, of the node that computes a tensor."""
        shape: Shape = self.emission.shapes.get(tensor.node or "", tensor.sample)
        return shape

    def sample(self, tensor: Tensor) -> Shape:
        """Return the shape without the batch, which must be the first axis.

        Raises:
            UnsupportedError: it is not.
        """
        if tensor.constant:
            raise UnsupportedError("it reads a constant where a layer needs an input tensor")
        moved = tensor.axes is not None or tensor.order is not None
        if tensor.shape is None or len(tensor.shape) < 2 or tensor.shape[0] != self.batch or moved:
            raise UnsupportedError("the batch is not its first axis")
        return tensor.shape[1:]

    def sized(self, sizes: Sequence[Size]) -> Tensor | None:
        """Return the most recent feature map of these spatial sizes; None when there is none."""
        maps = (each for each in reversed(self._tensors) if each.shape and list(each.shape[2:]) == list(sizes))
        return next(maps, None)

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
        self.emission.put(TracedNode(name, kind, dict(arguments), sources, output, weights))
        made = Tensor(op.makes[makes] if makes < len(op.makes) else name, (self.batch, *output), node=name)
        self.keep(made)
        return made

    def keep(self, tensor: Tensor) -> None:
        """Note a tensor to whose size others may be resized."""
        self._tensors.append(tensor)


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    """Refuse what is certainly wrong; a requirement on symbols becomes a condition when the spec is read."""
    if holds is False:
        raise why()
