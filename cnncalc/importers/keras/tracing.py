"""Records the layers that Keras's layers become, and changes the layout of tensors where a layer needs the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from cnncalc.budget import spend
from cnncalc.errors import LayerError
from cnncalc.importers.keras.config import concrete
from cnncalc.importers.keras.values import Shape, Step, UnsupportedError, Value, to_keras, to_ours
from cnncalc.importers.traced import UNKNOWN, TracedNode, shorten_name
from cnncalc.importers.writing.words import has_weights
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.symbolic import Relation

Arguments: TypeAlias = Mapping[str, object]
Handler: TypeAlias = "Callable[[Step, Tracing], Value | list[Value]]"


class Tracing:
    """The layers traced so far.

    Attributes:
        last: whether the model keeps channels last, as nearly all do.
        exact: paths of the layers that flatten in Keras's own order, because a later layer depends on it.
        needed: more such paths, found while tracing.
    """

    def __init__(self, last: bool, exact: frozenset[str] = frozenset()) -> None:
        self.nodes: list[TracedNode] = []
        self.last = last
        self.exact, self.needed = exact, set[str]()
        self.begun = 0  # calls of layers, those of nested models included
        self.unknown: dict[str, str] = {}  # class → reason
        self.notes: dict[str, None] = {}
        self._shapes: dict[str, Shape] = {}
        self.calls: list[tuple[Step, list[Value], int, int]] = []  # of layers: what left it, and the range of its nodes
        self._owners: dict[tuple[object, ...], str] = {}  # layer and part → the first node with its weights
        self._numbers: dict[str, int] = {}

    def enter(self, value: Value) -> None:
        """Make the input of a network, or of a part, known."""
        self._shapes[value.node] = value.ours

    def shape(self, node: str) -> Shape:
        """Return the shape of a node or an input, as it is laid out here."""
        return self._shapes[node]

    # --- nodes ---------------------------------------------------------------------------------------------------

    def add(
        self, step: Step, kind: str, arguments: Arguments, *values: Value, moved: bool | None = None, part: str = ""
    ) -> Value:
        """Append a node; its form is that of its first input, unless `moved` says otherwise.

        `part` names one of several nodes with weights of the same layer.

        Raises:
            SpecError: our layer refuses these arguments or shapes.
        """
        read = values or (step.first,)
        moved = read[0].moved if moved is None else moved
        output = self._output(step, kind, arguments, read)
        owned = has_weights(kind)
        key = (*step.config.path, kind, part)
        owner = self._owners.get(key) if owned else None
        of_layer = f"{step.layer.name}_{part}" if part else step.layer.name
        name = of_layer if owned or kind == UNKNOWN else part or kind
        made = self._append(step, step.scope + name, kind, arguments, read, output, owner)
        if owned:
            self._owners.setdefault(key, made)
        return Value(made, to_keras(output, moved), moved and len(output) > 1)

    def _append(
        self,
        step: Step,
        name: str,
        kind: str,
        arguments: Arguments,
        read: Sequence[Value],
        output: Shape,
        owner: str | None,
    ) -> str:
        spend(1, "importing layers")
        made = self.unique(name)
        frozen = step.frozen and has_weights(kind)
        inputs = tuple(value.node for value in read)
        self.nodes.append(TracedNode(made, kind, dict(arguments), inputs, output, shares=owner, frozen=frozen))
        self._shapes[made] = output
        return made

    def _output(self, step: Step, kind: str, arguments: Arguments, values: Sequence[Value]) -> Shape:
        shapes = [value.ours for value in values]
        try:
            return LAYERS[kind].make(arguments, rank_of(shapes)).output(shapes, _require)
        except LayerError as error:
            step.refuse(error.message, hint=error.hint)

    def further(self, value: Value, name: str) -> Value:
        """Return a further output of the layer that made a tensor: `h_n` of an `lstm`."""
        index = next(place for place in range(len(self.nodes) - 1, -1, -1) if self.nodes[place].name == value.node)
        node = self.nodes[index]
        entering = [self.shape(read) for read in node.inputs]
        layer = LAYERS[node.kind].make(node.arguments, rank_of(entering))
        shape = layer.further(entering, node.output)[name]
        self.nodes[index] = node._replace(further={**node.further, name: shape})
        full = f"{value.node}.{name}"
        self._shapes[full] = shape
        return Value(full, to_keras(shape, True), True)

    def add_unknown(self, step: Step, refused: UnsupportedError) -> Value:
        """Append an `unknown` node for a layer without a rule."""
        self.unknown.setdefault(step.kind, str(refused))
        shape = refused.output if refused.output is not None else step.first.shape
        moved = self.last and len(shape) > 1
        arguments: dict[str, object] = {"op": step.kind, "shape": list(to_ours(shape, moved))}
        arguments |= {name: value for name in ("params", "macs") if (value := getattr(refused, name)) is not None}
        if not _is_zero(refused.kept):
            arguments["kept"] = refused.kept
        return self.add(step, UNKNOWN, arguments, *step.inputs, moved=moved)

    def unique(self, wanted: str) -> str:
        """Return a name that no node has, made of the words of the one that is wanted."""
        parts = [re.sub(r"\W+", "_", part) for part in wanted.split(".")]
        stem = shorten_name(".".join(part for part in parts if part.strip("_")) or "layer")
        name, number = stem, self._numbers.get(stem, 1)
        while name in self._shapes:
            number += 1
            name = f"{stem}_{number}"
        self._numbers[stem] = number
        return name

    def unique_scope(self, wanted: str) -> str:
        """Return the path of a nested model with a dot at its end; each of its calls has one of its own."""
        number = self._numbers[f"{wanted}."] = self._numbers.get(f"{wanted}.", 0) + 1
        return f"{wanted}." if number == 1 else f"{wanted}_{number}."

    # --- layouts -------------------------------------------------------------------------------------------------

    def in_form(self, step: Step, value: Value, moved: bool) -> Value:
        """Return a tensor with its last axis first, or as Keras has it."""
        if value.moved == moved or value.rank < 2:
            return value._replace(moved=moved and value.rank > 1)
        rank = value.rank
        changed = value._replace(moved=moved)
        if is_trivial(value.shape):
            return pointwise(self.add(step, "reshape", {"shape": list(changed.ours)}, value, moved=moved), value)
        dims = [rank, *range(1, rank)] if moved else [*range(2, rank + 1), 1]
        return pointwise(self.add(step, "permute", {"dims": dims}, value, moved=moved), value)

    def ordered(self, value: Value) -> Value:
        """Return a tensor whose order of elements matters: those that were flattened otherwise are noted."""
        self.needed |= value.scrambled
        return value

    def alike(self, step: Step, values: Sequence[Value]) -> list[Value]:
        """Return tensors in one form: that of the first with several axes."""
        moved = next((value.moved for value in values if value.rank > 1), False)
        return [self.in_form(step, value, moved) for value in values]


def is_trivial(shape: Shape) -> bool:
    """Whether moving the last axis to the front leaves the elements in their order: it, or all others, have size 1."""
    sizes = concrete(shape)
    return sizes is not None and (sizes[-1] == 1 or all(size == 1 for size in sizes[:-1]))


def pointwise(made: Value, before: Value) -> Value:
    """Return the output of a layer that does not change the order of elements."""
    return made._replace(free=before.free, scrambled=before.scrambled)


def _is_zero(size: object) -> bool:
    return isinstance(size, int) and size == 0


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is False:
        raise why()
