"""Document → Graph in one walk: blocks and repeats are expanded where they stand, since expansion needs `in_channels`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.document.reader import NAME
from cnncalc.document.types import BlockCall, Branches, Document, Group, Item, LayerCall, Reference, Residual, Template
from cnncalc.elaborate.frame import Frame, pattern, unknown
from cnncalc.elaborate.inference import Inference, fault, joined
from cnncalc.elaborate.limits import Budget
from cnncalc.elaborate.scope import Scope, undecided, value_of
from cnncalc.errors import ExpressionError, Fault, LayerError, Span, SpecError
from cnncalc.expression import interpolate
from cnncalc.graph import Condition, Node
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer, Shape
from cnncalc.layers.merge import Add
from cnncalc.layers.resizing import Crop
from cnncalc.symbolic import Expr, Relation

Tensors = tuple[str, ...]


class Walk:
    """The state of one expansion: the nodes so far, and the names and shapes of all tensors."""

    def __init__(self, document: Document, scope: Scope, inputs: dict[str, Shape]) -> None:
        self.document = document
        self.scope = scope  # the spec's parameters: what every block sees
        self.top = Frame("", None)
        self.shapes: dict[str, Shape] = dict(inputs)
        self.nodes: dict[str, Node] = {}
        self.conditions: list[Condition] = []
        self.inference = Inference()
        self.budget = Budget()
        self.training = False
        self.named: dict[str, str] = dict.fromkeys(inputs, "")  # every full name in the order of definition → tensor
        for name in inputs:
            self.top.tensors[name] = self.named[name] = name

    def items(self, items: tuple[Item, ...], scope: Scope, frame: Frame, running: Tensors) -> Tensors:
        """Run through a list of items; what leaves the last one leaves the list."""
        for item in items:
            running = self.item(item, scope, frame, running)
        return running

    def item(self, item: Item, scope: Scope, frame: Frame, running: Tensors) -> Tensors:
        """One item with its modifiers: `from`, then `when`, then `repeat`."""
        self.budget.visit(item.span)
        entering = self.sources(item, scope, frame) if item.source else running
        scope.shape = self.shapes[entering[0]] if entering else None
        if item.when is not None and not self.truth(item.when, scope, "when"):
            return running
        if item.repeat is None:
            return self.once(item, scope, frame, entering, None)
        for index, bound in enumerate(self.turns(item, scope)):
            inner = scope.with_values(bound)
            inner.shape = self.shapes[entering[0]] if entering else None
            entering = self.once(item, inner, frame, entering, index)
        return entering

    def once(self, item: Item, scope: Scope, frame: Frame, entering: Tensors, index: int | None) -> Tensors:
        """One turn of an item."""
        if not entering:
            hint = f"say which, as in 'from: {next(iter(self.document.inputs), 'a')}'"
            raise SpecError([Fault("the network has several inputs", item.span, hint)])
        body = item.body
        frozen = item.frozen is not None and self.truth(item.frozen, scope, "frozen")
        if isinstance(body, LayerCall):
            return self.layer(item, body, scope, frame, entering, index, frozen)
        self.budget.enter(item.span)
        try:
            if isinstance(body, BlockCall):
                return self.block(item, body, scope, frame, entering, index, frozen)
            if isinstance(body, Group):
                return self.group(item, body, scope, frame, entering, index, frozen)
            if isinstance(body, Residual):
                return self.residual(item, body, scope, frame, entering, index)
            return self.branches(item, body, scope, frame, entering, index)
        finally:
            self.budget.leave()

    # --- names -------------------------------------------------------------------------------------------------------

    def place(self, item: Item, kind: str, scope: Scope, frame: Frame, index: int | None) -> tuple[Frame, str]:
        """The frame and the name of an item: given, or its kind and ordinal; a repeat under one name is a level."""
        ordinal = frame.ordinal(kind)
        if item.name is None:
            return frame, ordinal
        name = self.interpolated(item.name, scope)
        if not NAME.fullmatch(name):
            raise SpecError([Fault(f"'{name}' is no name: letters, digits, _ and - only", item.name.span)])
        if index is None or "{" in item.name.text:
            return frame, name
        return frame.child(name), str(index)

    def define(self, item: Item, frame: Frame, name: str, tensor: str) -> None:
        """Name a tensor, here and in the level of a repeat around it."""
        frame.define(name, tensor, item.span)
        self.named[frame.full(name)] = tensor
        if frame.parent and item.name and frame.path == frame.parent.full(item.name.text):
            frame.parent.advance(item.name.text, tensor)
            self.named[frame.path] = tensor

    def interpolated(self, reference: Reference, scope: Scope) -> str:
        """A name or reference with its `{expressions}` replaced."""
        if "{" not in reference.text:
            return reference.text
        try:
            found = interpolate(reference.text, scope)
        except ExpressionError as error:
            raise SpecError([Fault(error.message, reference.span, error.hint)]) from None
        if len(found) > 200:
            raise SpecError([Fault("the name is longer than 200 characters", reference.span)])
        return found

    def resolve(self, reference: Reference, scope: Scope, frame: Frame) -> Tensors:
        """The tensors that a reference names: one, or all that a glob matches, in the order of definition."""
        name = self.interpolated(reference, scope)
        if "*" not in name and "?" not in name:
            tensor = frame.tensor(name)
            if tensor is None:
                raise unknown(frame, name, reference.span)
            return (tensor,)
        for around in frame.outward():
            self.budget.work(len(self.named), reference.span)
            matches = pattern(around.full(name)).fullmatch
            found = tuple(tensor for full, tensor in self.named.items() if matches(full))
            if found:
                return found
        raise SpecError([Fault(f"no earlier layer matches '{name}'", reference.span)])

    def sources(self, item: Item, scope: Scope, frame: Frame) -> Tensors:
        """The tensors that `from` names."""
        found = tuple(t for reference in item.source for t in self.resolve(reference, scope, frame))
        self.budget.work(len(found), item.span)
        return found

    # --- values ------------------------------------------------------------------------------------------------------

    def truth(self, template: Template, scope: Scope, what: str) -> bool:
        """The value of a condition."""
        value = value_of(template, scope, what)
        if isinstance(value, Relation):
            symbols = ", ".join(sorted(value.symbols))
            raise undecided(what, f"whether {value} depends on {symbols}", template.span)
        if not isinstance(value, bool):
            raise SpecError([Fault(f"{what}: expected true or false, got {value}", template.span)])
        return value

    def turns(self, item: Item, scope: Scope) -> Iterator[list[tuple[str, Any]]]:
        """What every turn of a repeat binds."""
        repeat = item.repeat
        assert repeat is not None
        over = value_of(repeat.over, scope, "repeat")
        if isinstance(over, list):
            yield from (self._row(row, repeat.names, repeat.over.span) for row in over)
            return
        if isinstance(over, Expr):
            raise undecided("repeat", f"{over} turns cannot be written out", repeat.over.span)
        if not isinstance(over, int) or isinstance(over, bool) or over < 0 or len(repeat.names) != 1:
            what = "a list of rows" if len(repeat.names) > 1 else "a number of times"
            raise SpecError([Fault(f"repeat: expected {what}, got {over}", repeat.over.span)])
        self.budget.turns(over, repeat.over.span)
        yield from ([(repeat.names[0], turn)] for turn in range(over))

    @staticmethod
    def _row(row: object, names: tuple[str, ...], span: Span) -> list[tuple[str, Any]]:
        if len(names) == 1:
            return [(names[0], row)]
        if not isinstance(row, list) or len(row) != len(names):
            raise SpecError([Fault(f"repeat: a row must have {len(names)} values ({' '.join(names)}), got {row}", span)])
        return list(zip(names, row, strict=True))

    # --- layers ------------------------------------------------------------------------------------------------------

    def layer(
        self, item: Item, call: LayerCall, scope: Scope, frame: Frame, entering: Tensors, index: int | None, frozen: bool
    ) -> Tensors:
        """A layer, or a join of the running tensor with named ones."""
        inner, name = self.place(item, call.kind, scope, frame, index)
        where = inner.full(name)
        if call.joined:
            entering = self.joined(item, call, scope, inner, where, entering)
        shared = self.shared_node(item, scope, frame)
        if shared is not None and not call.arguments:
            layer = shared.layer
            if layer.kind != call.kind:
                raise SpecError([Fault(f"{where}: cannot share the weights of a {layer.kind}", item.span)])
        else:
            layer = self.inference.layer(call, scope, len(self.shapes[entering[0]]) - 1, where, item.span)
        for reference in call.references.values():
            entering += self.resolve(reference, scope, frame)
        return self.emit(item, layer, inner, name, entering, frozen, shared)

    def joined(
        self, item: Item, call: LayerCall, scope: Scope, frame: Frame, where: str, entering: Tensors
    ) -> Tensors:
        """The running tensor, then the named ones, cropped to it where asked."""
        named = tuple(t for reference in call.joined for t in self.resolve(reference, scope, frame))
        if not call.crop:
            return entering + named
        return entering + tuple(self.cropped(item, frame, tensor, entering[0]) for tensor in named)

    def cropped(self, item: Item, frame: Frame, tensor: str, like: str) -> str:
        """A crop of one tensor to the size of another, as a layer of its own."""
        layer = self.inference.make("crop", {"like": like}, len(self.shapes[like]) - 1, "crop", item.span, {}, Crop)
        return self.emit(item, layer, frame, frame.ordinal("crop"), (tensor, like), False, None)[0]

    def emit(
        self, item: Item, layer: Layer, frame: Frame, name: str, entering: Tensors, frozen: bool, shared: Node | None
    ) -> Tensors:
        """Infer a layer at its place and add it to the graph."""
        full = frame.full(name)
        self.budget.node(len(self.nodes), item.span)
        self.budget.work(len(entering), item.span)
        shapes = tuple(map(self.shapes.__getitem__, entering))
        try:
            inferred = self.inference.infer(layer, shapes)
        except LayerError as error:
            if len(entering) > 1:
                error = LayerError(f"{error.message} ({joined(entering, shapes)})", field=error.field, hint=error.hint)
            raise fault(full, error, item.span) from None
        self.define(item, frame, name, full)
        shares = None
        if inferred.weights or inferred.buffers:
            shared = shared or self.counterpart(frame, name)
            shares = self.owner(shared, inferred.weights, full, item.span) if shared else None
        self.conditions.extend(Condition(relation, why, full) for relation, why in inferred.conditions)
        self.shapes[full] = inferred.output
        self.nodes[full] = Node(
            full, layer, entering, shapes, inferred.output, inferred.weights, inferred.buffers,
            shares, frozen or frame.frozen, self.training, item.span,
        )  # fmt: skip
        return (full,)

    # --- shared weights ----------------------------------------------------------------------------------------------

    def shared_node(self, item: Item, scope: Scope, frame: Frame) -> Node | None:
        """The node that `share` names."""
        if item.share is None:
            return None
        (name, *_) = self.resolve(item.share, scope, frame)
        node = self.nodes.get(name)
        if node is None:
            raise SpecError([Fault(f"'{item.share.text}' has no weights to share", item.share.span)])
        return node

    def counterpart(self, frame: Frame, name: str) -> Node | None:
        """The node in the same place of the instance whose weights this frame uses."""
        return self.nodes.get(frame.shares.tensors.get(name, "")) if frame.shares else None

    def owner(self, shared: Node, weights: dict[str, Shape], where: str, span: Span) -> str:
        """The node that owns the weights; theirs must be the shapes needed here."""
        if shared.weights != weights:
            message = f"{where}: cannot share the weights of {shared.name}: {_weights(shared.weights)} there, "
            raise SpecError([Fault(message + f"{_weights(weights)} here", span)])
        return shared.shares or shared.name

    # --- blocks and groups -------------------------------------------------------------------------------------------

    def block(
        self, item: Item, call: BlockCall, scope: Scope, frame: Frame, entering: Tensors, index: int | None, frozen: bool
    ) -> Tensors:
        """An instance of a block: a frame of its own, which sees the spec's parameters and the block's."""
        from cnncalc.elaborate.arguments import bind, layer_in_place

        kind = call.name
        if call.indirect:
            kind = scope[kind[1:]]
            if kind in LAYERS:
                return self.layer(item, layer_in_place(call, str(kind)), scope, frame, entering, index, frozen)
        block = self.document.blocks.get(kind) if isinstance(kind, str) else None
        if block is None:
            raise SpecError([Fault(f"{call.name} names no layer or block, it is {kind}", item.span)])
        outer, name = self.place(item, block.name, scope, frame, index)
        shares = self.shared_instance(item, scope, frame, block.name)
        inner = outer.child(name, shares, frozen)
        inner.block = block
        inner.arguments = dict(shares.arguments) if shares and item.share else bind(block, call, scope, self.scope, item.span)
        leaving = self.items(block.items, self.scope.with_values(inner.arguments.items()), inner, entering)
        self.define(item, outer, name, leaving[0])
        return leaving

    def shared_instance(self, item: Item, scope: Scope, frame: Frame, block: str) -> Frame | None:
        """The instance that `share` names."""
        if item.share is None:
            return None
        name = self.interpolated(item.share, scope)
        found = frame.instance(name)
        if found is None or found.block is None or found.block.name != block:
            raise SpecError([Fault(f"no earlier instance of block {block} is named '{name}'", item.share.span)])
        return found

    def group(
        self, item: Item, group: Group, scope: Scope, frame: Frame, entering: Tensors, index: int | None, frozen: bool
    ) -> Tensors:
        """`sequence`: under its name a level of its own; without one its items belong to the block around it."""
        if item.share is not None:
            raise SpecError([Fault("share stands beside a layer or a block, not a sequence", item.share.span)])
        if item.name is None and not frozen:
            return self.items(group.items, scope, frame, entering)
        outer, name = self.place(item, "sequence", scope, frame, index)
        leaving = self.items(group.items, scope, outer.child(name, frozen=frozen), entering)
        self.define(item, outer, name, leaving[0])
        return leaving

    def residual(
        self, item: Item, residual: Residual, scope: Scope, frame: Frame, entering: Tensors, index: int | None
    ) -> Tensors:
        """body + shortcut; the body alone where `skip` is false."""
        skips = residual.skip is None or self.truth(residual.skip, scope, "skip")
        body = self.items(residual.body, scope, frame, entering)
        if not skips:
            return body
        outer, name = self.place(item, "add", scope, frame, index)
        shortcut = entering
        if residual.shortcut:
            level = f"{name}.shortcut" if item.name else frame.ordinal("shortcut").removesuffix("1")
            shortcut = self.items(residual.shortcut, scope, outer.child(level), entering)
        return self.emit(item, _ADD, outer, name, body + shortcut, False, None)

    def branches(
        self, item: Item, branches: Branches, scope: Scope, frame: Frame, entering: Tensors, index: int | None
    ) -> Tensors:
        """Every path reads the same input; the merge joins what leaves them."""
        leaving: Tensors = ()
        outer, name = self.place(item, branches.merge, scope, frame, index)
        for path in branches.paths:
            level = frame.ordinal("branch")
            inner = outer.child(f"{name}.{level}" if item.name else level)
            leaving += self.items(path, scope, inner, entering)
        scope.shape = self.shapes[entering[0]]
        call = LayerCall(branches.merge, branches.arguments)
        rank = len(self.shapes[entering[0]]) - 1
        layer = self.inference.layer(call, scope, rank, outer.full(name), item.span)
        return self.emit(item, layer, outer, name, leaving, False, None)


_ADD = Add()


def _weights(weights: dict[str, Shape]) -> str:
    return ", ".join(f"{name} [{', '.join(map(str, shape))}]" for name, shape in weights.items()) or "none"
