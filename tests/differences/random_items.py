"""Lists of items so much alike that most insertions can be read in several places: residuals, branches, equal pairs."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import cnncalc
from cnncalc.analysis.report import Report

PAIR = "[conv: {out_channels: 3, kernel_size: 3, padding: 1}, relu]"
DEEPEST = 2


def items(chance: Random, most: int, depth: int = 0) -> list[str]:
    return [item(chance, depth) for _ in range(chance.randint(1, most))]


def item(chance: Random, depth: int = 0) -> str:
    kind = chance.choice(["unit", "sequence", "relu"] + ["residual", "branches"] * (depth < DEEPEST))
    if kind == "sequence":
        return f"{{sequence: {PAIR}}}"
    if kind == "residual":
        return f"{{residual: {_listed(items(chance, 3, depth + 1))}}}"
    if kind == "branches":
        paths = ", ".join(_listed(items(chance, 2, depth + 1)) for _ in range(2))
        return f"{{branches: {{merge: add, paths: [{paths}]}}}}"
    return kind


def _listed(items: Sequence[str]) -> str:
    return f"[{', '.join(items)}]"


def report(items: Sequence[str], unit: str = "unit") -> Report:
    """Of a network of some items, with another name for the block `unit`."""
    text = f"input: 3x8x8\nblocks: {{unit: {PAIR}}}\nlayers: {_listed(items)}\n"
    return cnncalc.parse(text.replace("unit", unit)).analyze()
