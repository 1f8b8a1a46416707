"""Shapes that a model tells itself, or that ONNX's own inference does, for operators without a rule here.

The inference is a program in C++ that a hostile model can bring down (an assertion in `std::clamp`), so that it runs in
a process of its own, when it is first needed, on the graph without its weights.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cached_property
from math import prod
from typing import Any

from cnncalc.importers.onnx.model import Model
from cnncalc.importers.onnx.tensors import BATCH, MOST_NUMBERS
from cnncalc.symbolic import Size

PROGRAM = """
import sys, onnx
model = onnx.load_model_from_string(sys.stdin.buffer.read())
sys.stdout.buffer.write(onnx.shape_inference.infer_shapes(model, data_prop=True).SerializeToString())
"""
PATIENCE = 60  # seconds


class Inferred:
    """The shapes of a model's tensors, as far as ONNX tells them."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def shape(self, name: str) -> tuple[Size, ...] | None:
        """The shape with the batch; None where a size besides the batch is not known."""
        return _shape(self._told.get(name)) or _shape(self._inferred.get(name))

    @cached_property
    def _told(self) -> dict[str, Any]:
        return _types(self._model)

    @cached_property
    def _inferred(self) -> dict[str, Any]:
        import onnx

        try:
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM],
                input=_without_weights(self._model).SerializeToString(),
                capture_output=True,
                timeout=PATIENCE,
                check=True,
            )
            return _types(onnx.load_model_from_string(done.stdout))
        except (subprocess.SubprocessError, OSError, ValueError):  # ONNX finds the model at fault, or fell over it
            return {}


def _types(model: Model) -> dict[str, Any]:
    values = (*model.graph.value_info, *model.graph.output, *model.graph.input)
    return {value.name: value.type.tensor_type for value in values}


def _shape(kind: Any) -> tuple[Size, ...] | None:  # noqa: ANN401
    if kind is None or not kind.HasField("shape"):
        return None
    sizes = [dim.dim_value for dim in kind.shape.dim]
    if any(size < 1 for size in sizes[1:]):
        return None
    return tuple(BATCH if index == 0 and size < 1 else size for index, size in enumerate(sizes))


def _without_weights(model: Model) -> Model:
    """The model with its large constants declared as inputs."""
    from onnx import ModelProto, helper

    small = ModelProto(ir_version=model.ir_version, opset_import=model.opset_import)
    graph = small.graph
    graph.name = model.graph.name or "graph"
    for field in ("node", "input", "output", "value_info"):
        getattr(graph, field).extend(getattr(model.graph, field))
    declared = {each.name for each in graph.input}
    for tensor in model.graph.initializer:
        if prod(tensor.dims) <= MOST_NUMBERS and tensor.data_location != tensor.EXTERNAL:
            graph.initializer.append(tensor)
        elif tensor.name not in declared:
            graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
    return small
