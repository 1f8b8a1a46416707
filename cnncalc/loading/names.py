"""Decides what a name is: a layer written out, a file, or a shipped network and a variant of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from cnncalc import shipped
from cnncalc.errors import UsageError
from cnncalc.importers import format_of
from cnncalc.layers import LAYERS
from cnncalc.limits import LARGEST_SPEC
from cnncalc.source.files import exists, is_stream, read_beginning

# compiled on first use: the name of a file or a shipped network needs none
ITEM = r"[{\[\n]|:(\s|$)|^-\s"
ITEM_WITHOUT_SPACE = r"(\w+):\d+"  # `conv:3`: an error with a hint, not a revision
REVISION_OF_A_FILE = r"(?s)([^:\s\[{][^:\n]*)?:\S.*\.ya?ml(@[\w.-]+)?"  # `HEAD@{1}:net[1].yaml`
DRIVE = r"[A-Za-z]:[\\/]"
CALL = r"[A-Za-z_][\w.]*\s*\(.*\)"  # `Conv2d(3, 8, 5)`: an error that says how a layer is written
SCALED = r"(?i)(.*\d)([a-z])((?:[-_][\w.-]*)?\.ya?ml)"  # yolov8n-seg.yaml
IN_AN_ITEM = frozenset(":{[\n-")  # one of these is in every layer written out
MAGIC = frozenset("*?[")  # one of these is in every pattern
LONGEST = 200  # letters of a name in a message


def is_item(text: str) -> bool:
    """Whether a SPEC is a layer written out and not the name of something."""
    if text in LAYERS:
        return not exists(text)
    if _is_call(text):
        return not exists(text)
    if IN_AN_ITEM.isdisjoint(text) or re.fullmatch(REVISION_OF_A_FILE, text):
        return False
    glued = re.fullmatch(ITEM_WITHOUT_SPACE, text)
    looks = bool(re.search(ITEM, text)) or (glued is not None and glued[1] in LAYERS)
    return looks and not exists(text)


def _is_call(text: str) -> bool:
    """Whether a SPEC is a layer as code writes it, `Conv2d(3, 8, 5)`, or its name before numbers, `conv 8 5`."""
    first, space, _ = text.partition(" ")
    return (bool(space) and first in LAYERS) or ("(" in text and re.fullmatch(CALL, text) is not None)


def is_code(name: str) -> bool:
    """Whether a SPEC gives code that builds a network, `torch:…` with anything in it, and not a file of that name."""
    format_ = format_of(name)
    return format_ is not None and bool(format_.prefix)


def is_revision(name: str) -> bool:
    """Whether a SPEC is REV:path, from git, and not a file of that name; `C:\\net.yaml` is a path."""
    return ":" in name and not re.match(DRIVE, name) and not exists(name)


def is_pattern(name: str) -> bool:
    """Whether a name is a pattern, which stands for files, and not the name of a file."""
    return not MAGIC.isdisjoint(name) and not exists(name)


def split_variant(name: str) -> tuple[str, str | None]:
    """`resnet@50` → resnet, 50; a file with an @ in its name is not split.

    Of a model file that is not there, `yolov8n.yaml`, the letter is the variant of another: `yolov8.yaml`, n.
    """
    stem, at, variant = name.rpartition("@")
    if at and stem and not exists(name):
        return stem, variant
    return _unscaled(name) or (name, None)


def _unscaled(name: str) -> tuple[str, str] | None:
    """The model file and the scale that a name means of which there is no file; else None."""
    if not name.lower().endswith((".yaml", ".yml")) or exists(name):
        return None
    match = re.fullmatch(SCALED, name)
    file = f"{match[1]}{match[3]}" if match else ""
    format_ = format_of(file) if file else None
    return (file, match[2]) if match and format_ and format_.says else None


def locate(name: str) -> str:
    """The path of a spec: of a file, else of a shipped network.

    Raises:
        UsageError: neither exists, or it is a file in a format that is not read.
    """
    refuse_foreign(name)
    if name == "-" or exists(name):
        return name
    path = shipped.path_of(name)
    if path is not None:
        return str(path)
    from cnncalc.loading.nearby import guess

    shown = name if len(name) <= LONGEST else f"{name[:LONGEST]}…"
    raise UsageError(f"no such file or shipped network: {shown} ({guess(name)})")


def refuse_foreign(name: str | Path) -> None:
    """Refuse a file in a format that is not read, and say what can be done with it; a spec may have any suffix.

    Raises:
        UsageError: the name has the suffix of such a format.
    """
    text = str(name)
    if "." not in text or text.lower().endswith((".yaml", ".yml")):
        return
    from cnncalc.loading.foreign import foreign_format

    how = foreign_format(text)
    if how is not None and not _is_spec(text):
        raise UsageError(f"{text}: {'' if exists(text) else 'no such file; '}{how}")


def _is_spec(name: str) -> bool:
    from cnncalc.document.recognition import holds_spec

    try:
        return holds_spec(read_beginning(Path(name), LARGEST_SPEC))
    except UsageError:
        return False


def identity(name: str | Path) -> object:
    """What two names of the same spec have in common: the file and the variant; for anything else the name itself."""
    if isinstance(name, Path):
        return os.path.realpath(name), None
    if is_stream(name) or is_item(name) or is_code(name):
        return name
    stem, variant = split_variant(name)
    path = stem if exists(stem) else shipped.path_of(stem)
    return name if path is None else (os.path.realpath(path), variant)


def say_if_shipped(stem: str, warn: Callable[[str], object]) -> None:
    """Warn if the name of a missing file is taken for a shipped network."""
    if stem != "-" and stem.endswith((".yaml", ".yml")) and not exists(stem) and shipped.path_of(stem):
        warn(f"no file {stem} here: using the shipped network")
