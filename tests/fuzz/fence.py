"""Keeps a case inside its folder: no other folder is listed, and nothing elsewhere is written.

A command that is given `/` would otherwise rewrite the specs of the whole machine.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
LISTS = ("os.scandir", "os.listdir")
CHANGES = (
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.chown",
    "os.truncate",
)
_folder: Path | None = None


def install() -> None:
    """Put up the fence; it stays for the life of the process."""
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)


def enter(folder: Path | None) -> None:
    """From now on this is the folder; None: the fence is open."""
    global _folder
    _folder = folder


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if _folder is None or event not in (*LISTS, *CHANGES, "open"):
        return
    where, mode = arguments[0], arguments[2] if event == "open" else None
    if event in LISTS:
        allowed = _is_inside(where or ".", _folder, *map(Path, sys.path), ROOT)
    elif event in CHANGES or (isinstance(mode, int) and mode & WRITES):
        allowed = _is_inside(where, _folder, Path(tempfile.gettempdir()), Path(os.devnull))
    else:
        return
    if not allowed:
        raise PermissionError(13, "Permission denied", where)


def _is_inside(where: object, *folders: Path) -> bool:
    if not isinstance(where, str | bytes | os.PathLike):
        return True  # a descriptor, which was opened by its name
    path = os.path.realpath(os.fsdecode(where))
    return any(
        path == str(folder) or path.startswith(f"{folder}{os.sep}") for folder in folders if folder.is_absolute()
    )
