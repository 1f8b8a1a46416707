"""Writes files: the one place where a command writes to a file that a person named.

A file is replaced as a whole: readers, at any moment and after any crash, see the old content or the new one. It keeps
its owner, permissions and extended attributes, its links, and the byte order mark of a text.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cnncalc.errors import UsageError
from cnncalc.source.files import read_file
from cnncalc.source.temporary import new_file, new_folder, write_all

BOM = b"\xef\xbb\xbf"
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
# The folder takes no new files, or the file is a mount of its own, as in a container.
_ONLY_IN_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY)


def replace_text(path: str | Path, text: str, instead_of: bytes | None = None) -> None:
    """Write a text in UTF-8, after a byte order mark if the file begins with one; arguments as for `replace_file`."""
    data = text.encode()
    with suppress(OSError):  # writing says what is wrong
        if Path(path).is_file() and Path(path).stat().st_size >= len(BOM):
            with Path(path).open("rb") as file:
                mark = file.read(len(BOM)) == BOM
            data = BOM + data.removeprefix(BOM) if mark else data
    replace_file(path, data, instead_of)


def replace_file(path: str | Path, data: bytes, instead_of: bytes | None = None) -> None:
    """Write a file: beside it first, synced to disk, then in its place. A device or pipe is written to as it is.

    A symbolic link is followed and its target replaced. A file that would lose a hard link or its owner, or that cannot
    be replaced, is overwritten in place instead. `instead_of` is the expected current content.

    Raises:
        UsageError: the file is read-only, a folder, changed in the meantime, or cannot be written.
    """
    with _sentences(path):
        status = _status(path)
        if status is not None and not stat.S_ISREG(status.st_mode):
            if instead_of is not None:
                raise UsageError(f"{path}: not a regular file: not written")
            _write_stream(path, data)
            return
        target = Path(os.path.realpath(path))
        if not _replace(target, data, status, lambda: _require_unchanged(target, path, instead_of)):
            _overwrite(target, data)


@contextmanager
def replacing_together(path: Path) -> Iterator[Path]:
    """A path in a new folder beside `path`: every file that is written there then takes its place beside `path`.

    The file of that name is the last to take its place, since it refers to the others. Raises as `replace_file`.
    """
    with _sentences(path):
        _status(path)
        with new_folder(path.parent, path.name) as folder:
            yield folder / path.name
            for made in sorted(folder.iterdir(), key=lambda each: each.name == path.name):
                target = Path(os.path.realpath(path.with_name(made.name)))
                status = _status(target)
                with made.open("rb") as file:
                    os.fsync(file.fileno())
                    if status is not None:
                        _keep(file.fileno(), target, status)
                made.replace(target)


def _replace(target: Path, data: bytes, status: os.stat_result | None, check: Callable[[], None]) -> bool:
    """Put a new file in the place of another; False, with nothing changed, if something of the old would be lost."""
    try:
        with new_file(target) as new:
            new.write(data)
            kept = status is None or _keep(new.descriptor, target, status)
            check()
            if kept:
                new.move_to(target)
            return kept
    except OSError as error:
        if status is None or error.errno not in _ONLY_IN_PLACE:
            raise
        return False


def _require_unchanged(target: Path, path: str | Path, content: bytes | None) -> None:
    if content is None:
        return
    with suppress(UsageError):
        if read_file(target, len(content), "a file that is replaced") == content:
            return
    raise UsageError(f"{path}: changed in the meantime: not written")


@contextmanager
def _sentences(path: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None
    except ValueError:  # a NUL in the name
        raise UsageError(f"{str(path)!r}: not the name of a file") from None


def _status(path: str | Path) -> os.stat_result | None:
    """The status of what stands at a path; None if nothing does.

    Raises:
        UsageError: a folder or a read-only file stands there.
    """
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise UsageError(f"{path}: a folder: not written")
    if stat.S_ISREG(status.st_mode) and (not status.st_mode & 0o222 or not os.access(path, os.W_OK)):
        raise UsageError(f"{path}: read-only: not written")
    return status


def _keep(descriptor: int, target: Path, status: os.stat_result) -> bool:
    """Give a new file the owner, permissions and attributes of the old one; whether nothing that matters is lost."""
    if os.name == "nt":
        return status.st_nlink == 1
    made = os.fstat(descriptor)
    try:
        if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
            os.fchown(descriptor, status.st_uid, status.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
    except PermissionError:
        return False
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(target):
                with suppress(OSError):  # some belong to the system
                    os.setxattr(descriptor, name, os.getxattr(target, name))
    return status.st_nlink == 1


def _overwrite(target: Path, data: bytes) -> None:
    """Overwrite a file in place, once the disk has room for the new content."""
    descriptor = os.open(target, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(descriptor).st_size
        if hasattr(os, "posix_fallocate") and len(data) > size:
            try:
                os.posix_fallocate(descriptor, 0, len(data))
            except OSError as error:
                if error.errno in _NO_ROOM:
                    os.ftruncate(descriptor, size)
                    raise
        write_all(descriptor, data)
        os.ftruncate(descriptor, len(data))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_stream(path: str | Path, data: bytes) -> None:
    """Write to a device or an open pipe; a pipe that nobody reads is an error."""
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    try:
        os.set_blocking(descriptor, True)
        write_all(descriptor, data)
    finally:
        os.close(descriptor)
