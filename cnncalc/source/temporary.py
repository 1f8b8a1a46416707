"""New files that take the place of others. Where the system can, they have no name until then, so that none is left.

Elsewhere they are deleted when an error, or a signal that can be handled, ends the writing.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# On file systems without nameless files, opening one fails with one of these; an older kernel opens the folder itself.
_NAMELESS_UNKNOWN = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)
_pending: set[str] = set()


class NewFile:
    """A file beside its target: `path` is None as long as it has no name."""

    def __init__(self, descriptor: int, path: str | None) -> None:
        self.descriptor = descriptor
        self.path = path

    def write(self, data: bytes) -> None:
        """Write this content, and sync it to disk."""
        write_all(self.descriptor, data)
        os.fsync(self.descriptor)

    def move_to(self, target: Path) -> None:
        """Take the place of the target, and sync the folder to disk too."""
        if self.path is None:
            self._link(target)
        if self.path is not None:
            self.close()  # Windows replaces no file by an open one
            Path(self.path).replace(target)
            _pending.discard(self.path)
            self.path = None
        _sync_folder(target.parent)

    def close(self) -> None:
        """Close the file, if it is open."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _link(self, target: Path) -> None:
        """Give a file without a name that of its target, or, if that is taken, one beside it."""
        own = f"/proc/self/fd/{self.descriptor}"
        here = self.descriptor  # unused, but with a folder for the source, Python follows links
        try:
            os.link(own, target, src_dir_fd=here)
        except FileExistsError:
            self.path = _new_name(target)
            os.link(own, self.path, src_dir_fd=here)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of this content; the system may take only a part of it at once."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


@contextmanager
def new_file(target: Path) -> Iterator[NewFile]:
    """A new file in the folder of a target; deleted unless it moves there."""
    new = _open_nameless(target.parent) or _open_named(target)
    try:
        yield new
    finally:
        new.close()
        if new.path is not None:
            _discard(new.path)


@contextmanager
def new_folder(parent: Path, name: str) -> Iterator[Path]:
    """A new folder in another one; deleted at the end."""
    made = tempfile.mkdtemp(prefix=f".{name}.", dir=parent)
    _pending.add(made)
    try:
        yield Path(made)
    finally:
        _discard(made)


def discard_pending() -> None:
    """Delete all files that have not taken their place; for the handler of a signal that ends the process."""
    for path in list(_pending):
        _discard(path)


def _discard(path: str) -> None:
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        Path(path).unlink()
    _pending.discard(path)


def _open_nameless(folder: Path) -> NewFile | None:
    """A file without a name; None where the system or the file system knows none."""
    if not hasattr(os, "O_TMPFILE") or not Path("/proc/self/fd").is_dir():
        return None
    try:
        return NewFile(os.open(folder, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o666), None)
    except OSError as error:
        if error.errno in _NAMELESS_UNKNOWN and folder.is_dir():
            return None
        raise


def _open_named(target: Path) -> NewFile:
    name = _new_name(target)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return NewFile(os.open(name, flags, 0o666), name)
    except OSError:
        _pending.discard(name)
        raise


def _new_name(target: Path) -> str:
    """A name beside a target that is not taken: 64 random bits, long names cut so that they stay valid."""
    name = str(target.parent / f".{target.name[:50]}.{secrets.token_hex(8)}")
    _pending.add(name)
    return name


def _sync_folder(folder: Path) -> None:
    """Sync the directory entry to disk, where the platform allows it (not on Windows)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
