"""What a name says that it is: a layer written out, a file, a shipped network and a variant of it."""

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
ITEM_WITHOUT_SPACE = re.compile(r"(\w+):\d+")  # `conv:3`, which is a fault with a hint, and no revision
DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def is_item(text: str) -> bool:
    """Whether a SPEC is a layer written out, not the name of something."""
    if text in LAYERS:
        return not Path(text).exists()
    short = len(text) < 1000 and "\n" not in text
    glued = ITEM_WITHOUT_SPACE.fullmatch(text)
    looks = bool(ITEM.search(text)) or (glued is not None and glued[1] in LAYERS)
    return looks and not (short and Path(text).exists())


def is_revision(name: str) -> bool:
    """Whether a SPEC is REV:path, out of git, and no file of that very name; `C:\\net.yaml` is a path."""
    return ":" in name and not DRIVE.match(name) and not Path(name).exists()


def split_variant(name: str) -> tuple[str, str | None]:
    """`resnet@50` → resnet, 50; a file that really has an @ in its name is left whole."""
    stem, at, variant = name.rpartition("@")
    return (stem, variant) if at and stem and not Path(name).exists() else (name, None)


def locate(name: str) -> str:
    """The path of a spec: a file, else a shipped network.

    Raises:
        UsageError: neither is there.
    """
    if name == "-" or Path(name).exists():
        return name
    found = shipped.path_of(name)
    if found is not None:
        return str(found)
    hint = suggest(name, shipped.names(), "'cnncalc list' lists the shipped networks")
    meant = _written_together(name)
    raise UsageError(f"no such file or shipped network: {name} ({ask(meant) if meant else hint})")


def _written_together(name: str) -> str | None:
    """The variant that a name of another library means: resnet50 is resnet@50, yolov3-tiny yolov3@tiny."""
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
    """Say so where the name of a file that is not here is taken for a shipped network."""
    if stem != "-" and stem.endswith((".yaml", ".yml")) and not Path(stem).exists() and shipped.path_of(stem):
        warn(f"no file {stem} here: using the shipped network")
