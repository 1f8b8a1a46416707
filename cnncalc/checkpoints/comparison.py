"""Compares a checkpoint with the state_dict of a network: what is missing, superfluous, of another shape or dtype."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.checkpoints.checkpoint import Checkpoint, Tensor
from cnncalc.checkpoints.renaming import renamings
from cnncalc.checkpoints.state import Expected, state_of, unknown_levels
from cnncalc.graph import Graph
from cnncalc.layers.layer import Shape
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple

FLOATING = ("F", "BF")  # F32, F16, F8_E4M3, …
PER_ELEMENT = (1, 2, 4, 8)  # bytes of a number in a checkpoint


class Comparison(NamedTuple):
    """How a checkpoint fits a network. Names of tensors are those of the network, unless it is said otherwise."""

    checkpoint: Checkpoint
    expected: Mapping[str, Expected]
    missing: tuple[str, ...]
    superfluous: tuple[str, ...]  # names of the checkpoint
    shapes: Mapping[str, tuple[int, ...]]  # name → another shape, in the checkpoint
    dtypes: Mapping[str, str]  # name → dtype in the checkpoint, of numbers of another sort
    renamings: Mapping[str, str]  # name in the checkpoint → name, both unmatched otherwise

    @property
    def fits(self) -> bool:
        """Whether the network would load the checkpoint, as far as is known."""
        return self.alike and not self.renamings

    @property
    def alike(self) -> bool:
        """Whether it fits but for the names."""
        return not (self.missing or self.superfluous or self.shapes or self.dtypes or self.wrong_bytes)

    @property
    def guessed(self) -> bool:
        """Whether a renaming follows from more than one prefix."""
        return not all(old.endswith(new) or new.endswith(old) for old, new in self.renamings.items())

    @property
    def fitting(self) -> int:
        """The number of tensors of the checkpoint that fit as they are."""
        wrong = len(self.superfluous) + len(self.renamings) + len({*self.shapes, *self.dtypes})
        return len(self.checkpoint.tensors) - wrong

    @property
    def wrong_bytes(self) -> bool:
        """Whether the size that an index states is impossible for tensors whose names are all that is known."""
        total = self.checkpoint.bytes
        known = any(tensor.shape is not None for tensor in self.checkpoint.tensors.values())
        if total is None or known or self.missing or self.superfluous or self.renamings:
            return False
        every = sum(numel(each.shape) for each in self.expected.values())
        alone = sum(numel(each.shape) for each in self.expected.values() if each.shares is None and not each.optional)
        if not isinstance(every, int) or not isinstance(alone, int):
            return False
        return not min(PER_ELEMENT) * alone <= total <= max(PER_ELEMENT) * every


def compare(graph: Graph, checkpoint: Checkpoint) -> Comparison:
    """Compare a checkpoint with the tensors of a network."""
    expected, found = state_of(graph), checkpoint.tensors
    missing = {name for name in expected if name not in found}
    anything = unknown_levels(graph)
    superfluous = {name for name in found if name not in expected and not name.startswith(anything)}
    renamed = renamings(
        {name: each for name, each in expected.items() if name in missing},
        {name: each for name, each in found.items() if name in superfluous},
    )
    have = {*found, *renamed.values()}
    there = {each.shares or name for name, each in expected.items() if name in have}  # a shared tensor is saved once
    lacking = [
        name
        for name, each in expected.items()
        if name not in have and not each.optional and (each.shares or name) not in there
    ]
    names = {name: name for name in found} | renamed
    both = [(new, expected[new], found[old]) for old, new in names.items() if new in expected]
    return Comparison(
        checkpoint,
        expected,
        tuple(lacking),
        tuple(name for name in found if name in superfluous and name not in renamed),
        {name: each.shape for name, own, each in both if each.shape is not None and _differs(own.shape, each.shape)},
        {name: each.dtype for name, own, each in both if each.dtype is not None and not _is_right(own, each)},
        renamed,
    )


def _differs(own: Shape, other: tuple[int, ...]) -> bool:
    """Whether two shapes differ; a size that depends on a symbol differs from none."""
    return len(own) != len(other) or any(
        isinstance(size, int) and size != to for size, to in zip(own, other, strict=True)
    )


def _is_right(own: Expected, tensor: Tensor) -> bool:
    """Whether a tensor holds numbers of the right sort: PyTorch converts between floating-point dtypes on loading."""
    floating = tensor.dtype is None or tensor.dtype.startswith(FLOATING)
    return floating != own.whole
