"""Files of blocks that a user supplies with `--blocks`, for modules of model files that are not known."""

from __future__ import annotations

from collections.abc import Iterable

_files: list[str] = []


def supply(files: Iterable[str]) -> None:
    """Read modules from these files from now on, in place of those that were supplied before."""
    _files[:] = files


def supplied() -> tuple[str, ...]:
    """The files that were supplied."""
    return tuple(_files)
