"""Writes a traced network as a person would: blocks for similar parts, residuals, branches, repeats.

levels ─▶ chains ─▶ elements ─▶ patterns ─▶ unify ─▶ parameters ─▶ conditions ─▶ blocks ─▶ compose ─▶ repeats
  module paths        forks and joins           similar parts          differences            items
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

from cnncalc.importers.structure.blocks import CONTAINERS
from cnncalc.importers.structure.compose import Unfit
from cnncalc.importers.structure.network import Choices, Structure
from cnncalc.importers.traced import Traced
from cnncalc.records import NamedTuple
from cnncalc.writer import Data, write

__all__ = ["Unfit", "structured_spec"]

ROUNDS = 4  # attempts at modules with several inputs or outputs, fewer each time
PAYS = 4  # lines that a guessed block must save, and again for each element that some instances lack
LONG = 120  # lines of a spec for which blocks of containers are tried, which have no names of their own
SHORTER = 0.9  # of the lines, if they are taken


class _Written(NamedTuple):
    """A structure and its spec, as plain data and in lines."""

    structure: Structure
    spec: dict[str, Data]
    lines: int


def structured_spec(traced: Traced) -> dict[str, Data]:
    """The spec of a traced network as plain data, the shortest of those that are tried.

    Raises:
        Unfit: the structure cannot be written as a spec.
        UsageError: the network has something that a spec cannot express.
    """
    best = _without_poor_guesses(_with_several(_write(traced, Choices())))
    if best.lines > LONG:
        with suppress(Unfit):
            choices = best.structure.choices._replace(containers=True)
            other = _without_poor_guesses(_write(traced, choices))
            best = other if other.lines < SHORTER * best.lines else best
    return best.spec


def _write(traced: Traced, choices: Choices) -> _Written:
    structure = Structure(traced, choices)
    spec = structure.spec()
    return _Written(structure, spec, write(spec).count("\n"))


def _without_poor_guesses(best: _Written) -> _Written:
    """The same without guessed blocks that are not worth their lines."""
    traced = best.structure.traced
    tried: set[frozenset[str]] = set()
    while (block := next((b for b in best.structure.guessed() if b.places not in tried), None)) is not None:
        tried.add(block.places)
        choices = best.structure.choices
        with suppress(Unfit):
            without = _write(traced, choices._replace(dissolved=choices.dissolved | block.places))
            if without.lines - best.lines < PAYS + PAYS * block.switches:
                best = without
    return best


def _with_several(plain: _Written) -> _Written:
    """The structure in which modules with several inputs or outputs are blocks too, if that saves lines."""
    traced = plain.structure.traced
    classes = Counter(traced.modules.values())
    of_a_class = {path for path, name in traced.modules.items() if classes[name] > 1 and name not in CONTAINERS}
    several = frozenset(plain.structure.refused & of_a_class)
    with suppress(Unfit):
        for _ in range(ROUNDS if several else 0):
            other = _write(traced, Choices(several=several))
            in_blocks = {place for block in other.structure.blocks for place in block.places}
            if several <= in_blocks:
                return other if other.lines < plain.lines else plain
            several &= in_blocks
    return plain
