"""Decides what a name is: a layer written out, a file, or a shipped network and a variant of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from cnncalc import shipped
from cnncalc.errors import UsageError
from cnncalc.layers import LAYERS
from cnncalc.source.reading import read
from cnncalc.spec import parse_source
from cnncalc.suggest import ask, suggest

ITEM = re.compile(r"[{\[\n]|:(\s|$)|^-\s")
ITEM_WITHOUT_SPACE = re.compile(r"(\w+):\d+")  # `conv:3`: an error with a hint, not a revision
REVISION_OF_A_FILE = re.compile(r"([^:\s\[{][^:\n]*)?:\S.*\.ya?ml(@[\w.-]+)?", re.DOTALL)  # `HEAD@{1}:net[1].yaml`
DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def is_item(text: str) -> bool:
    """Whether a SPEC is a layer written out and not the name of something."""
    if text in LAYERS:
        return not Path(text).exists()
    if REVISION_OF_A_FILE.fullmatch(text):
        return False
    short = len(text) < 1000 and "\n" not in text
    glued = ITEM_WITHOUT_SPACE.fullmatch(text)
    looks = bool(ITEM.search(text)) or (glued is not None and glued[1] in LAYERS)
    return looks and not (short and Path(text).exists())


def is_revision(name: str) -> bool:
    """Whether a SPEC is REV:path, from git, and not a file of that name; `C:\\net.yaml` is a path."""
    return ":" in name and not DRIVE.match(name) and not Path(name).exists()


def split_variant(name: str) -> tuple[str, str | None]:
    """`resnet@50` → resnet, 50; a file with an @ in its name is not split."""
    stem, at, variant = name.rpartition("@")
    return (stem, variant) if at and stem and not Path(name).exists() else (name, None)


def locate(name: str) -> str:
    """The path of a spec: of a file, else of a shipped network.

    Raises:
        UsageError: neither exists.
    """
    if name == "-" or Path(name).exists():
        return name
    path = shipped.path_of(name)
    if path is not None:
        return str(path)
    hint = suggest(name, shipped.names(), "'cnncalc list' lists the shipped networks")
    meant = _find_variant(name)
    raise UsageError(f"no such file or shipped network: {name} ({ask(meant) if meant else hint})")


def _find_variant(name: str) -> str | None:
    """The variant that another library's name means: resnet50 is resnet@50, yolov3-tiny is yolov3@tiny."""
    plain = _letters(name)
    for stem in shipped.names():
        if plain.startswith(_letters(stem)):
            for variant in parse_source(read(locate(stem))).variants:
                if plain == _letters(stem + variant):
                    return f"{stem}@{variant}"
    return None


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def say_if_shipped(stem: str, warn: Callable[[str], object]) -> None:
    """Warn if the name of a missing file is taken for a shipped network."""
    if stem != "-" and stem.endswith((".yaml", ".yml")) and not Path(stem).exists() and shipped.path_of(stem):
        warn(f"no file {stem} here: using the shipped network")
