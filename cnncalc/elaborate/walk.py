"""Expands a document into nodes in one pass: blocks and repeats are expanded in place, as that needs `in_channels`.

limits ─▶ scope ─▶ repeats          frame ─▶ names          inference ─▶ nodes          arguments
             what names mean            what is called how         what leaves a layer       what a block gets
"""

from __future__ import annotations

from cnncalc.document.types import BlockCall, Branches, Document, Group, Item, LayerCall, Path, Reference, Residual
from cnncalc.elaborate.arguments import bind, fault_of_unknown_block, layer_in_place, tensors_of
from cnncalc.elaborate.frame import Frame
from cnncalc.elaborate.item_facts import block_name, describe_item, needs_input
from cnncalc.elaborate.joining import fault_of_duplicate_join, fault_of_lone_join, joins_network_input
from cnncalc.elaborate.left_out import Tally, fault_of_empty_body, fault_of_empty_path, fault_of_no_paths
from cnncalc.elaborate.names import Names, Place, Tensors, Turn
from cnncalc.elaborate.nodes import Nodes
from cnncalc.elaborate.repeats import turns
from cnncalc.elaborate.scope import Scope, no_input, truth
from cnncalc.elaborate.units import Units
from cnncalc.elaborate.unknowns import FixedShapes
from cnncalc.errors import Fault, SpecError
from cnncalc.graph import Instance, Iteration, LeftOut, Node
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer, Shape


