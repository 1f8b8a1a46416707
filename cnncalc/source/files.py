"""Reads files: the one place where a command opens a file that a person named, or that a folder holds.

A file is a regular file. It is opened once and read up to a limit, so that no device, pipe or file of any size blocks a
command or fills its memory.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnncalc.errors import UsageError

# A pipe that a shell has opened for this process: `/dev/stdin`, or `<(command)`.
_STREAM = r"/dev/stdin|(?:/dev|/proc/self)/fd/\d+"
# A pipe that is put in place of a file after it was looked at does not block; Windows needs to be told of binary files.
_FLAGS = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
_CHUNK = 1 << 20  # bytes


def is_stream(name: str | Path) -> bool:
    """Whether a person named standard input or an open pipe, which can be read only once."""
    if not isinstance(name, str) or not name.startswith(("-", "/dev/", "/proc/")):
        return False
    return name == "-" or re.fullmatch(_STREAM, name) is not None


def exists(name: str | Path) -> bool:
    """Whether there is a file or a folder of this name; False for text that cannot be a name."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def is_folder(name: str | Path) -> bool:
    """Whether there is a folder of this name; False for text that cannot be a name."""
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False


def read_file(path: str | Path, limit: int, what: str) -> bytes:
    """Return the content of a file, or of a stream: `-`, `/dev/stdin`, `<(command)`. A `Path` is always a file.

    Args:
        path: the file.
        limit: the most bytes that it may have.
        what: what the limit is for, as in "a spec".

    Raises:
        UsageError: the file cannot be read, is not a regular file, or is larger than the limit.
    """
    if path == "-":
        larger, data = False, _standard_input(limit + 1)
    else:
        with opened(path) as descriptor:
            larger = os.fstat(descriptor).st_size > limit
            data = b"" if larger else _read(descriptor, limit + 1)
    if larger or len(data) > limit:
        raise UsageError(f"{path}: larger than {size_text(limit)}, the limit for {what}")
    return data


def read_beginning(path: Path, most: int) -> bytes:
    """Return at most this many bytes from the beginning of a file; raises as `read_file`."""
    with opened(path) as descriptor:
        return _read(descriptor, most)


def size_text(limit: int) -> str:
    """Write a limit: `4 MiB`."""
    return f"{limit >> 30} GiB" if limit >= 1 << 30 else f"{limit >> 20} MiB"


def require_file(path: Path) -> None:
    """Require a regular file, for a library that opens it itself; raises as `read_file`."""
    with opened(path):
        pass


@contextmanager
def opened(path: str | Path) -> Iterator[int]:
    """Open a file for reading; errors, on opening it and later, become sentences."""
    try:
        stream = is_stream(path)
        if not stream:  # a look first, since opening a device or a pipe can have effects
            _require_regular(path, Path(path).stat().st_mode)
        descriptor = os.open(path, os.O_RDONLY if stream else _FLAGS)
        try:
            if not stream:
                _require_regular(path, os.fstat(descriptor).st_mode)
            yield descriptor
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except PermissionError:
        raise UsageError(f"{path}: no permission to read it") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ValueError:  # a NUL in the name
        raise UsageError(f"{str(path)!r}: not the name of a file") from None


def _require_regular(path: str | Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path}: a folder, not a file")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path}: not a regular file; use '-' to read from standard input")


def _standard_input(most: int) -> bytes:
    try:
        if sys.stdin is None:
            raise UsageError("-: standard input is not available")
        return sys.stdin.buffer.read(most)
    except (OSError, ValueError) as error:
        raise UsageError(f"-: cannot read standard input: {error}") from None


def _read(descriptor: int, most: int) -> bytes:
    chunks = []
    while most > 0 and (chunk := os.read(descriptor, min(most, _CHUNK))):
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)
