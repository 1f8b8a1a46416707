"""Completes words in the shell: a SPEC (a shipped network, its variants after an @, a file), and names of tools."""

from __future__ import annotations

from pathlib import Path

from cnncalc.names import CONVENTIONS


def complete_spec(incomplete: str) -> list[str]:
    """The completions of a partial SPEC."""
    stem, at, _ = incomplete.partition("@")
    names = _variants(stem) if at else complete_network(incomplete)
    return [*names, *_files(incomplete)]


def complete_network(incomplete: str) -> list[str]:
    """The names of the shipped networks that start with this text."""
    from cnncalc import shipped

    return [name for name in shipped.names() if name.startswith(incomplete)]


def complete_convention(incomplete: str) -> list[str]:
    """The conventions that start with this text: names, and names with a version where there are several."""
    names = dict.fromkeys(name.partition("@")[0] for name in CONVENTIONS)
    return [name for name in {**names, **CONVENTIONS} if name.startswith(incomplete)]


def complete_count(incomplete: str) -> list[str]:
    """The conventions, and our own counts, that start with this text."""
    from cnncalc.conventions import OWN

    return [*(name for name in OWN if name.startswith(incomplete)), *complete_convention(incomplete)]


def complete_tools(incomplete: str) -> list[str]:
    """The lists of tools that go on from this one: its last name completed, by one that it does not have yet."""
    from cnncalc.pytorch.live.tools import EVERY, TOOLS

    before, comma, begin = incomplete.rpartition(",")
    given = before.split(",") if comma else []
    names = [*TOOLS, *([] if comma else [EVERY])]
    return [f"{before}{comma}{name}" for name in names if name.startswith(begin) and name not in given]


def _variants(stem: str) -> list[str]:
    """The variants of a file or a shipped network; nothing is imported, and no stream read, to complete a word."""
    from cnncalc.errors import CnncalcError
    from cnncalc.loading.names import locate
    from cnncalc.source.reading import read
    from cnncalc.spec import parse_source

    try:
        return [f"{stem}@{variant}" for variant in parse_source(read(Path(locate(stem))), lambda fault: None).variants]
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