class Walk:
    """One expansion; `running` is the tensor that flows from item to item."""

    def __init__(self, document: Document, scope: Scope, inputs: dict[str, Shape], fixed: FixedShapes) -> None:
        self.document = document
        self.scope = scope  # the spec's parameters, visible in every block
        self.budget = scope.budget
        self.names = Names(document, inputs, self.budget)
        self.nodes = Nodes(document, inputs, scope, self.names)
        self.names.further = self.nodes.further
        self.instances: list[tuple[str, Instance | Iteration]] = []
        self.left_out = Tally()
        self.fixed = fixed
        self.units = Units(self.nodes, self.names, self.budget, self.instances, self.left_out)

    def items(self, items: tuple[Item, ...], scope: Scope, frame: Frame, running: Tensors) -> Tensors:
        """Expand a list of items; returns the output of the last one."""
        for item in items:
            running = self.item(item, scope, frame, running)
        return running

    def item(self, item: Item, scope: Scope, frame: Frame, running: Tensors) -> Tensors:
        """Expand one item with its modifiers: `from`, then `when`, then `repeat`."""
        self.budget.visit(item.span)
        known = len(self.nodes.emitted)
        entering = self._sources(item, scope, frame) if item.source else running
        if not entering and needs_input(item):
            raise no_input(item.span, self.document.inputs)
        scope.shape = self.nodes.shapes[entering[0]] if entering else None
        if item.when is not None and not truth(item.when, scope, "when", describe_item(item)):
            self.left_out.count(item)
            self.nodes.forget_after(known)
            return running
        if item.repeat is None and item.frozen is None and type(item.body) is LayerCall:
            return self._layer(item, item.body, scope, frame, entering, None)  # most items
        if item.repeat is None:
            return self._take_turn(item, scope, frame, entering, None)
        level: Frame | None = None
        for index, bound in enumerate(turns(item.repeat, scope, self.budget)):
            self.budget.visit(item.span)
            level = self.names.level(item, scope, frame) if index == 0 else level
            inner = scope.with_values(bound)
            inner.shape = self.nodes.shapes[entering[0]] if entering else None
            begin = len(self.nodes.emitted)
            entering = self._take_turn(item, inner, frame, entering, Turn(level, index))
            if item.name is None and not isinstance(item.body, LayerCall | BlockCall):
                self._record_turn(begin, frame)
            if level is not None:
                self.names.advance(level, entering[0])
        return entering

    def _record_turn(self, begin: int, frame: Frame) -> None:
        """Record what a turn of an item without a name added, by which tables fold it."""
        added = self.nodes.emitted
        if len(added) > begin + 1:
            first, last, start = added[begin].name, added[-1].name, len(frame.full(""))
            self.instances.append((first, Iteration(first[start:], last[start:])))

    def _sources(self, item: Item, scope: Scope, frame: Frame) -> Tensors:
        """The tensors that `from` names."""
        tensors = self._resolve_all(item.source, scope, frame)
        if not tensors:
            hint = "the loop has no turn: name a tensor that is there before it"
            raise SpecError([Fault("from names no tensor", item.source[0].span, hint)])
        self.budget.work(len(tensors), item.span)
        return tensors

    def _resolve_all(self, references: tuple[Reference, ...], scope: Scope, frame: Frame) -> Tensors:
        return tuple(tensor for reference in references for tensor in self.names.resolve(reference, scope, frame))

    def _take_turn(self, item: Item, scope: Scope, frame: Frame, entering: Tensors, turn: Turn | None) -> Tensors:
        """One iteration of an item."""
        if item.frozen is None:
            return self._expand(item, scope, frame, entering, turn)
        around = self.nodes.frozen
        self.nodes.frozen = truth(item.frozen, scope, "frozen") or around
        leaving = self._expand(item, scope, frame, entering, turn)
        self.nodes.frozen = around
        return leaving

    def _expand(self, item: Item, scope: Scope, frame: Frame, entering: Tensors, turn: Turn | None) -> Tensors:
        body = item.body
        if isinstance(body, LayerCall):
            return self._layer(item, body, scope, frame, entering, turn)
        self.budget.enter(block_name(body, scope), item.span)
        if isinstance(body, BlockCall):
            leaving = self._block(item, body, scope, frame, entering, turn)
        elif isinstance(body, Group):
            leaving = self._group(item, body, scope, frame, entering, turn)
        elif isinstance(body, Residual):
            leaving = self._residual(item, body, scope, frame, entering, turn)
        else:
            leaving = self._branches(item, body, scope, frame, entering, turn)
        self.budget.leave()
        return leaving

    # --- layers ------------------------------------------------------------------------------------------------------

    def _layer(
        self, item: Item, call: LayerCall, scope: Scope, frame: Frame, entering: Tensors, turn: Turn | None
    ) -> Tensors:
        """A layer, or a join of the running tensor with named ones."""
        nodes = self.nodes
        shared = nodes.shared(item.share, scope, frame) if item.share else None
        if call.joined:
            entering = self._join_inputs(item, call, scope, frame, entering)
        place = self.names.place(item, call.kind, scope, frame, turn)
        layer = self._make_layer(call, scope, place, entering, shared)
        if layer.takes[1] == 0 and not item.source:
            entering = ()  # the running tensor ends here; a later `from` may read it
        if len(entering) == 1 and layer.joins and not item.source and not call.joined:
            raise fault_of_lone_join(call, place.full, item.span)
        entering += self._named_inputs(call, scope, frame)
        joined_by = "input" if joins_network_input(call, frame) else ""
        return (nodes.emit(place, layer, entering, shared, call.arguments, joined_by, item.written),)

    def _make_layer(self, call: LayerCall, scope: Scope, place: Place, entering: Tensors, shared: Node | None) -> Layer:
        layer = self.nodes.make_layer(call, scope, place, entering, shared)
        first = self.nodes.shapes[entering[0]] if entering else ()
        return self.fixed.hold(layer, call, place.full, place.span, first) if call.kind == "unknown" else layer

    def _named_inputs(self, call: LayerCall, scope: Scope, frame: Frame) -> Tensors:
        """The tensors that fields of a layer name."""
        return tuple(self.names.resolve_one(each, scope, frame, call.kind) for each in call.references.values())

    def _join_inputs(self, item: Item, call: LayerCall, scope: Scope, frame: Frame, entering: Tensors) -> Tensors:
        """The running tensor and the named ones, cropped to it if requested."""
        named = self._resolve_all(call.joined, scope, frame)
        again = next((tensor for tensor in entering if tensor in named), None)
        if again is not None:
            raise fault_of_duplicate_join(call, named.index(again), again, first=again == entering[0])
        if not call.crop:
            return entering + named
        return entering + tuple(self.nodes.crop(frame, item.span, tensor, entering[0]) for tensor in named)

    # --- blocks ------------------------------------------------------------------------------------------------------

    def _block(
        self, item: Item, call: BlockCall, scope: Scope, frame: Frame, entering: Tensors, turn: Turn | None
    ) -> Tensors:
        """An instance of a block: a new frame that sees the spec's and the block's parameters."""
        kind = scope[call.name[1:]] if call.indirect else call.name
        if call.indirect and isinstance(kind, str) and kind in LAYERS:
            layer = layer_in_place(call, kind, item, self.document.defaults.get(kind, ()))
            return self._layer(item, layer, scope, frame, entering, turn)
        block = self.document.blocks.get(kind) if isinstance(kind, str) else None
        if block is None:
            raise fault_of_unknown_block(call, kind, self.document.blocks, item.span)
        if item.written is not None:
            raise SpecError([Fault(f"written applies to one layer, not to {block.name}, a block", item.span)])
        shares = self._shared_instance(item, scope, frame, block.name) if item.share else None
        place = self.names.place(item, block.name, scope, frame, turn)
        inner = place.frame.child(place.name, shares)
        inner.block = block
        if shares is not None and not call.given:
            inner.arguments = shares.arguments
        else:
            inner.arguments = bind(block, call, scope, self.scope, item.span, place.full)
        given = tensors_of(block, call, item.span)
        if given:
            inner.given = {name: self._resolve_all(references, scope, frame) for name, references in given.items()}
        own = [parameter.name for parameter in block.parameters if parameter.entering and parameter.name not in given]
        if own:
            inner.entering = dict.fromkeys(own, entering)
        arguments = inner.arguments
        self.instances.append((place.full, Instance(block.name, arguments, item.span)))
        scope = self.scope.with_values(arguments.items())
        with self.nodes.calling(block, item.span):
            return self._walk_level(place, block.items, scope, inner, entering, tuple(arguments.values()))

    def _shared_instance(self, item: Item, scope: Scope, frame: Frame, block: str) -> Frame:
        """The block instance that `share` names."""
        assert item.share is not None
        name = self.names.interpolate_reference(item.share, scope)
        self.names.outermost = 0
        instance = frame.instance(name)
        if instance is None or instance.block is None:
            raise SpecError([Fault(f"no earlier instance of block {block} is named '{name}'", item.share.span)])
        if instance.block.name != block:
            message = f"'{name}' is an instance of block {instance.block.name}, not of {block}"
            raise SpecError([Fault(message, item.share.span)])
        return instance

    def _walk_level(
        self,
        place: Place,
        items: tuple[Item, ...],
        scope: Scope,
        frame: Frame,
        entering: Tensors,
        values: tuple[object, ...],
    ) -> Tensors:
        """Expand the items of a level, which read these values, and bind its name to their output."""
        units = self.units
        key = units.identify(items, values, scope.weight, frame, entering)
        leaving = units.reuse(key, frame, entering[0]) if key is not None else None
        if leaving is None:
            before = units.begin()
            leaving = self.items(items, scope, frame, entering)
            units.end(before, key, values, frame, entering, leaving)
        self.names.define(place, leaving[0])
        return leaving

    # --- groups ------------------------------------------------------------------------------------------------------

    def _group(
        self, item: Item, group: Group, scope: Scope, frame: Frame, entering: Tensors, turn: Turn | None
    ) -> Tensors:
        """`sequence`: a level of its own if named; otherwise its items belong to the enclosing block."""
        if item.name is None:
            return self.items(group.items, scope, frame, entering)
        place = self.names.place(item, "sequence", scope, frame, turn)
        values = tuple(map(scope.get, group.reads))
        return self._walk_level(place, group.items, scope, place.frame.child(place.name), entering, values)

    def _residual(
        self, item: Item, residual: Residual, scope: Scope, frame: Frame, entering: Tensors, turn: Turn | None
    ) -> Tensors:
        """body + shortcut; only the body if `skip` is false."""
        skips = residual.skip is None or truth(residual.skip, scope, "skip")
        shape, before = scope.shape, self.left_out.items
        body = self.items(residual.body, scope, frame, entering)
        scope.shape = shape
        if skips and body == entering and self.left_out.items > before:
            raise fault_of_empty_body(residual.body, item.span)
        if not skips:
            if item.name is not None:
                self.names.define(self.names.place(item, "residual", scope, frame, turn), body[0])
            return body
        shortcut = entering
        place = self.names.place(item, "add", scope, frame, turn)
        if residual.shortcut:
            level = place.frame.child(place.name) if item.name else frame
            name = level.ordinal("shortcut")
            name = "shortcut" if name == "shortcut1" else name
            level.claim(name, item.span)
            shortcut = self.items(residual.shortcut, scope, level.child(name), entering)
        joined_by = "shortcut" if residual.shortcut else "residual"
        return (self.nodes.emit(place, LAYERS["add"](), body + shortcut, joined_by=joined_by, manner=item.written),)

    def _branches(
        self, item: Item, branches: Branches, scope: Scope, frame: Frame, entering: Tensors, turn: Turn | None
    ) -> Tensors:
        """Every path reads the same input; the merge joins their outputs."""
        shape = scope.shape
        merge = branches.merge
        place = self.names.place(item, merge.kind, scope, frame, turn)
        level = place.frame.child(place.name) if item.name else frame
        leaving: Tensors = ()
        for number, path in enumerate(branches.paths, 1):
            name = level.ordinal("branch")
            level.claim(name, item.span)
            leaving += self._path(path, number, place, scope, level.child(name), entering)
            scope.shape = shape
        if len(leaving) < len(branches.paths):
            if not leaving:
                raise fault_of_no_paths(branches.paths, item.span)
            if len(leaving) == 1 and LAYERS[merge.kind].joins:  # nothing to join
                self.names.define(place, leaving[0])
                return leaving
        layer = self._make_layer(merge, scope, place, leaving, None)
        leaving += self._named_inputs(merge, scope, frame)
        return (self.nodes.emit(place, layer, leaving, None, merge.arguments, manner=item.written),)

    def _path(self, path: Path, number: int, place: Place, scope: Scope, frame: Frame, entering: Tensors) -> Tensors:
        """The output of one path; nothing if its condition leaves it out."""
        if path.when is not None and not truth(path.when, scope, "when", f"{place.full}: path {number}"):
            self.left_out.add(LeftOut(paths=1))
            return ()
        before = self.left_out.items
        leaving = self.items(path.items, scope, frame, entering)
        if leaving == entering and self.left_out.items > before:
            raise fault_of_empty_path(path, number, place.full)
        return leaving
