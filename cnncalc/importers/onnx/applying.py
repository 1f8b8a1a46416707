"""Applies the rules of PyTorch's operations to operators that say the same, so that both importers recognise the same.

A tensor may then lie in another order than its operator sees (`Tensor.order`): axes are moved, and the batch is folded
into another axis, without a layer, until an attention or the inverse moves show what they are for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.tensors import Tensor, for_one_sample
from cnncalc.importers.onnx.tracing import Tracing
from cnncalc.importers.pytorch.call import Call, Parts, Result
from cnncalc.importers.pytorch.hoisting import hoist
from cnncalc.importers.pytorch.materialized import materialize
from cnncalc.importers.pytorch.rules.learnt import by_itself
from cnncalc.importers.pytorch.translating import remember, translate
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Made, Sizes, Stored
from cnncalc.importers.pytorch.values import Tensor as Seen
from cnncalc.symbolic import Expr, Size

SUMS = {"Add": "add", "Sub": "sub", "Mul": "mul", "scale": "mul"}
VIEWS = frozenset({"Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Cast"})
MOST_STEPS = 64  # operators that compute a constant, each as often as it is read


class Applying:
    """What the rules know of the tensors of a model."""

    def __init__(self, trace: Tracing, ops: Sequence[Op], outputs: Iterable[str], held: Iterable[str]) -> None:
        self.trace, self._held = trace, frozenset(held)
        self._counts = Counter(name for op in ops for name in op.reads)
        self._counts.update(outputs)
        self._readers: dict[str, set[str]] = {}
        for op in ops:
            for name in op.reads:
                self._readers.setdefault(name, set()).add(SUMS.get(op.kind, op.kind))
        self._constants: dict[str, Constant] = {}  # those that are computed
        self._steps: dict[str, int] = {}  # how many operators compute them
        self._layers: dict[Constant, Seen] = {}

    def value(self, tensor: Tensor, merged: bool = False) -> Any:  # noqa: ANN401
        """A tensor as the rules have it: a number, a constant, or a layer's output in the order of its axes.

        `merged`: the axes before the last one may be apart where the operator sees one.

        Raises:
            Inexpressible: a size is a symbol, or the batch is not in front.
        """
        if tensor.constant:
            return self._number(tensor) if tensor.value is not None else self.constant(tensor)
        shape = self.trace.emission.shapes.get(tensor.node or "")
        seen = self.sizes(tensor.shape)
        if shape is None or tensor.axes or tensor.repeated or tensor.batch_axis != 0:
            raise Inexpressible
        order = tensor.order or tuple(range(len(shape) + 1))
        made = Seen(tensor.node or "", shape, order)
        if tensor.merged and merged:
            return made
        if made.seen(self.trace.emission.batch) != seen or not all(isinstance(size, int) for size in shape):
            raise Inexpressible
        return made

    def _number(self, tensor: Tensor) -> Any:  # noqa: ANN401
        value = tensor.value.flat[0] if tensor.value.size == 1 else None
        if isinstance(value, int | Fraction) and (tensor.number or not tensor.learnt):
            return value
        return self.constant(tensor)

    def sizes(self, shape: Sequence[Size] | None) -> Sizes:
        """The sizes for one image, or for as many as the model says; raises Inexpressible where one is a symbol."""
        sizes = for_one_sample(tuple(shape)) if shape is not None else (None,)
        if not all(isinstance(size, int) and size > 0 for size in sizes):
            raise Inexpressible
        return sizes  # type: ignore[return-value] # numbers all

    def constant(self, tensor: Tensor) -> Constant:
        """A tensor that no input enters: stored, computed from stored ones, or from nothing."""
        known = self._constants.get(tensor.name)
        if known is None:
            shape = self.sizes(tensor.shape)
            stored = (self._stored(tensor, shape),) if tensor.learnt or tensor.name in self._held else ()
            return Constant(shape, stored, bool(stored), self._image(tensor.shape))
        return known

    def sources(self, tensor: Tensor | None) -> tuple[Stored, ...]:
        """The tensors of the model that a constant is computed from; none for what flows."""
        try:
            return self.constant(tensor).sources if tensor is not None and tensor.constant else ()
        except Inexpressible:
            return ()

    def _image(self, shape: Sequence[Size] | None) -> int | None:
        """The axis along which a constant is the same for every image."""
        return 0 if shape and shape[0] in (1, self.trace.batch) else None

    def _stored(self, tensor: Tensor, shape: Sizes) -> Stored:
        """What a rule knows of a stored tensor; vectors that exporters merged belong to each module by itself."""
        matrix = sum(size != 1 for size in shape) > 1
        scope = self.trace.names.op.scope if self.trace.names.op and not matrix else ""
        return Stored(tensor.name, hash((tensor.name, scope)), shape, tensor.learnt and not tensor.number)

    def computed(self, op: Op, made: Tensor, call: tuple[str, Mapping[str, Any]] | None) -> None:
        """Note what an operator computes from constants alone."""
        try:
            shape = self.sizes(made.shape)
            given = [self.constant(tensor) for tensor in op.inputs if tensor is not None]
        except Inexpressible:
            return
        data = given[0] if given else None
        viewed = op.kind in VIEWS or (op.kind == "Expand" and data is not None and _is_repeated(data.shape, shape))
        read = given[:1] if op.kind in (*VIEWS, "Expand", "Slice") else given  # other inputs are axes and sizes
        sources = {stored.key: stored for each in read for stored in each.sources}
        whole = bool(viewed and data is not None and data.whole)
        steps = 1 + sum(self._steps.get(tensor.name, 0) for tensor in op.inputs if tensor is not None)
        self._steps[made.name] = min(steps, MOST_STEPS + 1)
        kept = Made(self.call(op, *call, shape)) if call and steps <= MOST_STEPS else None
        self._constants[made.name] = Constant(shape, tuple(sources.values()), whole, self._image(made.shape), kept)

    def call(self, op: Op, name: str, arguments: Mapping[str, Any], seen: Sizes) -> Call:
        """An operator as an operation of PyTorch."""
        return Call(
            op=name,
            arguments=arguments,
            seen=seen,
            path=op.scope,
            module=None,
            inplace=False,
            alone=self._counts[op.reads[0]] == 1,
            readers=frozenset(self._readers.get(op.makes[0], ())),
            emission=self.trace.emission,
            kept={},
        )

    def apply(self, op: Op, name: str, arguments: Mapping[str, Any], seen: Sizes) -> Result:
        """The result of an operation.

        Raises:
            Inexpressible: no rule says it.
        """
        call = self.call(op, name, arguments, seen)
        result = hoist(call, translate) or translate(call) or translate(call, self._with_layers) or materialize(call)
        if result is None:
            raise Inexpressible
        remember(call, result)
        return result

    def emit(self, op: Op, kind: str, arguments: Mapping[str, object], x: Seen, stored: Mapping[str, Stored]) -> Seen:
        """A layer that keeps the shape of its input; raises Inexpressible where it refuses that."""
        self.trace.emission.begin()
        try:
            return self.call(op, kind, {}, ()).emit(kind, arguments, [x], x.shape, x.order, stored)
        except Inexpressible:
            self.trace.emission.roll_back()
            raise

    def _with_layers(self, call: Call) -> Call:
        """The call with a layer for every tensor that is the same for all images."""
        data = [name for name in ("self", "other", "query", "key", "value", "mat2") if name in call.arguments]
        constants = {name: call[name] for name in data if isinstance(call[name], Constant)}
        if not constants or any(constant.repeated is None for constant in constants.values()):
            raise Inexpressible
        return replace(
            call,
            arguments={**call.arguments, **{name: self._layer_of(call, each) for name, each in constants.items()}},
        )

    def _layer_of(self, call: Call, constant: Constant) -> Seen:
        key = constant._replace(made=None)
        if key not in self._layers or self._layers[key].name not in self.trace.emission.nodes:
            self._layers[key] = by_itself(call, constant)
        return self._layers[key]

    def for_images(self, op: Op) -> Op | None:
        """An operator on constants, with layers for those that are repeated for every image; None where there are none.

        Only a batch of any size tells that a constant has an axis for it; views and repetitions need no layers.
        """
        repeated = {tensor.name: tensor for tensor in op.inputs if tensor is not None and self._is_for_images(tensor)}
        if not repeated or op.kind in (*VIEWS, "Expand", "Tile"):
            return None
        call = self.call(op, "", {}, ())
        try:
            made = {name: self._layer_of(call, self.constant(tensor)) for name, tensor in repeated.items()}
        except Inexpressible:
            return None
        layers = {
            name: replace(repeated[name], node=layer.name, order=None if layer.plain else layer.order)
            for name, layer in made.items()
        }
        return replace(op, inputs=tuple(tensor and layers.get(tensor.name, tensor) for tensor in op.inputs))

    def _is_for_images(self, tensor: Tensor) -> bool:
        if not isinstance(self.trace.batch, Expr) or not tensor.shape or tensor.shape[0] != self.trace.batch:
            return False
        return any(stored.learnt for stored in self.sources(tensor))

    def finish(self, op: Op, results: Sequence[Result], shapes: Sequence[Sequence[Size] | None]) -> list[Tensor]:
        """The outputs of an operator, given what the rules made.

        Raises:
            Inexpressible: a shape is not the operator's.
        """
        made = []
        for name, result, shape in zip(op.makes, results, shapes, strict=False):
            if not name:
                made.append(Tensor("", None))
                continue
            if not isinstance(result, Seen):
                raise Inexpressible
            before, after = result.seen(self.trace.emission.batch), self.sizes(shape)
            merged = len(before) > len(after) == 2 and (prod(before), before[-1]) == (prod(after), after[-1])
            if before != after and not merged:
                raise Inexpressible
            straight = result.plain and before == after and shape is not None and shape[0] == self.trace.batch
            order = None if straight else result.order
            tensor = Tensor(name, tuple(shape or ()), node=result.name, order=order, merged=before != after)
            if straight:
                self.trace.keep(tensor)
            made.append(tensor)
        return made

    def laid_out(self, op: Op, tensor: Tensor | None) -> Tensor | None:
        """A tensor with its axes in the order that the operator sees, the batch in front; as it is where that fails."""
        if tensor is None or tensor.order is None:
            return tensor
        call = self.call(op, "", {}, ())
        self.trace.emission.begin()
        try:
            made = call.arranged(self.value(tensor), None)
        except Inexpressible:
            self.trace.emission.roll_back()
            return tensor
        return replace(tensor, node=made.name, order=None if made.plain else made.order)


def _is_repeated(before: Sizes, after: Sizes) -> bool:
    """Whether an expansion only repeats a tensor for every image, or not at all."""
    return before == after or before[1:] == after[1:] or (1, *before) == after


def parts(result: Result) -> Parts:
    """The parts that a rule made; raises Inexpressible for anything else."""
    if not isinstance(result, Parts):
        raise Inexpressible
    return result
