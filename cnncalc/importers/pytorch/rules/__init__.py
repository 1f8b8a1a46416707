"""Translates PyTorch's operators to layers: one rule per operator, one file per family."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Rule
from cnncalc.importers.pytorch.rules.joins import JOINS
from cnncalc.importers.pytorch.rules.moving import MOVING
from cnncalc.importers.pytorch.rules.normalization import NORMALIZATION
from cnncalc.importers.pytorch.rules.pointwise import POINTWISE
from cnncalc.importers.pytorch.rules.recurrent import RECURRENT
from cnncalc.importers.pytorch.rules.repeating import REPEATING
from cnncalc.importers.pytorch.rules.reshaping import RESHAPING
from cnncalc.importers.pytorch.rules.resizing import RESIZING
from cnncalc.importers.pytorch.rules.sampling import SAMPLING
from cnncalc.importers.pytorch.rules.selection import SELECTION
from cnncalc.importers.pytorch.rules.sliding import SLIDING
from cnncalc.importers.pytorch.rules.vectors import VECTORS

RULES: dict[str, Rule] = {
    **SLIDING, **VECTORS, **NORMALIZATION, **POINTWISE, **JOINS, **RESHAPING, **RESIZING, **SAMPLING, **SELECTION,
    **RECURRENT, **MOVING, **REPEATING,
}  # fmt: skip
