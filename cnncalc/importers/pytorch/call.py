"""One operation of PyTorch's graph as a rule reads it: its arguments by name, and the layers it may write down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from torch import nn

from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.exporting import BATCH, Stored
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Tensor, Value
from cnncalc.importers.traced import TracedNode


class Parts:
    """The several outputs of an operation, each written down when it is first asked for."""

    def __init__(self, part: Callable[[int], Value]) -> None:
        self._part = part
        self._made: dict[int, Value] = {}

    def __getitem__(self, number: int) -> Value:
        if number not in self._made:
            self._made[number] = self._part(number)
        return self._made[number]


Result: TypeAlias = "Value | Parts"


@dataclass(frozen=True, slots=True)
class Call:
    """An operation in its place."""

    op: str  # without the underscore that says "in place"
    arguments: Mapping[str, Any]  # by the names of PyTorch's schema, defaults filled in
    seen: Sizes  # the shape that leaves, batch and all; of the first where there are several
    path: str  # of the module that it is, or, with a dot at the end, that it is a function of
    module: nn.Module
    inplace: bool
    alone: bool  # whether its first argument has no other reader
    readers: frozenset[str]  # the operations that read what leaves
    emission: Emission
    kept: Mapping[str, Stored]  # everything that the network keeps, by name

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        return self.arguments[name]

    def tensor(self, name: str) -> Tensor:
        """An argument that depends on an input.

        Raises:
            Inexpressible: it is a constant.
        """
        value = self.arguments[name]
        if not isinstance(value, Tensor):
            raise Inexpressible
        return value

    def plain(self, name: str) -> Tensor:
        """An argument with its axes in the order of ours; a `permute` is written down where they are not."""
        return self.arranged(self.tensor(name), None)

    def arranged(self, tensor: Tensor, order: Sequence[int] | None) -> Tensor:
        """The tensor with its axes stored in the order that PyTorch sees; or so that `order` is what PyTorch sees."""
        wanted = ascending(tensor.order) if order is None else tuple(order)
        if sorted(map(abs, wanted)) != sorted(map(abs, tensor.order)):
            raise Inexpressible
        if tensor.order == wanted:
            return tensor
        # For every axis that is wanted, the one of ours that PyTorch sees in its place.
        place = {abs(axis): dim for dim, axis in enumerate(wanted)}
        dims = [abs(tensor.order[place[axis]]) for axis in range(1, len(tensor.shape) + 1)]
        if 0 in dims or [sign(axis) for axis in wanted] != [sign(axis) for axis in tensor.order]:
            raise Inexpressible
        shape = tuple(tensor.shape[dim - 1] for dim in dims)
        return self.emit("permute", {"dims": dims}, [tensor], shape, wanted, own=False)

    def emit(
        self,
        kind: str,
        arguments: Mapping[str, object],
        inputs: Sequence[Tensor],
        shape: Sizes,
        order: Sequence[int] | None = None,
        stored: Mapping[str, Stored] | None = None,
        own: bool = True,
    ) -> Tensor:
        """Write a layer down; what leaves it, seen as it is unless `order` says otherwise.

        `own`: the layer is this operation, and may have its module's name.
        """
        path = self.path if own or self.path.endswith(".") or not self.path else f"{self.path}."
        name = self.emission.layer(kind, arguments, [tensor.name for tensor in inputs], shape, path, stored)
        return Tensor(name, shape, tuple(range(len(shape) + 1)) if order is None else tuple(order))

    def before(self, tensor: Tensor, *kinds: str) -> TracedNode | None:
        """The layer that a tensor leaves, where this operation may take it in: of these kinds, written down last and
        in the same module, and read by nobody else.
        """
        node = self.emission.nodes.get(tensor.name)
        if node is None or node.kind not in kinds or not self.alone:
            return None
        last = next(reversed(self.emission.nodes)) == node.name
        return node if last and self.emission.paths.get(node.name) == self.path else None

    def weight(self, name: str) -> Stored | None:
        """An argument that is one of the network's own tensors, None where it is not given.

        Raises:
            Inexpressible: it is computed.
        """
        value = self.arguments[name]
        if value is None:
            return None
        if not isinstance(value, Constant) or not value.whole:
            raise Inexpressible
        return value.sources[0]

    def weights(self, *names: str) -> dict[str, Stored]:
        """Those of several arguments that are given."""
        found = {name: self.weight(name) for name in names}
        return {name: stored for name, stored in found.items() if stored is not None}

    def tensors(self) -> Iterator[Tensor]:
        """All arguments that depend on an input."""
        for value in flat(self.arguments.values()):
            if isinstance(value, Tensor):
                yield value

    def constants(self) -> Iterator[Constant]:
        """All arguments that do not, but are tensors."""
        for value in flat(self.arguments.values()):
            if isinstance(value, Constant):
                yield value


Rule: TypeAlias = "Callable[[Call], Result]"


def flat(values: Any) -> Iterator[Any]:  # noqa: ANN401
    """The entries of lists within lists."""
    for value in values:
        if isinstance(value, list | tuple) and not isinstance(value, Tensor | Constant):
            yield from flat(value)
        else:
            yield value


def ascending(order: Sequence[int]) -> tuple[int, ...]:
    """The order in which axes are stored as they are seen, the batch where it is seen."""
    found, number = [], 0
    for axis in order:
        if axis == 0:
            found.append(0)
        else:
            number += 1
            found.append(number if axis > 0 else -number)
    return tuple(found)


def sign(axis: int) -> int:
    """0 for the batch, 1 for an axis, −1 for both as one."""
    return (axis > 0) - (axis < 0)


def unbatched(seen: Sizes) -> Tensor:
    """Shape and order, without a name, of what PyTorch sees with the batch in front, or folded into the first axis.

    Raises:
        Inexpressible: the first axis is no multiple of the batch.
    """
    if not seen or seen[0] % BATCH:
        raise Inexpressible
    fold = seen[0] // BATCH
    if fold == 1:
        return Tensor("", seen[1:], tuple(range(len(seen))))
    return Tensor("", (fold, *seen[1:]), (-1, *range(2, len(seen) + 1)))
