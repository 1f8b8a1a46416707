"""One operation of the captured graph as a rule sees it: its arguments by name, and methods that add layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Stored, Tensor, Value
from cnncalc.importers.traced import TracedNode

if TYPE_CHECKING:
    from torch import nn


class Parts:
    """The outputs of an operation that has several; a layer is added for each when it is first read."""

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
    """One operation and its surroundings."""

    op: str  # without the trailing underscore of in-place variants
    arguments: Mapping[str, Any]  # by their names in PyTorch's schema, with its defaults
    seen: Sizes  # the output shape, batch included; that of the first output where there are several
    path: str  # of its module; ends in a dot where the operation is only one function in that module
    module: nn.Module | None  # None: the operation comes from another format
    inplace: bool
    alone: bool  # whether nothing else reads its first argument
    readers: frozenset[str]  # the operators that read its output
    emission: Emission
    kept: Mapping[str, Stored]  # all parameters and buffers, by name

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        return self.arguments[name]

    @property
    def batch(self) -> int:
        """The number of images in the capture."""
        return self.emission.batch

    def size(self, tensor: Tensor, dim: int) -> int:
        """The size of a dimension as PyTorch sees it."""
        return tensor.seen(self.batch)[dim]

    def tensor(self, name: str) -> Tensor:
        """An argument that depends on an input of the network.

        Raises:
            Inexpressible: it is a constant.
        """
        value = self.arguments[name]
        if not isinstance(value, Tensor):
            raise Inexpressible
        return value

    def plain(self, name: str) -> Tensor:
        """An argument with its axes in our order; adds a `permute` where PyTorch sees another one."""
        return self.arranged(self.tensor(name), None)

    def arranged(self, tensor: Tensor, order: Sequence[int] | None) -> Tensor:
        """The tensor stored in the axis order that PyTorch sees, or, with `order`, so that PyTorch sees that one."""
        wanted = ascending(tensor.order) if order is None else tuple(order)
        if sorted(map(abs, wanted)) != sorted(map(abs, tensor.order)):
            raise Inexpressible
        if tensor.order == wanted:
            return tensor
        # For each wanted axis: the position at which PyTorch sees it, and so which of our axes goes there.
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
        """Add a layer and return its output, in our axis order unless `order` says otherwise.

        `own`: the layer stands for this operation, and may take the name of its module.
        """
        path = self.path if own or self.path.endswith(".") or not self.path else f"{self.path}."
        name = self.emission.layer(kind, arguments, [tensor.name for tensor in inputs], shape, path, stored)
        return Tensor(name, shape, tuple(range(len(shape) + 1)) if order is None else tuple(order))

    def before(self, tensor: Tensor, *kinds: str) -> TracedNode | None:
        """The layer that produces a tensor, if this operation may absorb it.

        It must be of one of these kinds, the last layer added, in the same module, and read by nothing else.
        """
        node = self.emission.nodes.get(tensor.name)
        if node is None or node.kind not in kinds or not self.alone:
            return None
        last = next(reversed(self.emission.nodes)) == node.name
        return node if last and self.emission.paths.get(node.name) == self.path else None

    def weight(self, name: str) -> Stored | None:
        """The parameter or buffer that is passed as an argument; None where it is not given.

        Raises:
            Inexpressible: the argument is computed.
        """
        value = self.arguments[name]
        if value is None:
            return None
        if not isinstance(value, Constant) or not value.whole:
            raise Inexpressible
        return value.sources[0]

    def weights(self, *names: str) -> dict[str, Stored]:
        """The given ones among several such arguments, by name."""
        weights = {name: self.weight(name) for name in names}
        return {name: stored for name, stored in weights.items() if stored is not None}

    def tensors(self) -> Iterator[Tensor]:
        """All arguments that depend on an input."""
        for value in flat(self.arguments.values()):
            if isinstance(value, Tensor):
                yield value

    def constants(self) -> Iterator[Constant]:
        """All tensor arguments that do not depend on an input."""
        for value in flat(self.arguments.values()):
            if isinstance(value, Constant):
                yield value


Rule: TypeAlias = "Callable[[Call], Result]"


def flat(values: Any) -> Iterator[Any]:  # noqa: ANN401
    """The entries of nested lists, in order."""
    for value in values:
        if isinstance(value, list | tuple) and not isinstance(value, Tensor | Constant):
            yield from flat(value)
        else:
            yield value


def ascending(order: Sequence[int]) -> tuple[int, ...]:
    """The same order with the axes renumbered from 1 as PyTorch sees them; the batch keeps its place."""
    renumbered, number = [], 0
    for axis in order:
        if axis == 0:
            renumbered.append(0)
        else:
            number += 1
            renumbered.append(number if axis > 0 else -number)
    return tuple(renumbered)


def sign(axis: int) -> int:
    """0 for the batch, 1 for an axis, −1 for an axis that the batch is folded into."""
    return (axis > 0) - (axis < 0)
