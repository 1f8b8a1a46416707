"""Defines what is known of a checkpoint without its weights."""

from __future__ import annotations

import re
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

    @property
    def lacking_files(self) -> int:
        """How many files are missing of a set that numbers them: `model-00001-of-00003.safetensors`."""
        found = [re.search(r"-\d{5}-of-(\d{5})\.\w+$", file) for file in self.files]
        totals = {int(match[1]) for match in found if match}
        return max(max(totals, default=0) - len(self.files), 0)
