"""The list of layers while it is made: every layer is held to our own rules before it is written down.

A layer stands in the list only where its rule gives the shape that PyTorch has and asks for just the weights and
buffers that PyTorch uses; whatever does not is written as `unknown`, so that no total can be silently wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from cnncalc.errors import LayerError
from cnncalc.importers.pytorch.exporting import Stored
from cnncalc.importers.pytorch.names import Names
from cnncalc.importers.pytorch.values import Inexpressible, Sizes
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.symbolic import Relation

PARTLY_FROZEN = "only some parameters of the layer are frozen; a spec freezes all or none, so all are trainable"


class Padded(NamedTuple):
    """What a layer pads, and how; `value` may be −∞, which no `pad` holds."""

    entering: str
    amounts: tuple[tuple[int, int], ...]
    mode: str
    value: float
    path: str


class Emission:
    """Layers in the order of execution; who owns which weights."""

    def __init__(self, inputs: Mapping[str, Sizes], names: Names) -> None:
        self.nodes: dict[str, TracedNode] = {}
        self.shapes: dict[str, Sizes] = dict(inputs)
        self.owners: dict[int, str] = {}  # key of a stored tensor → the layer that has it
        self.names = names
        self.paths: dict[str, str] = {}  # where every layer was met
        self._added: list[str] = []  # since the last `begin`
        self._dropped: list[tuple[TracedNode, Sizes]] = []
        self.notes: dict[str, list[str]] = {}  # what a reader should know → the layers of which
        self.pads: dict[str, Padded] = {}  # layers that are padding, which a window after them may take in

    def layer(
        self,
        kind: str,
        arguments: Mapping[str, object],
        inputs: Sequence[str],
        output: Sizes,
        path: str,
        stored: Mapping[str, Stored] | None = None,
    ) -> str:
        """Write a layer down; its name.

        Args:
            kind: of our layers.
            arguments: as a spec gives them.
            inputs: the names of what it reads.
            output: the shape that PyTorch has.
            path: the module that it stands for or in.
            stored: its weights and buffers by name.

        Raises:
            Inexpressible: our rule says otherwise than PyTorch.
        """
        stored = stored or {}
        shapes = [self.shapes[name] for name in inputs]
        weights = self._held(kind, arguments, shapes, output, stored)
        shares = self._shared(weights, stored.values())
        learnt = {tensor.frozen for tensor in stored.values() if tensor.learnt}
        frozen = learnt == {True}
        name = self.names.take(path, kind, stored.values())
        self.nodes[name] = TracedNode(name, kind, dict(arguments), tuple(inputs), output, weights, shares, frozen)
        self.shapes[name] = output
        for tensor in stored.values():
            self.owners.setdefault(tensor.key, name)
        self._added.append(name)
        self.paths[name] = path
        if len(learnt) > 1:
            self.note(PARTLY_FROZEN, name)
        return name

    def note(self, what: str, name: str) -> None:
        """Note what a reader of the spec should know of a layer."""
        self.notes.setdefault(what, []).append(name)

    def unknown(self, op: str, inputs: Sequence[str], output: Sizes, path: str, stored: Iterable[Stored]) -> str:
        """Write down an operation that no layer describes; its name."""
        mine = {tensor.key: tensor for tensor in stored if tensor.key not in self.owners}
        learnt = sum(tensor.numbers for tensor in mine.values() if tensor.learnt)
        kept = sum(tensor.numbers for tensor in mine.values()) - learnt
        output = output or (1,)
        arguments: dict[str, object] = {"op": op, "shape": list(output), "seen": list(self.shapes[inputs[0]])}
        arguments |= {"params": learnt} | ({"kept": kept} if kept else {})
        weights = {"params": (learnt,)} if learnt else {}
        frozen = learnt > 0 and all(tensor.frozen for tensor in mine.values() if tensor.learnt)
        name = self.names.take(path, op, ())
        self.nodes[name] = TracedNode(name, UNKNOWN, arguments, tuple(inputs), output, weights, None, frozen)
        self.shapes[name] = output
        self.owners.update(dict.fromkeys(mine, name))
        self._added.append(name)
        return name

    def drop(self, name: str) -> None:
        """Take the last layer off again, which another one takes in."""
        self._dropped.append((self.nodes.pop(name), self.shapes.pop(name)))
        self.names.give_back(name)

    def begin(self) -> None:
        """From here on, what is written down may be taken back."""
        self._added, self._dropped = [], []

    def take_back(self) -> None:
        """Undo everything since `begin`: a rule found half-way that it does not apply."""
        for name in reversed(self._added):
            if self.nodes.pop(name, None) is not None:
                del self.shapes[name]
                self.names.give_back(name)
        added = set(self._added)
        self.owners = {key: owner for key, owner in self.owners.items() if owner not in added}
        for node, shape in reversed(self._dropped):
            if node.name not in added:
                self.nodes[node.name], self.shapes[node.name] = node, shape
                self.names.keep(node.name)

    def _held(
        self,
        kind: str,
        arguments: Mapping[str, object],
        shapes: Sequence[Sizes],
        output: Sizes,
        stored: Mapping[str, Stored],
    ) -> dict[str, Sizes]:
        """Hold a layer to our own rule; the shapes of its weights by that."""
        try:
            layer = LAYERS[kind].make(arguments, rank_of(shapes))
            found = layer.output(shapes, _require)
            weights, buffers = layer.weights(shapes, found), layer.buffers(shapes, found)
        except LayerError:
            raise Inexpressible from None
        learnt = {name: tensor.shape for name, tensor in stored.items() if tensor.learnt}
        kept = {name: tensor.shape for name, tensor in stored.items() if not tensor.learnt}
        if found != output or _bare(weights) != _bare(learnt) or _bare(buffers) != _bare(kept):
            raise Inexpressible
        return weights  # type: ignore[return-value] # numbers, as the inputs are

    def _shared(self, weights: Mapping[str, Sizes], stored: Iterable[Stored]) -> str | None:
        """The layer whose weights these are already; of two layers, some of one, or some new: not a thing that a spec
        can say.
        """
        owners = {self.owners.get(tensor.key) for tensor in stored}
        owner = owners.pop() if owners else None
        if owners or (owner is not None and self.nodes[owner].weights != weights):
            raise Inexpressible
        return owner


def _bare(shapes: Mapping[str, Sequence[object]]) -> dict[str, tuple[object, ...]]:
    """Shapes without axes of one, which a factor per channel, say, may have or not."""
    return {name: tuple(size for size in shape if size != 1) for name, shape in shapes.items()}


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is not True:
        raise why()
