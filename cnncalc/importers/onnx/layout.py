"""Rewrites models with channels-last feature maps, as converters of TensorFlow and Keras write them, to channels first.

Such a model transposes its input before a convolution and back after it. The operators are rewritten for an input that
is channels first: each transpose moves down past operators that do not depend on the order of axes until it meets its
inverse, an output, or an operator that does depend on the order, and stays in front of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cnncalc.importers.onnx.constants import constant_of
from cnncalc.importers.onnx.graph import read_inside
from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.reordering import MOVED, array_of
from cnncalc.importers.onnx.tensors import Tensor

POINTWISE = frozenset(
    {"Abs", "Cast", "Ceil", "Celu", "Clip", "Cos", "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid"}
    | {"HardSwish", "Identity", "LeakyRelu", "Log", "Mish", "Neg", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid"}
    | {"Sin", "Softplus", "Softsign", "Sqrt", "Tanh", "ThresholdedRelu"}
)
JOINED = frozenset({"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "PRelu"})
CHANNELS_FIRST = frozenset(
    {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "BatchNormalization", "GlobalAveragePool"}
)
FIRST, LAST = ":channels_first", ":channels_last"


def to_last(rank: int) -> list[int]:
    """Return the permutation from channels first to channels last: [0, 2, 3, 1] for rank 4."""
    return [0, *range(2, rank), 1]


def to_first(rank: int) -> list[int]:
    """Return the inverse permutation: [0, 3, 1, 2] for rank 4."""
    return [0, rank - 1, *range(1, rank - 1)]


def channels_last_inputs(ops: Sequence[Op], inputs: Mapping[str, Tensor], outputs: Iterable[str]) -> list[str]:
    """Return the names of the channels-last inputs: past elementwise operators, only transposes to the front read them.

    At least one such transpose feeds an operator that is channels first in every model, such as a convolution.
    """
    readers: dict[str, list[Op]] = {}
    for op in ops:
        for name in op.reads:
            readers.setdefault(name, []).append(op)
    left = set(outputs)
    names = []
    for name, tensor in inputs.items():
        rank = len(tensor.shape or ())
        found_readers = list(_readers(name, readers, left)) if rank >= 3 else [None]
        behind = {reader.kind for op in found_readers if op for made in op.makes for reader in readers.get(made, ())}
        if all(_is_to_first(op, rank) for op in found_readers) and behind & CHANNELS_FIRST:
            names.append(name)
    return names


def _readers(name: str, readers: Mapping[str, Sequence[Op]], outputs: set[str]) -> Iterator[Op | None]:
    """Yield the readers of a tensor past elementwise operators and joins; None where it is an output or unused."""
    waiting, seen = [name], {name}
    while waiting:
        at = waiting.pop()
        if at in outputs or at not in readers:
            yield None
        for op in readers.get(at, ()):
            if op.kind in POINTWISE or (op.kind in JOINED and len(op.reads) == 2 and op.reads[0] != op.reads[1]):
                waiting += [made for made in op.makes[:1] if made not in seen]
                seen.update(op.makes[:1])
            elif op.kind not in ("Shape", "Size"):
                yield op


def _is_to_first(op: Op | None, rank: int) -> bool:
    return op is not None and op.kind == "Transpose" and op.attributes.get("perm") == to_first(rank)


def _is_to_last(op: Op) -> bool:
    order = op.whole("perm", ())
    return len(order) >= 3 and order == to_last(len(order)) and len(op.reads) == len(op.makes) == 1


def to_channels_first(
    ops: Sequence[Op], inputs: Mapping[str, Tensor], constants: dict[str, Tensor], outputs: Iterable[str]
) -> tuple[list[Op], dict[str, Tensor], list[str]]:
    """Return the operators and the inputs with channels first, and the names of the inputs that were channels last.

    The operators read such an input under its name plus `FIRST`; transposed constants are added to `constants`.
    """
    names = channels_last_inputs(ops, inputs, outputs)
    if not names or any(True for op in ops for _ in read_inside(op)):
        return list(ops), dict(inputs), []
    first = dict(inputs)
    for name in names:
        shape = inputs[name].shape or ()
        first[name] = replace(inputs[name], shape=tuple(shape[axis] for axis in to_first(len(shape))))
    rewriter = _Rewriter(constants, {name: (name + FIRST, len(first[name].shape or ())) for name in names})
    for op in ops:
        rewriter.step(op)
    rewriter.finish(outputs)
    return rewriter.ops, first, names


class _Rewriter:
    """Rewrites operator by operator."""

    def __init__(self, constants: dict[str, Tensor], first: dict[str, tuple[str, int]]) -> None:
        self.ops: list[Op] = []
        self._constants = constants
        self._first = first  # channels-last tensor → its channels-first counterpart, and the rank
        self._alias: dict[str, str] = {}
        self._laid: set[str] = set()  # tensors already transposed back by an inserted operator

    def step(self, op: Op) -> None:
        """Rewrite one operator: convert it, cancel it, or keep it with transposes in front."""
        op = replace(op, reads=tuple(self._alias.get(name, name) for name in op.reads))
        held = None if op.reads else constant_of(op)
        if held is not None:
            self._constants.setdefault(op.makes[0], held)
        ranks = {self._first[name][1] for name in op.reads if name in self._first}
        if not ranks and op.kind == "Transpose" and _is_to_last(op):
            self._first[op.makes[0]] = (op.reads[0], len(op.whole("perm", ())))
            return
        if len(ranks) != 1:
            self.ops.append(self._keep(op))
            return
        (rank,) = ranks
        if op.kind == "Transpose" and op.attributes.get("perm") == to_first(rank):
            self._alias[op.makes[0]] = self._first[op.reads[0]][0]
        elif op.kind == "Shape" and not op.attributes.keys() & {"start", "end"}:
            self._shape(op, rank)
        elif (moved := self._convert(op, rank)) is not None:
            self.ops.append(moved)
        else:
            self.ops.append(self._keep(op))

    def finish(self, outputs: Iterable[str]) -> None:
        """Give the outputs their own names, channels first."""
        for name in outputs:
            source = self._first[name][0] if name in self._first else self._alias.get(name)
            if source is not None:
                self.ops.append(Op("Identity", "", (source,), (name,)))

    def _convert(self, op: Op, rank: int) -> Op | None:
        """Return the operator on channels-first tensors; None when it depends on the order of axes."""
        reads = []
        for index, name in enumerate(op.reads):
            if name in self._first:
                reads.append(self._first[name][0])
            elif op.kind in JOINED:
                laid = self._constant(name, rank)
                if laid is None:
                    return None
                reads.append(laid)
            elif op.kind == "Concat" or index == 0:
                return None
            else:
                reads.append(name)
        if op.kind in POINTWISE or op.kind in JOINED:
            attributes, stays = op.attributes, True
        elif op.kind in MOVED:
            changed = MOVED[op.kind](op, self._constants, rank)
            if changed is None:
                return None
            attributes, reads, stays = changed.attributes, [reads[0], *changed.reads], changed.stays
            if op.kind == "Concat":
                reads = [self._first[name][0] for name in op.reads]
        else:
            return None
        if stays:
            self._first[op.makes[0]] = (op.makes[0] + FIRST, rank)
            return replace(op, reads=tuple(reads), makes=(op.makes[0] + FIRST, *op.makes[1:]), attributes=attributes)
        return replace(op, reads=tuple(reads), attributes=attributes)

    def _constant(self, name: str, rank: int) -> str | None:
        """Return the name of a constant transposed for channels-first feature maps; None when it is not a constant."""
        names = self._constants.get(name)
        if names is None or names.shape is None or len(names.shape) > rank:
            return None
        if all(size == 1 for size in names.shape):
            return name
        laid = name + FIRST
        ones = (1,) * (rank - len(names.shape))
        order = to_first(rank)
        shape = tuple((*ones, *names.shape)[axis] for axis in order)
        value = None if names.value is None else names.value.reshape((*ones, *names.value.shape)).transpose(order)
        self._constants[laid] = replace(names, name=laid, shape=shape, value=value)
        return laid

    def _shape(self, op: Op, rank: int) -> None:
        """Rewrite a Shape to return the sizes in the order that the model expects."""
        sizes, order = op.makes[0] + FIRST, f"order of {rank} axes"
        self._constants[order] = Tensor(order, (rank,), array_of(to_last(rank)))
        self.ops.append(replace(op, reads=(self._first[op.reads[0]][0],), makes=(sizes,)))
        self.ops.append(Op("Gather", op.name, (sizes, order), op.makes, {"axis": 0}))

    def _keep(self, op: Op) -> Op:
        """Return the operator unchanged, with its inputs transposed back to channels last."""
        reads = []
        for name in op.reads:
            if name in self._first:
                source, rank = self._first[name]
                if name + LAST not in self._laid:
                    self._laid.add(name + LAST)
                    self.ops.append(Op("Transpose", "", (source,), (name + LAST,), {"perm": to_last(rank)}))
                name += LAST
            reads.append(name)
        return replace(op, reads=tuple(reads))
