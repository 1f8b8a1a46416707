"""Replaces a file atomically: readers, at any moment and after any crash, see the old text or the new one."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from cnncalc.errors import UsageError


def replace_text(path: str | Path, text: str, instead_of: bytes | None = None) -> None:
    """Write a file in UTF-8: to a temporary file first, synced to disk, then renamed; permissions are kept.

    A symbolic link is followed and its target replaced. `instead_of` is the expected current content.

    Raises:
        UsageError: the file is read-only, not a regular file, changed in the meantime, or cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = _mode(path, target)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as beside:
            try:
                beside.write(text.encode())
                beside.flush()
                os.fsync(beside.fileno())
                Path(beside.name).chmod(mode)
                if instead_of is not None and target.read_bytes() != instead_of:
                    raise UsageError(f"{path}: changed in the meantime: not written")
                Path(beside.name).replace(target)
            except BaseException:
                with suppress(OSError):
                    Path(beside.name).unlink()
                raise
        _sync_folder(target.parent)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None


def _mode(path: str | Path, target: Path) -> int:
    """The permissions of the file, or those of a new file if it does not exist."""
    try:
        status = target.stat()
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path}: not a regular file: not written")
    if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise UsageError(f"{path}: read-only: not written")
    return stat.S_IMODE(status.st_mode)


def _sync_folder(folder: Path) -> None:
    """Sync the directory entry to disk too, where the platform allows it (not on Windows)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
