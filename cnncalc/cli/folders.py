"""Finds the specs in folders and behind patterns. What it finds are paths, whatever their names look like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cnncalc.cli.complaints import say
from cnncalc.document.recognition import holds_spec
from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_SPEC
from cnncalc.source.files import is_folder, read_beginning, size_text


def specs_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that are specs, or were meant to be; a file that cannot be read is reported."""
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        complain_of_folder(error)
        return
    for path in paths:
        if path.suffix.lower() in (".yaml", ".yml") and not is_folder(path) and is_spec(path):
            yield path


def complain_of_folder(error: OSError) -> None:
    """Report a folder that cannot be listed."""
    say(f"{error.filename}: cannot be read: {(error.strerror or str(error)).lower()}: skipped")


def is_spec(path: Path) -> bool:
    """Whether a file has a top-level key `layers`, or `input` and a misspelt `layers`; one that cannot be read has not.

    Few other files are parsed. A line with `layers:` is enough, since the YAML before it may be invalid. Bytes that are
    not UTF-8 do not hide a spec.
    """
    try:
        data = read_beginning(path, LARGEST_SPEC + 1)
    except UsageError as error:
        if not (path.name.startswith(".") and path.is_symlink()):  # Emacs locks a file by a link to nowhere
            say(f"{error}: skipped")
        return False
    if holds_spec(data):
        return True
    if len(data) > LARGEST_SPEC:
        say(f"{path}: larger than {size_text(LARGEST_SPEC)}, the limit for a spec: skipped")
    return False
