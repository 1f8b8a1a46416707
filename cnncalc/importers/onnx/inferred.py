"""Shapes that ONNX's own inference tells, for operators without a rule here; it runs when first asked."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from cnncalc.importers.onnx.model import Model
from cnncalc.importers.onnx.tensors import BATCH
from cnncalc.symbolic import Size


class Inferred:
    """The shapes of a model's tensors, as far as ONNX tells them."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def shape(self, name: str) -> tuple[Size, ...] | None:
        """The shape with the batch; None where a size besides the batch is not known."""
        kind = self._types.get(name)
        if kind is None or not kind.HasField("shape"):
            return None
        dims = list(kind.shape.dim)
        sizes = [dim.dim_value for dim in dims]
        if any(size < 1 for size in sizes[1:]):
            return None
        return tuple(BATCH if index == 0 and size < 1 else size for index, size in enumerate(sizes))

    @cached_property
    def _types(self) -> dict[str, Any]:
        import onnx

        try:
            model = onnx.shape_inference.infer_shapes(self._model, data_prop=True)
        except (RuntimeError, ValueError):  # a model that ONNX itself finds at fault, or one above 2 GiB
            model = self._model
        values = (*model.graph.value_info, *model.graph.output, *model.graph.input)
        return {value.name: value.type.tensor_type for value in values}
