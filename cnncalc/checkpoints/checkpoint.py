"""Defines what is known of a checkpoint without its weights."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.records import NamedTuple


class Tensor(NamedTuple):
    """A tensor of a checkpoint; an index of PyTorch's files states neither shape nor dtype."""

    shape: tuple[int, ...] | None = None
    dtype: str | None = None  # as safetensors writes it: F32, BF16, I64


class Checkpoint(NamedTuple):
    """The tensors of one or several files, in their order, and the bytes of all of them if an index states those."""

    files: tuple[str, ...]
    tensors: Mapping[str, Tensor]
    bytes: int | None = None

    @property
    def name(self) -> str:
        """The files, for a message."""
        first, *others = self.files
        return f"{first} and {len(others)} more" if others else first
