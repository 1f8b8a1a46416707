"""Represents a tensor while a model is read: its shape with the batch, and its value where shapes depend on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, prod
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.importers.onnx.model import Model
from cnncalc.symbolic import Size, substitute_size, symbol

BATCH = symbol("batch")  # not a symbol of the spec language: it never reaches a spec
ONE = {str(BATCH): 1}
MOST_NUMBERS = 4096  # the largest numel of a constant that is read, and of a value that is computed
MOST_DECIMALS = 64  # the same for constants of floats: factors, bounds
WEIGHT = re.compile(r"(.+)\.(weight|bias|weight_[a-z]+|running_mean)$")
IN_MODULE = re.compile(r"[A-Za-z_]\w*(\.\w+)+")  # a parameter as PyTorch names it: head.scale
FOLDED = re.compile(r"onnx::\w+|val_\d+|scalar_tensor\w*")  # names of constants that exporters compute


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the model. `value`, where known, is an array of integers, fractions and closed forms."""

    name: str
    shape: tuple[Size, ...] | None  # with the batch first; None when unknown
    value: Any = None
    node: str | None = None  # the traced node or input that computes it; None for a constant
    repeated: tuple[Size, ...] | None = None  # the shape after an Expand, when the join that reads it broadcasts itself
    learnt: bool = False  # an initializer that may be trainable, or what is computed from one
    computed: bool = False  # such a tensor, and not a view of the initializer
    batch_axis: int | None = 0  # of an input; None: it has no batch
    axes: tuple[int, ...] | None = None  # of a tensor around a recurrent layer, where the batch is not in front
    merged: bool = False  # the operator sees the axes before the last one of `order` as one
    order: tuple[int, ...] | None = None  # for every axis, that of the layer's output: as `order` of the rules' tensors

    @property
    def sample(self) -> tuple[Size, ...]:
        """Return the shape without the batch."""
        shape, axis = self.shape or (), self.batch_axis
        return shape if axis is None else (*shape[:axis], *shape[axis + 1 :])

    @property
    def number(self) -> bool:
        """Return whether it is one fixed number, not a trainable one: an initializer of [1], or named in a module."""
        if self.shape == ():
            return not self.learnt or IN_MODULE.fullmatch(self.name) is None
        written = not self.learnt or FOLDED.fullmatch(self.name)
        return bool(written) and all(size == 1 for size in self.shape or (0,))

    def spelt_out(self, number: int) -> bool:
        """Return whether it is an exporter's filler: this number everywhere, under a name that no weight has."""
        return self.value is not None and not WEIGHT.fullmatch(self.name) and bool((self.value == number).all())

    @property
    def constant(self) -> bool:
        """Return whether it does not depend on the inputs."""
        return self.node is None


def initializers(model: Model) -> dict[str, Tensor]:
    """Return the constants of the model by name; raises as `constants_of` does."""
    return constants_of(model.graph)


def constants_of(graph: Any) -> dict[str, Tensor]:  # noqa: ANN401
    """Return the constants of a graph by name.

    Raises:
        UsageError: a size is negative, or the data of a small constant is incomplete.
    """
    tensors = {each.name: constant_tensor(each.name, each) for each in graph.initializer}
    for sparse in graph.sparse_initializer:
        tensors[sparse.values.name] = Tensor(sparse.values.name, tuple(sparse.dims), learnt=True)
    return tensors


def constant_tensor(name: str, proto: Any) -> Tensor:  # noqa: ANN401
    """Return the constant that a TensorProto holds: with its value when small, else with its shape alone.

    Raises:
        UsageError: a size is negative, or the data of a small constant is incomplete.
    """
    import onnx

    shape = tuple(proto.dims)
    if any(size < 0 for size in shape):
        raise UsageError(f"the constant '{name}' has a negative size: {list(shape)}")
    outside = proto.data_location == onnx.TensorProto.EXTERNAL
    value = None if outside else numbers(proto)
    learnt = proto.data_type not in (onnx.TensorProto.INT64, onnx.TensorProto.BOOL)  # axes, sizes and indices are not
    return Tensor(name, shape, value, learnt=learnt)


def numbers(tensor: Any) -> Any:  # noqa: ANN401
    """Return the exact value of a small constant; None for a large one, and for strings."""
    import onnx
    from onnx import numpy_helper

    if prod(tensor.dims) > MOST_NUMBERS or tensor.data_type == onnx.TensorProto.STRING:
        return None
    try:
        return exact(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, KeyError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"the constant '{tensor.name}' is not whole: {reason}") from None


def exact(array: Any) -> Any:  # noqa: ANN401
    """Return an object array of Python numbers: floats as the fractions of their shortest decimals."""
    import numpy as np

    if array.dtype.kind in "iub":
        return array.astype(object)
    if array.dtype.kind != "f" or array.size == 0:
        return None
    if (array == array.flat[0]).all():  # such as the ones and zeros that fill in for absent weights
        return np.full(array.shape, _fraction(array.flat[0]), dtype=object)
    if array.size > MOST_DECIMALS:
        return None
    out = np.empty(array.shape, dtype=object)
    for index, number in enumerate(array.flat):
        out.flat[index] = _fraction(number)
    return out


def _fraction(number: Any) -> Any:  # noqa: ANN401
    return Fraction(str(number)) if isfinite(number) else float(number)


def for_one_sample(shape: tuple[Size, ...]) -> tuple[Size, ...]:
    """Return the shape at a batch of 1."""
    return tuple(size if isinstance(size, int) else substitute_size(size, ONE) for size in shape)
