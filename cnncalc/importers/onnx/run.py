"""Traces operators one by one: folds shape arithmetic, else emits a layer, else an `unknown` node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from cnncalc.errors import UsageError
from cnncalc.importers.onnx.applying import VIEWS, Applying
from cnncalc.importers.onnx.circular import circular_pad, roll
from cnncalc.importers.onnx.constants import constant_of
from cnncalc.importers.onnx.folding import fold, foldable
from cnncalc.importers.onnx.graph import operators, read_for_conditions, read_inside
from cnncalc.importers.onnx.inferred import Inferred
from cnncalc.importers.onnx.known import known_shapes
from cnncalc.importers.onnx.model import Model, opset_of
from cnncalc.importers.onnx.moving import MOVING
from cnncalc.importers.onnx.normalizing import NORMALIZING
from cnncalc.importers.onnx.operations import constant_call, say
from cnncalc.importers.onnx.operators import MALFORMED, Op, UnsupportedError
from cnncalc.importers.onnx.pointwise import POINTWISE
from cnncalc.importers.onnx.quantized import QUANTIZED
from cnncalc.importers.onnx.recurrent import RECURRENT as SEQUENTIAL
from cnncalc.importers.onnx.recurrent import TURNED
from cnncalc.importers.onnx.resizing import RESIZING
from cnncalc.importers.onnx.sampling import SAMPLING
from cnncalc.importers.onnx.sliding import SLIDING
from cnncalc.importers.onnx.tensors import Tensor, constants_of
from cnncalc.importers.onnx.tracing import Handler, Made, Tracing
from cnncalc.importers.pytorch.values import Inexpressible
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.importers.writing.words import has_weights
from cnncalc.limits import DEEPEST_BRANCHES
from cnncalc.symbolic import Size

TABLES = (
    SLIDING,
    NORMALIZING,
    POINTWISE,
    MOVING,
    RESIZING,
    SAMPLING,
    QUANTIZED,
    {"wrapped": circular_pad, "rolled": roll},
)
HANDLERS: Mapping[str, Handler] = {kind: handler for table in TABLES for kind, handler in table.items()}
RECURRENT = frozenset({"LSTM", "GRU", "RNN", "com.microsoft.DynamicQuantizeLSTM"})
STATES = 5  # index of the first input that holds an initial state


class Run:
    """The state of one import."""

    def __init__(
        self, model: Model, ops: Sequence[Op], tensors: dict[str, Tensor], trace: Tracing, inferred: Inferred
    ) -> None:
        self.tensors, self.trace, self.inferred = tensors, trace, inferred
        self.unknown: dict[str, list[str]] = {}  # operator → the reasons why it is unknown
        self._opset = opset_of(model)
        self._used = {each.name for each in model.graph.output}
        self._used.update(name for op in ops for name in (*op.reads, *read_inside(op)))
        self._sequences = {op.reads[0] for op in ops if op.kind in SEQUENTIAL}
        self._undecided: list[str] = []  # names of If operators
        self._conditions = read_for_conditions(ops, (each.name for each in model.graph.output))
        self._counted: set[str] = set()
        self._noted = 0  # the layers of the rules whose weights are counted
        self._applying = Applying(trace, ops, (each.name for each in model.graph.output), tensors)
        self._owners: dict[tuple[object, ...], tuple[TracedNode, Sequence[Tensor]]] = {}
        self._depth = 0

    def step(self, op: Op) -> None:
        """Trace one operator."""
        makes = tuple(name if name in self._used else "" for name in op.makes)
        op = replace(op, inputs=tuple(self.tensors.get(name) if name else None for name in op.reads), makes=makes)
        if op.kind == "If" and op.inputs and op.inputs[0] is not None:
            condition = op.inputs[0].value
            if condition is None:
                self._undecided.append(op.name)
            self._branch(op, condition is None or bool(condition.flat[0]))
            return
        passed = op.optional(0) if op.kind == "Identity" else None
        if passed is not None and passed.constant:
            self.tensors[op.makes[0]] = replace(passed, name=op.makes[0])
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
                learnt = any(tensor is not None and tensor.learnt and not tensor.number for tensor in op.inputs)
                folded = Tensor(op.makes[0], tuple(value.shape), value, learnt=learnt and op.kind in (*VIEWS, "Expand"))
                self.tensors[op.makes[0]] = folded
                if folded.learnt or (op.kind in VIEWS and self._applying.sources(op.optional(0))):
                    self._note(op, folded)
                return
        if self._conditions.issuperset(op.makes) and any(op.makes):
            self.tensors.update((name, Tensor(name, None)) for name in op.makes)
            return
        made = self._trace(op)
        for name, tensor in zip(op.makes, [made] if isinstance(made, Tensor) else made, strict=False):
            if name:
                self.tensors[name] = tensor

    def _branch(self, op: Op, taken: bool) -> None:
        """Trace the operators of the branch that a constant condition selects, in place of the `If`."""
        graph = op.attributes.get("then_branch" if taken else "else_branch")
        if graph is None:
            raise UsageError(f"If '{op.name}': a branch is missing")
        if self._depth >= DEEPEST_BRANCHES:
            raise UsageError(f"If '{op.name}': branches nested more than {DEEPEST_BRANCHES} deep")
        self._depth += 1
        self.tensors.update(constants_of(graph))
        inner = list(operators(graph, self._opset, self.tensors))
        self._conditions |= read_for_conditions(inner, (output.name for output in graph.output))
        self._used.update(name for each in inner for name in (*each.reads, *read_inside(each)))
        for each in inner:
            self.step(each)
        self._depth -= 1
        for name, output in zip(op.makes, graph.output, strict=False):
            if name and output.name in self.tensors:
                self.tensors[name] = self.tensors[output.name]

    def _trace(self, op: Op) -> Made:
        if all(tensor is None or tensor.constant for tensor in op.inputs):
            learnt = any(tensor is not None and tensor.learnt and not tensor.number for tensor in op.inputs)
            said = self._say_for_images(op) if learnt else None
            if said is not None:
                return said
            shapes = self._shapes(op)
            computed = learnt and not (op.kind in (*VIEWS, "Expand") and not op.tensor(0).computed)
            both = zip(op.makes, shapes, strict=True)
            held = [Tensor(name, shape, learnt=learnt, computed=computed) for name, shape in both]
            if len(held) == 1:
                self._note(op, held[0])
            return held
        if op.kind == "Identity" and op.inputs and op.inputs[0] is not None:
            return op.inputs[0]
        turned = self._is_turned(op)
        said = None if turned else self._say(op)
        if said is not None:
            return said
        op = replace(op, inputs=tuple(self._applying.laid_out(op, tensor) for tensor in op.inputs))
        handler = TURNED.get(op.kind) if turned else HANDLERS.get(op.kind)
        before = len(self.trace.nodes)
        self.trace.begin(op)
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
        except MALFORMED:
            reason = "its inputs and attributes do not match"
        self.trace.emission.roll_back()
        return self._unknown(op, reason)

    def _say_for_images(self, op: Op) -> list[Tensor] | None:
        """The outputs of an operator on constants of which some are repeated for every image; None for any other."""
        self.trace.begin(op)
        layered = self._applying.for_images(op)
        return None if layered is None else self._say(layered)

    def _say(self, op: Op) -> list[Tensor] | None:
        """Return the outputs of an operator that says an operation of PyTorch; None where no rule applies."""
        self.trace.begin(op)
        known = known_shapes(op)
        try:
            results = say(op, self._applying, known)
            several = results is not None and any(op.makes[len(results) :])
            made = None if results is None or several else self._applying.finish(op, results, known)
        except (Inexpressible, UnsupportedError, *MALFORMED):
            made = None
        if made is None:
            self.trace.emission.roll_back()
            return None
        stored = self.trace.emission.stored
        for weights in islice(reversed(stored.values()), len(stored) - self._noted):
            self._counted.update(tensor.name for tensor in weights.values())
        self._noted = len(stored)
        return made

    def _note(self, op: Op, made: Tensor) -> None:
        """Note how a constant is computed, for the rules."""
        self.trace.begin(op)
        self._applying.computed(op, made, constant_call(op, self._applying))

    def plain(self, name: str) -> Tensor | None:
        """Return a tensor with its batch in front and its axes in order, if need be by an `unknown` layer."""
        tensor = self.tensors.get(name)
        if tensor is None or tensor.order is None:
            return tensor
        op = Op("Transpose", "", (name,), (name,), inputs=(tensor,))
        self.trace.begin(op)
        made = self._applying.laid_out(op, tensor) or tensor
        if made.order is not None and made.order[0] < 0 and self.trace.emission.batch == 1:
            made = replace(made, order=None)  # every sample has its own rows
        if made.order is not None:
            self.unknown.setdefault(op.kind, []).append("it moves the batch")
            (made,) = self.trace.unknown(replace(op, inputs=(made,)), [tensor.shape], 0)
        self.tensors[name] = made
        return made

    def _is_turned(self, op: Op) -> bool:
        """Whether an operator sees the steps of a sequence before the batch, for or after a recurrent layer."""
        turned = any(tensor is not None and tensor.axes is not None for tensor in op.inputs)
        return turned or (op.kind == "Transpose" and op.makes[0] in self._sequences) or op.kind in SEQUENTIAL

    def _share(self, op: Op, before: int) -> None:
        """Mark a layer that reads the same constants as an earlier one as sharing its weights: a module called twice.

        Equal constants that an exporter merged pass through one Identity each and are not shared. Nor are vectors of
        another module: freshly initialized ones are all ones or zeros, and exporters merge those too.

        Raises:
            UnsupportedError: it reads another layer's matrix with a bias of its own, which a spec cannot express.
        """
        constants = [tensor for tensor in op.inputs if tensor is not None and tensor.constant]
        made = [index for index in range(before, len(self.trace.nodes)) if has_weights(self.trace.nodes[index].kind)]
        if not constants or len(made) != 1:
            return
        node = self.trace.nodes[made[0]]
        matrix = [tensor for tensor in constants if sum(size != 1 for size in tensor.shape or ()) > 1]
        key = (op.kind, node.kind, "" if matrix else op.scope, *map(id, constants))
        owner, _ = self._owners.setdefault(key, (node, constants))  # kept alive, so that its id is not reused
        if owner is not node and owner.weights == node.weights:
            self.trace.emission.nodes[node.name] = node._replace(shares=owner.name)
        elif any(tensor.name in self._counted for tensor in matrix):
            raise UnsupportedError("it shares part of its weights with another layer")
        self._counted.update(tensor.name for tensor in constants)

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
        """Return the shapes of the outputs: from our rules, which handle symbols, else from ONNX's inference."""
        known = known_shapes(op)
        return [
            (known[index] if index < len(known) else None) or (self.inferred.shape(name) if name else None)
            for index, name in enumerate(op.makes)
        ]

    def _weights(self, op: Op) -> int:
        """Return the numel of the weights that no earlier operator read, without fixed numbers and zero states."""
        read = op.inputs[:STATES] if op.kind in RECURRENT else op.inputs
        later = op.inputs[STATES : STATES + 3] if op.kind in RECURRENT else ()
        states = [t for t in later if t is not None and not t.spelt_out(0)]
        sources = (stored for tensor in (*read, *states) for stored in self._applying.sources(tensor))
        own = {stored.name: stored.numel for stored in sources if stored.learnt and stored.name not in self._counted}
        self._counted.update(own)
        return sum(own.values())

    def warnings(self) -> Iterator[str]:
        """Yield the notes, and a sentence about the operators that became `unknown`."""
        yield from self.trace.notes
        if self._undecided:
            names = ", ".join(name or "one without a name" for name in self._undecided[:3])
            more = f" and {len(self._undecided) - 3} more" if len(self._undecided) > 3 else ""
            yield f"the then-branch is taken where the condition of an If is not known: {names}{more}"
        if self.unknown:
            number = sum(len(reasons) for reasons in self.unknown.values())
            kinds = ", ".join(f"{len(reasons)} {kind} ({reasons[0]})" for kind, reasons in sorted(self.unknown.items()))
            yield f'{number} of {len(self.trace.nodes)} layers are {UNKNOWN}, totals over them read "at least": {kinds}'
