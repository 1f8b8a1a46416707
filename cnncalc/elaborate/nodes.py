"""The nodes of one expansion: each layer inferred at its place, with its own or shared weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from cnncalc.document.types import Block, Document, LayerCall, Reference, Template
from cnncalc.elaborate.frame import Frame
from cnncalc.elaborate.inference import NOTHING_GIVEN, Given, Inference, fault
from cnncalc.elaborate.names import Names, Place, Tensors
from cnncalc.elaborate.scope import Scope
from cnncalc.errors import Fault, LayerError, LibrarySource, Span, SpecError
from cnncalc.graph import Condition, Manner, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.layers.layer import Layer, Shape, Weights, text
from cnncalc.suggest import suggest

_NOWHERE = nullcontext()
NO_SPANS: Mapping[str, Template] = {}


class Nodes:
    """The nodes so far, and the shapes of all tensors."""

    def __init__(self, document: Document, inputs: dict[str, Shape], scope: Scope, names: Names) -> None:
        self.shapes: dict[str, Shape] = dict(inputs)
        self.nodes: dict[str, Node] = {}
        self.emitted: list[Node] = []  # the same, in order
        self.conditions: list[Condition] = []
        self.inference = Inference.of(document)
        self._further_shapes: dict[str, Mapping[str, Shape]] = {}  # node → its further outputs, if it has any
        self._further: dict[str, None] = {}  # further outputs that are read, as nodes
        self.training = False  # whether the walk is inside a training head
        self.frozen = False  # whether an enclosing item is frozen
        self.called: Span | None = None  # where the enclosing block of this package is called
        self._given: Callable[[str, Shape | None], Given] = lambda kind, shape: NOTHING_GIVEN
        if document.defaults:
            from cnncalc.elaborate.defaults import Defaults

            self._given = Defaults(document.defaults, scope).of
        self._inputs = inputs
        self._names = names
        self._budget = scope.budget

    def rank(self, tensors: Tensors) -> int | None:
        """The number of spatial axes of the first tensor; None if there is none."""
        return len(self.shapes[tensors[0]]) - 1 if tensors else None

    def in_order(self) -> tuple[Node, ...]:
        """All nodes, with further outputs directly after the layer that computes them."""
        if not self._further:
            return tuple(self.nodes.values())
        main = [node for name, node in self.nodes.items() if name not in self._further]
        behind = {node.name: [] for node in main}  # type: dict[str, list[Node]]
        for name in self._further:
            behind[self.nodes[name].inputs[0]].append(self.nodes[name])
        return tuple(each for node in main for each in (node, *behind[node.name]))

    def calling(self, block: Block, span: Span) -> AbstractContextManager[None]:
        """The context in which the layers and faults of a block have the place of its call, if it is this package's."""
        own = self.called is None and isinstance(block.span.source, LibrarySource)
        return self._calling(span) if own else _NOWHERE

    @contextmanager
    def _calling(self, span: Span) -> Iterator[None]:
        self.called = span
        try:
            yield
        except SpecError as error:
            raise SpecError(_moved(each, span) for each in error.faults) from None
        finally:
            self.called = None

    def make_layer(self, call: LayerCall, scope: Scope, place: Place, entering: Tensors, shared: Node | None) -> Layer:
        """The descriptor of a call: its own fields, or those of the layer whose weights it shares."""
        if shared is None or call.arguments or call.references:
            names = {name: self._names.interpolate_reference(given, scope) for name, given in call.references.items()}
            given = self._given(call.kind, self.shapes[entering[0]] if entering else None)
            return self.inference.layer(call, scope, names, self.rank(entering), place.full, place.span, given)
        if shared.kind != call.kind:
            hint = f"write out the fields of {call.kind}, if its weights have the same shapes"
            message = f"{place.full}: cannot share everything with {shared.name}, which is a {shared.kind}"
            raise SpecError([Fault(message, place.span, hint)])
        return shared.layer

    def emit(
        self,
        place: Place,
        layer: Layer,
        entering: Tensors,
        shared: Node | None = None,
        written: Mapping[str, Template] = NO_SPANS,
        joined_by: str = "",
        manner: Manner | None = None,
    ) -> str:
        """Infer a layer at its place and add it to the graph.

        `written` gives the places of its fields, `joined_by` what joins its inputs: see `refusals.add_context`.
        `manner` is how the source code writes the layer.
        """
        frame, _, full, span = place
        self._budget.node(len(self.nodes), full, len(entering), span)
        shapes = tuple([self.shapes[tensor] for tensor in entering])
        try:
            inferred = self.inference.infer(layer, shapes)
        except LayerError as error:
            template = written.get(error.field or "")
            from cnncalc.elaborate.refusals import add_context

            error = add_context(error, layer, entering, shapes, self._inputs, joined_by)
            raise fault(full, error, template.span if template else span) from None
        shapes, output, weights, buffers, further, conditions = inferred
        shares = None
        if weights or buffers:
            shared = shared or (self._counterpart(place) if frame.shares else None)
            shares = _owner(shared, {**weights, **buffers}, place) if shared else None
        if conditions:
            self.conditions.extend(Condition(relation, why, full) for relation, why in conditions)
        self.shapes[full] = output
        if further:
            self._further_shapes[full] = further
        self.nodes[full] = node = Node(
            full, layer, entering, shapes, output, weights, buffers, shares, self.frozen, self.training,
            manner, self.called or span,
        )  # fmt: skip
        self.emitted.append(node)
        self._names.define(place, full)
        return full

    def further(self, tensor: str, output: str, span: Span) -> str | None:
        """The node of a further output, created when it is first read; None if the layer has no further outputs.

        Raises:
            SpecError: the layer has further outputs, but not this one.
        """
        outputs = self._further_shapes.get(tensor)
        if outputs is None:
            return None
        if output not in outputs:
            has = f"{tensor} has the outputs {', '.join(outputs)}"
            raise SpecError([Fault(f"{tensor} has no output '{output}'", span, suggest(output, outputs, has))])
        full = f"{tensor}.{output}"
        if full not in self.nodes:
            before = self.nodes[tensor]
            self._budget.node(len(self.nodes), full, 0, span)
            layer = FurtherOutput(name=output, shape=outputs[output])
            self.shapes[full] = outputs[output]
            self.nodes[full] = Node(
                full, layer, (tensor,), (before.output,), outputs[output], {}, {}, training=before.training, span=span
            )
            self.emitted.append(self.nodes[full])
            self._further[full] = None
        return full

    def forget_after(self, count: int) -> None:
        """Drop the further outputs that were read since there were this many nodes, by an item that is left out."""
        while len(self.emitted) > count:
            name = self.emitted.pop().name
            del self.nodes[name], self.shapes[name], self._further[name]

    def crop(self, frame: Frame, span: Span, tensor: str, like: str) -> str:
        """Add a crop of one tensor to the size of another, as a separate layer."""
        self._names.outermost = 0  # the layer says the full name of a tensor
        layer = self.inference.make("crop", {"like": like}, self.rank((like,)), "crop", span, {})
        name = frame.ordinal("crop")
        frame.claim(name, span)
        return self.emit(Place(frame, name, frame.full(name), span), layer, (tensor, like))

    def shared(self, share: Reference | None, scope: Scope, frame: Frame) -> Node | None:
        """The node that `share` names."""
        if share is None:
            return None
        name = self._names.resolve_one(share, scope, frame, "share")
        node = self.nodes.get(name)
        if node is None or not (node.weights or node.buffers):
            what = f", a {node.kind}," if node else ""
            raise SpecError([Fault(f"'{share.text}'{what} has no weights to share", share.span)])
        return node

    def _counterpart(self, place: Place) -> Node | None:
        """The node at the same place in the instance whose weights this frame shares."""
        shares = place.frame.shares
        return self.nodes.get(shares.tensors.get(place.name, "")) if shares else None


def _moved(fault: Fault, span: Span) -> Fault:
    """The fault at another place, if it is in a text of this package."""
    return fault._replace(span=span) if fault.span and isinstance(fault.span.source, LibrarySource) else fault


def _owner(shared: Node, weights: Weights, place: Place) -> str:
    """The name of the node that owns the shared weights and buffers, whose shapes must match."""
    there = {**shared.weights, **shared.buffers}
    if there != weights:
        message = f"{place.full}: cannot share the weights of {shared.name}: {_format_weights(there)} there, "
        hint = "shared weights need the same input channels and the same fields that determine their shape"
        raise SpecError([Fault(message + f"{_format_weights(weights)} here", place.span, hint)])
    return shared.shares or shared.name


def _format_weights(weights: Weights) -> str:
    return ", ".join(f"{name} {text(shape)}" for name, shape in weights.items()) or "none"
