"""Saves what a command makes in the file that a person names (`-o`, `--save`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cnncalc import shipped
from cnncalc.cli.output import write_data
from cnncalc.errors import UsageError
from cnncalc.loading.names import is_code, split_variant

STANDARD_OUTPUT = ("", "-", "/dev/stdout")


def save_text(text: str, output: str) -> None:
    """Write a text to a file, or to standard output."""
    if output in STANDARD_OUTPUT:
        write_data(text)
        return
    from cnncalc.source.replacing import replace_text

    replace_text(output, text)


def require_other_file(option: str, output: str, inputs: Iterable[str | Path]) -> None:
    """Refuse to write to a file that the command reads, under whichever name.

    Raises:
        UsageError: it is the file of an input.
    """
    if output in STANDARD_OUTPUT:
        return
    try:
        there = Path(output).stat()
    except (OSError, ValueError):
        return
    for name in inputs:
        if any(os.path.samestat(there, status) for status in _statuses(name)):
            raise UsageError(f"{option} {output}: this is the file that is read ({name}): name another")


def _statuses(name: str | Path) -> Iterator[os.stat_result]:
    """The status of each file that a network of this name may have been read from."""
    for place in _places(name):
        with suppress(OSError, ValueError):
            yield os.stat(place)  # noqa: PTH116 - standard input is a number


def _places(name: str | Path) -> Iterator[str | Path | int]:
    if name == "-":
        with suppress(OSError, ValueError, AttributeError):
            yield sys.stdin.fileno()
        return
    yield name
    if isinstance(name, Path):
        return
    if is_code(name):
        home = name.partition(":")[2].partition(",")[0].rpartition(":")[0]
        yield home
        yield getattr(sys.modules.get(home), "__file__", None) or home
        return
    stem = split_variant(name)[0]
    yield stem
    yield shipped.path_of(stem) or stem
