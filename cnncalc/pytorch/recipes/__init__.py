"""Define every layer in PyTorch: one recipe per kind, used both to build the network and to write its source.

    terms ◀─ code, recipe ◀─ convolution, pooling, …    how code is represented; the code of each layer

A recipe is plain data: no module of this package imports PyTorch.
"""

from __future__ import annotations

from cnncalc.pytorch.recipes.activation import ACTIVATION
from cnncalc.pytorch.recipes.attention import ATTENTION
from cnncalc.pytorch.recipes.convolution import CONVOLUTION
from cnncalc.pytorch.recipes.linear import LINEAR
from cnncalc.pytorch.recipes.merge import MERGE
from cnncalc.pytorch.recipes.moving import MOVING
from cnncalc.pytorch.recipes.normalization import NORMALIZATION
from cnncalc.pytorch.recipes.pooling import POOLING
from cnncalc.pytorch.recipes.recipe import Recipe, Writer
from cnncalc.pytorch.recipes.recurrent import RECURRENT
from cnncalc.pytorch.recipes.reshaping import RESHAPING
from cnncalc.pytorch.recipes.resizing import RESIZING
from cnncalc.pytorch.recipes.sampling import SAMPLING
from cnncalc.pytorch.recipes.unknown import UNKNOWN

__all__ = ["RECIPES", "Recipe", "Writer"]

RECIPES: dict[str, Writer] = {
    **CONVOLUTION,
    **POOLING,
    **LINEAR,
    **RECURRENT,
    **MOVING,
    **RESHAPING,
    **RESIZING,
    **SAMPLING,
    **MERGE,
    **ATTENTION,
    **ACTIVATION,
    **NORMALIZATION,
    **UNKNOWN,
}
