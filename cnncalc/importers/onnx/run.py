"""One operator after the other: folded where it only says shapes, else a layer, else an unknown node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cnncalc.errors import UsageError
from cnncalc.importers.onnx.constants import constant_of
from cnncalc.importers.onnx.folding import fold, foldable
from cnncalc.importers.onnx.graph import operators, read_inside
from cnncalc.importers.onnx.inferred import Inferred
from cnncalc.importers.onnx.known import known_shapes
from cnncalc.importers.onnx.model import Model, opset_of
from cnncalc.importers.onnx.moving import MOVING
from cnncalc.importers.onnx.normalizing import NORMALIZING
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.pointwise import POINTWISE
from cnncalc.importers.onnx.resizing import RESIZING
from cnncalc.importers.onnx.sliding import SLIDING
from cnncalc.importers.onnx.tensors import Tensor, constants_of
from cnncalc.importers.onnx.tracing import Handler, Made, Tracing
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.importers.writing.words import has_weights
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size

HANDLERS: Mapping[str, Handler] = {**SLIDING, **NORMALIZING, **POINTWISE, **MOVING, **RESIZING}
DEEPEST = 16  # branches within branches
RECURRENT = frozenset({"LSTM", "GRU", "RNN"})
STATES = 5  # the first of their inputs that is a state to begin with


class Run:
    """The state of one reading."""

    def __init__(
        self, model: Model, ops: Sequence[Op], tensors: dict[str, Tensor], trace: Tracing, inferred: Inferred
    ) -> None:
        self.tensors, self.trace, self.inferred = tensors, trace, inferred
        self.unknown: dict[str, list[str]] = {}  # operator → why it is unknown
        self._opset = opset_of(model)
        self._used = {each.name for each in model.graph.output}
        self._used.update(name for op in ops for name in (*op.reads, *read_inside(op)))
        self._weighed: set[str] = set()
        self._owners: dict[tuple[object, ...], tuple[TracedNode, Sequence[Tensor]]] = {}
        self._depth = 0

    def step(self, op: Op) -> None:
        """One operator."""
        makes = tuple(name if name in self._used else "" for name in op.makes)
        op = replace(op, inputs=tuple(self.tensors.get(name) if name else None for name in op.reads), makes=makes)
        if op.kind == "If" and op.inputs and op.inputs[0] is not None and op.inputs[0].value is not None:
            self._branch(op, bool(op.inputs[0].value.flat[0]))
            return
        handed = op.optional(0) if op.kind == "Identity" else None
        if handed is not None and handed.constant:
            self.tensors[op.makes[0]] = replace(handed, name=op.makes[0])
            return
        held = None if op.reads else constant_of(op)
        if held is not None:
            self.tensors[op.makes[0]] = held
            return
        if foldable(op):
            try:
                value = fold(op)
            except UnsupportedError:
                pass
            else:
                self.tensors[op.makes[0]] = Tensor(op.makes[0], tuple(value.shape), value)
                return
        made = self._made(op)
        for name, tensor in zip(op.makes, [made] if isinstance(made, Tensor) else made, strict=False):
            if name:
                self.tensors[name] = tensor

    def _branch(self, op: Op, taken: bool) -> None:
        """The branch that a condition takes which is known: its operators in place of it."""
        graph = op.attributes.get("then_branch" if taken else "else_branch")
        if graph is None or self._depth >= DEEPEST:
            raise UsageError(f"If '{op.name}': a branch is missing, or nested too deeply")
        self._depth += 1
        self.tensors.update(constants_of(graph))
        inner = list(operators(graph, self._opset, self.tensors))
        self._used.update(name for each in inner for name in (*each.reads, *read_inside(each)))
        for each in inner:
            self.step(each)
        self._depth -= 1
        for name, output in zip(op.makes, graph.output, strict=False):
            if name and output.name in self.tensors:
                self.tensors[name] = self.tensors[output.name]

    def _made(self, op: Op) -> Made:
        if all(tensor is None or tensor.constant for tensor in op.inputs):
            learnt = any(tensor is not None and tensor.learnt and not tensor.number for tensor in op.inputs)
            shapes = self._shapes(op)
            return [Tensor(name, shape, learnt=learnt) for name, shape in zip(op.makes, shapes, strict=True)]
        if op.kind == "Identity" and op.inputs and op.inputs[0] is not None:
            return op.inputs[0]
        handler = HANDLERS.get(op.kind)
        before = len(self.trace.nodes)
        try:
            if handler is None:
                raise UnsupportedError("no equivalent layer")
            made = handler(op, self.trace)
            if isinstance(made, Tensor) and any(op.makes[1:]):
                raise UnsupportedError("more than its first output is read")
            self._share(op, before)
            return made
        except UnsupportedError as error:
            reason = str(error)
        except (ValueError, IndexError, TypeError, KeyError, AttributeError, ZeroDivisionError, OverflowError):
            reason = "its inputs and attributes do not match"
        del self.trace.nodes[before:]
        return self._unknown(op, reason)

    def _share(self, op: Op, before: int) -> None:
        """What reads the very constants that a layer before it reads uses its weights: a module that is called twice.

        Constants that an exporter has found to be equal it hands on by an Identity each: those are two. Vectors of
        another module are not taken for shared either: fresh ones are all ones or zeros, and exporters merge those.

        Raises:
            UnsupportedError: it reads the matrix of another layer, and a bias of its own, which no spec can say.
        """
        constants = [tensor for tensor in op.inputs if tensor is not None and tensor.constant]
        made = [index for index in range(before, len(self.trace.nodes)) if has_weights(self.trace.nodes[index].kind)]
        if not constants or len(made) != 1:
            return
        node = self.trace.nodes[made[0]]
        matrix = [tensor for tensor in constants if sum(size != 1 for size in tensor.shape or ()) > 1]
        key = (op.kind, node.kind, "" if matrix else op.scope, *map(id, constants))
        owner, _ = self._owners.setdefault(key, (node, constants))  # kept, so that no other gets its id
        if owner is not node and owner.weights == node.weights:
            self.trace.nodes[made[0]] = node._replace(shares=owner.name)
        elif any(tensor.name in self._weighed for tensor in matrix):
            raise UnsupportedError("it shares part of its weights with another layer")
        self._weighed.update(tensor.name for tensor in constants)

    def _unknown(self, op: Op, reason: str) -> Made:
        shapes = self._shapes(op)
        if not shapes:
            raise UsageError(f"{op.kind} '{op.name}' has no output")
        self.unknown.setdefault(op.kind, []).append(reason)
        try:
            return self.trace.unknown(op, shapes, self._weights(op))
        except UnsupportedError as error:
            raise UsageError(f"{op.kind} '{op.name}': {reason}, and {error}") from None

    def _shapes(self, op: Op) -> list[tuple[Size, ...] | None]:
        """The shapes of its outputs: by a rule of ours, which knows symbols, else by ONNX's own inference."""
        known = known_shapes(op)
        return [
            (known[index] if index < len(known) else None) or (self.inferred.shape(name) if name else None)
            for index, name in enumerate(op.makes)
        ]

    def _weights(self, op: Op) -> int:
        """How many elements an operator is the first to learn: its constants, but for fixed numbers and zero states."""
        read = op.inputs[:STATES] if op.kind in RECURRENT else op.inputs
        states = [t for t in op.inputs[STATES:] if t is not None and not t.spelt_out(0)] if op.kind in RECURRENT else []
        own = [
            t
            for t in (*read, *states)
            if t is not None and t.learnt and t.name not in self._weighed and t.shape is not None and not t.number
        ]
        self._weighed.update(tensor.name for tensor in own)
        sizes = (numel(tensor.shape or ()) for tensor in own)
        return sum(size for size in sizes if isinstance(size, int))

    def warnings(self) -> Iterator[str]:
        """A sentence on all that no layer here expresses, and what is written otherwise."""
        yield from self.trace.notes
        if self.unknown:
            number = sum(len(reasons) for reasons in self.unknown.values())
            said = ", ".join(f"{len(reasons)} {kind} ({reasons[0]})" for kind, reasons in sorted(self.unknown.items()))
            yield f'{number} of {len(self.trace.nodes)} layers are {UNKNOWN}, totals over them read "at least": {said}'
