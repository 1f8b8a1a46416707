"""Looks up shapes that a model records, or that ONNX's own inference computes, for operators without a rule here.

The inference is C++ code that a malformed model can crash (an assertion in `std::clamp`). It therefore runs in a
separate process, the first time a shape is needed, on the graph without its weights.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any

from cnncalc.importers.onnx.model import Model
from cnncalc.importers.onnx.tensors import BATCH, MOST_NUMBERS
from cnncalc.processes import isolated_python
from cnncalc.symbolic import Expr, Size

PROGRAM = """
import sys, onnx
model = onnx.load_model_from_string(sys.stdin.buffer.read())
sys.stdout.buffer.write(onnx.shape_inference.infer_shapes(model, data_prop=True).SerializeToString())
"""
PATIENCE = 60  # seconds
NO_SYMBOLS: Mapping[str, Size] = {}


class Inferred:
    """The shapes of a model's tensors, as far as ONNX provides them."""

    def __init__(self, model: Model, sizes: Mapping[str, tuple[Size, ...]], resized: bool) -> None:
        """Take the model and its input shapes; `resized` when they differ from the file's own."""
        self._model = model
        self._sizes = sizes
        symbols = [size for shape in sizes.values() for size in shape[1:] if isinstance(size, Expr)]
        self._symbols = {str(size): size for size in symbols}
        self._resized = resized

    def shape(self, name: str) -> tuple[Size, ...] | None:
        """Return the shape with the batch; None when any other size is unknown."""
        recorded = _shape(self._recorded.get(name)) if not self._resized else None
        return recorded or _shape(self._inferred.get(name), self._symbols)

    @cached_property
    def _recorded(self) -> dict[str, Any]:
        return _types(self._model)

    @cached_property
    def _inferred(self) -> dict[str, Any]:
        import onnx

        try:
            done = subprocess.run(
                isolated_python(PROGRAM),
                input=self._small().SerializeToString(),
                capture_output=True,
                timeout=PATIENCE,
                check=True,
            )
            return _types(onnx.load_model_from_string(done.stdout))
        except (subprocess.SubprocessError, OSError, ValueError):  # ONNX rejects the model, or crashed on it
            return {}

    def _small(self) -> Model:
        """Return the model without large constants, and without recorded shapes when sizes differ or are symbols."""
        small = _without_weights(self._model)
        if self._resized or self._symbols:
            del small.graph.value_info[:]
            for each in small.graph.output:
                each.type.tensor_type.ClearField("shape")
            for each in small.graph.input:
                if each.name in self._sizes:
                    _resize(each.type.tensor_type.shape, self._sizes[each.name])
        return small


def _resize(proto: Any, shape: Sequence[Size]) -> None:  # noqa: ANN401
    del proto.dim[:]
    for size in shape:
        if isinstance(size, int):
            proto.dim.add().dim_value = size
        else:
            proto.dim.add().dim_param = str(size)


def _types(model: Model) -> dict[str, Any]:
    values = (*model.graph.value_info, *model.graph.output, *model.graph.input)
    return {value.name: value.type.tensor_type for value in values}


def _shape(kind: Any, symbols: Mapping[str, Size] = NO_SYMBOLS) -> tuple[Size, ...] | None:  # noqa: ANN401
    """Return the sizes of a tensor type; None when one other than the batch is neither a number nor a symbol."""
    if kind is None or not kind.HasField("shape"):
        return None
    sizes = [dim.dim_value if dim.dim_value > 0 else symbols.get(dim.dim_param) for dim in kind.shape.dim]
    if sizes and sizes[0] is None:
        sizes[0] = BATCH
    known = tuple(size for size in sizes if size is not None)
    return known if len(known) == len(sizes) else None


def _without_weights(model: Model) -> Model:
    """Return the model with its large constants declared as inputs."""
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
