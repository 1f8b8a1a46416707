"""What the shell offers for a SPEC: shipped networks, their variants after an @, and files."""

from __future__ import annotations

from pathlib import Path


def complete_spec(incomplete: str) -> list[str]:
    """The words that a SPEC which begins like this may become."""
    stem, at, _ = incomplete.partition("@")
    found = _variants(stem) if at else complete_network(incomplete)
    return [*found, *_files(incomplete)]


def complete_network(incomplete: str) -> list[str]:
    """The shipped networks that begin like this."""
    from cnncalc import shipped

    return [name for name in shipped.names() if name.startswith(incomplete)]


def _variants(stem: str) -> list[str]:
    from cnncalc.errors import CnncalcError
    from cnncalc.loading import load

    try:
        return [f"{stem}@{variant}" for variant in load(stem).variants]
    except CnncalcError:
        return []


def _files(incomplete: str) -> list[str]:
    folder, _, begin = incomplete.rpartition("/")
    prefix = f"{folder}/" if "/" in incomplete else ""
    try:
        inside = sorted(Path(prefix or ".").iterdir())
    except OSError:
        return []
    names = [f"{path.name}/" if path.is_dir() else path.name for path in inside]
    hidden = begin.startswith(".")
    return [
        prefix + name
        for name in names
        if name.startswith(begin) and name.endswith(("/", ".yaml", ".yml")) and (hidden or not name.startswith("."))
    ]
