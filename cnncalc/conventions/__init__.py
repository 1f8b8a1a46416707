"""The operation counts of other tools, by name: `convention("thop")`, `convention("torchinfo@main")`.

    call ─▶ rules ─▶ manners ─▶ convention ─▶ one table per tool, in a file of its tool's name

The rules follow each tool's source and are tested against its output (tests/data/peers_networks.csv, peers_ops.csv).
Not covered are the columns of those files that count no operations (activations, parameters, bytes), and torch-scan's
memory accesses.
"""

from __future__ import annotations

from importlib import import_module

from cnncalc.conventions.convention import Convention, Tally
from cnncalc.errors import UsageError
from cnncalc.names import CONVENTIONS
from cnncalc.suggest import with_suggestion

__all__ = ["CONVENTIONS", "OWN", "Convention", "Tally", "convention"]

OWN = ("macs", "flops")  # our own counts, which need no convention


def convention(name: str) -> Convention:
    """The convention of this name; without a version, the released one.

    Raises:
        UsageError: there is no such convention or version.
    """
    stem, at, version = name.partition("@")
    names = [known for known in CONVENTIONS if known.partition("@")[0] == stem]
    if stem in OWN:
        raise UsageError(f"{stem} is our own count, which needs no convention: choose from {', '.join(CONVENTIONS)}")
    if not names:
        stems = [*OWN, *(known.partition("@")[0] for known in CONVENTIONS)]
        raise UsageError(
            with_suggestion(f"unknown convention '{stem}'", stem, stems, f"choose from {', '.join(CONVENTIONS)}")
        )
    versions = {each.version: each for each in map(_load, names)}
    if not at:
        return next(iter(versions.values()))
    if version not in versions:
        raise UsageError(f"{stem} is known at {' and '.join(versions)}, not at '{version}'")
    return versions[version]


def _load(name: str) -> Convention:
    module, attribute = CONVENTIONS[name]
    loaded: Convention = getattr(import_module(f"cnncalc.conventions.{module}"), attribute)
    return loaded
