"""The networks that ship with the tool: their names and the files of their specs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

LONGEST = 200  # letters in a name; a path may be no longer than a system allows


@cache
def folder() -> Path:
    """The folder of the shipped specs: inside the installed package, or next to it in a checkout."""
    inside = Path(__file__).parent / "specs"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "specs"


def names() -> list[str]:
    """The names of the shipped networks, sorted."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def path_of(name: str) -> Path | None:
    """The file of a shipped network (`alexnet`, `alexnet.yaml`); None if there is no such network."""
    stem = name.removesuffix(".yaml").removesuffix(".yml").lower()
    if not stem.replace("_", "").isalnum() or len(stem) > LONGEST:
        return None
    path = folder() / f"{stem}.yaml"
    return path if path.is_file() else None
