"""Collects the layers of a captured network; each one is checked against our own shape rules first.

A layer is added only if its rule gives PyTorch's output shape and needs exactly the parameters and buffers that PyTorch
uses. Everything else becomes `unknown`, so that no total can be wrong without a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cnncalc.errors import LayerError
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Made, Sizes, Stored, Tensor
from cnncalc.importers.pytorch.windows import Local
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer, rank_of
from cnncalc.symbolic import Relation

if TYPE_CHECKING:
    from torch.fx import Node as Operation

TENSORS = ("parameter", "constant")
PARTLY_FROZEN = "only some parameters of the layer are frozen; a spec freezes all or none, so all are trainable"


class Padded(NamedTuple):
    """The padding that a `pad` node applies; `value` may be −∞, which a `pad` layer cannot express."""

    source: str
    amounts: tuple[tuple[int, int], ...]
    mode: str
    value: float
    path: str


class Added(NamedTuple):
    """A sum or a product with a tensor that no input enters."""

    op: str
    source: str
    constant: Constant
    layers: tuple[str, ...] = ()  # those that compute it


class Naming(Protocol):
    """Gives names to layers."""

    def take(self, path: str, kind: str, stored: Sequence[Stored]) -> str:
        """A name that no other layer has, for a layer of a module with these weights."""

    def keep(self, name: str) -> None:
        """Reserve a name as it is."""

    def give_back(self, name: str) -> None:
        """Release a name."""


class Emission:
    """The layers in the order of execution, and which layer owns which weights."""

    def __init__(self, inputs: Mapping[str, Sizes], names: Naming, batch: int) -> None:
        self.batch = batch  # the number of images in the capture
        self.nodes: dict[str, TracedNode] = {}
        self.shapes: dict[str, Sizes] = dict(inputs)
        self.owners: dict[int, str] = {}  # key of a stored tensor → the layer that owns it
        self.names = names
        self.operation: Operation | None = None  # the one that is being translated
        self.origins: dict[str, Operation] = {}  # the operation of every layer
        self.paths: dict[str, str] = {}  # the module path of every layer
        self.absorbed: set[str] = set()  # products that a layer stands for: not executed unless something reads them
        self.wholes: dict[str, str] = {}  # map that is cut into windows → what a window that covers it is: window, grid
        self.groups: dict[str, Local] = {}  # the output of an attention → the positions that attended to each other
        self.added: dict[str, Added] = {}  # a sum or product → the tensor that no input enters, and the other
        self.stored: dict[str, Mapping[str, Stored]] = {}  # layer → its parameters and buffers
        self.computed: dict[Made, Tensor] = {}  # what was computed from learned tensors alone
        self._added: list[str] = []  # since the last `begin`
        self._dropped: list[tuple[TracedNode, Sizes]] = []
        self.followed = 0  # numbers whose places were followed
        self._freed: list[tuple[set[str], dict[int, str]]] = []  # what was absorbed, and the weights that it owned
        self.notes: dict[str, list[str]] = {}  # a remark → the layers that it is about
        self.pads: dict[str, Padded] = {}  # padding layers, which the window after them may absorb

    def layer(
        self,
        kind: str,
        arguments: Mapping[str, object],
        inputs: Sequence[str],
        output: Sizes,
        path: str,
        stored: Mapping[str, Stored] | None = None,
    ) -> str:
        """Add a layer and return its name.

        Args:
            kind: one of our layers.
            arguments: as in a spec.
            inputs: the names of the tensors that it reads.
            output: the shape in PyTorch, without the batch.
            path: the module that it stands for, or is part of.
            stored: its parameters and buffers by name.

        Raises:
            Inexpressible: our rule disagrees with PyTorch.
        """
        stored = stored or {}
        shapes = [self.shapes[name] for name in inputs]
        weights = self._checked_weights(kind, arguments, shapes, output, stored)
        shares = self._owner_of(weights, stored.values())
        learnt = {tensor.frozen for tensor in stored.values() if tensor.learnt}
        frozen = learnt == {True}
        name = self._name(kind, path, tuple(stored.values()))
        self.put(TracedNode(name, kind, dict(arguments), tuple(inputs), output, weights, shares, frozen))
        for tensor in stored.values():
            self.owners.setdefault(tensor.key, name)
        self.paths[name] = path
        self.stored[name] = stored
        if self.operation is not None:
            self.origins[name] = self.operation
        if len(learnt) > 1:
            self.note(PARTLY_FROZEN, name)
        return name

    def put(self, node: TracedNode) -> None:
        """Add a layer that is known to be right."""
        self.nodes[node.name] = node
        self.shapes[node.name] = node.output  # type: ignore[assignment] # an importer's shapes may hold symbols
        self._added.append(node.name)

    def alive(self, read: Iterable[str]) -> list[TracedNode]:
        """The layers without those whose output nothing reads; one that has weights is executed anyway, and stays."""
        needed, alive = set(read), []
        for node in reversed(list(self.nodes.values())):
            descriptor = LAYERS[node.kind]
            weighs = descriptor.weights is not Layer.weights or node.kind == "matmul"
            weighs = weighs and node.name not in self.absorbed
            if needed.intersection(node.tensors) or (weighs and (node.kind != UNKNOWN or node.weights)):
                alive.append(node)
                needed.update(node.inputs)
        return alive[::-1]

    def further(self, name: str, output: str) -> tuple[str, Sizes]:
        """The name and the shape of a further output of a layer, which is read from now on.

        Raises:
            Inexpressible: another layer has that name.
        """
        node = self.nodes[name]
        entering = [self.shapes[tensor] for tensor in node.inputs]
        layer = LAYERS[node.kind].make(node.arguments, rank_of(entering))
        shape: Sizes = layer.further(entering, node.output)[output]  # type: ignore[assignment] # numbers, as the inputs
        tensor = f"{name}.{output}"
        if tensor in self.nodes:
            raise Inexpressible
        self.nodes[name] = node._replace(further={**node.further, output: shape})
        self.shapes[tensor] = shape
        return tensor, shape

    def _name(self, kind: str, path: str, stored: Sequence[Stored]) -> str:
        """The name of a layer; that of a tensor by itself is its own."""
        if kind in TENSORS and stored:
            return self.names.take(stored[0].name.removesuffix(".weight"), kind, ())
        return self.names.take(path, kind, stored)

    def note(self, what: str, name: str) -> None:
        """Record something about a layer that the reader of the spec should know."""
        self.notes.setdefault(what, []).append(name)

    def unknown(self, op: str, inputs: Sequence[str], output: Sizes, path: str, stored: Iterable[Stored]) -> str:
        """Add an operation that no layer describes, and return its name."""
        mine = {tensor.key: tensor for tensor in stored if tensor.key not in self.owners}
        learnt = sum(tensor.numel for tensor in mine.values() if tensor.learnt)
        kept = sum(tensor.numel for tensor in mine.values()) - learnt
        output = output or (1,)
        arguments: dict[str, object] = {"op": op, "shape": list(output), "seen": list(self.shapes[inputs[0]])}
        arguments |= {"params": learnt} | ({"kept": kept} if kept else {})
        weights = {"params": (learnt,)} if learnt else {}
        frozen = learnt > 0 and all(tensor.frozen for tensor in mine.values() if tensor.learnt)
        name = self.names.take(path, op, ())
        self.nodes[name] = TracedNode(name, UNKNOWN, arguments, tuple(inputs), output, weights, None, frozen)
        self.shapes[name] = output
        self.owners.update(dict.fromkeys(mine, name))
        self.stored[name] = {tensor.name: tensor for tensor in mine.values()}
        self._added.append(name)
        return name

    def drop(self, name: str) -> None:
        """Remove the last layer, because another one absorbs it."""
        self._dropped.append((self.nodes.pop(name), self.shapes.pop(name)))
        self.names.give_back(name)

    def absorb(self, names: Iterable[str]) -> None:
        """Layers that the next layer stands for, with their weights: not executed unless something reads them."""
        gone = set(names) - self.absorbed
        stored = [(tensor.key, name) for name in gone for tensor in self.stored.get(name, {}).values()]
        freed = {key: name for key, name in stored if self.owners.get(key) == name}
        for key in freed:
            del self.owners[key]
        self.absorbed |= gone
        self._freed.append((gone, freed))

    def release(self) -> None:
        """Undo all absorptions since `begin`."""
        for gone, freed in self._freed:
            self.absorbed -= gone
            self.owners.update(freed)
        self._freed = []

    def begin(self) -> None:
        """Start a transaction: `roll_back` undoes whatever is added from here on."""
        self._added, self._dropped, self._freed = [], [], []

    def just_added(self) -> tuple[str, ...]:
        """The layers added since `begin`."""
        return tuple(self._added)

    def roll_back(self) -> None:
        """Undo everything since `begin`, after a rule failed half-way."""
        self.release()
        for name in reversed(self._added):
            if self.nodes.pop(name, None) is not None:
                del self.shapes[name]
                self.names.give_back(name)
        added = set(self._added)
        for name in added:
            for tensor in self.stored.get(name, {}).values():
                if self.owners.get(tensor.key) == name:
                    del self.owners[tensor.key]
        self.computed = {made: tensor for made, tensor in self.computed.items() if tensor.name not in added}
        for node, shape in reversed(self._dropped):
            if node.name not in added:
                self.nodes[node.name], self.shapes[node.name] = node, shape
                self.names.keep(node.name)

    def _checked_weights(
        self,
        kind: str,
        arguments: Mapping[str, object],
        shapes: Sequence[Sizes],
        output: Sizes,
        stored: Mapping[str, Stored],
    ) -> dict[str, Sizes]:
        """Check a layer against our own rule and return the shapes of its weights."""
        try:
            layer = LAYERS[kind].make(arguments, rank_of(shapes))
            computed = layer.output(shapes, _require)
            weights, buffers = layer.weights(shapes, computed), layer.buffers(shapes, computed)
        except LayerError:
            raise Inexpressible from None
        learnt = {name: tensor.shape for name, tensor in stored.items() if tensor.learnt}
        kept = {name: tensor.shape for name, tensor in stored.items() if not tensor.learnt}
        if (
            computed != output
            or _without_ones(weights) != _without_ones(learnt)
            or _without_ones(buffers) != _without_ones(kept)
        ):
            raise Inexpressible
        return weights  # type: ignore[return-value] # numbers, as the inputs are

    def _owner_of(self, weights: Mapping[str, Sizes], stored: Iterable[Stored]) -> str | None:
        """The layer that already owns these weights; None where they are new.

        Raises:
            Inexpressible: the weights belong to two layers, or only some of them are new; a spec cannot express either.
        """
        owners = {self.owners.get(tensor.key) for tensor in stored}
        owner = owners.pop() if owners else None
        if owners or (owner is not None and self.nodes[owner].weights != weights):
            raise Inexpressible
        return owner


def _without_ones(shapes: Mapping[str, Sequence[object]]) -> dict[str, tuple[object, ...]]:
    """Shapes without axes of size 1, in which a factor per channel may differ."""
    return {name: tuple(size for size in shape if size != 1) for name, shape in shapes.items()}


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is not True:
        raise why()
