"""What every layer is in PyTorch: one recipe per kind, from which the network is built and its source is written.

    terms ◀─ code, recipe ◀─ convolution, pooling, …    how code is said; how each layer is said in it

A recipe is data, in words: no module of this room imports PyTorch.
"""

from __future__ import annotations

from cnncalc.pytorch.recipes.activation import ACTIVATION
from cnncalc.pytorch.recipes.convolution import CONVOLUTION
from cnncalc.pytorch.recipes.linear import LINEAR
from cnncalc.pytorch.recipes.merge import MERGE
from cnncalc.pytorch.recipes.normalization import NORMALIZATION
from cnncalc.pytorch.recipes.pooling import POOLING
from cnncalc.pytorch.recipes.recipe import Recipe, Writer
from cnncalc.pytorch.recipes.reshaping import RESHAPING
from cnncalc.pytorch.recipes.resizing import RESIZING

__all__ = ["RECIPES", "Recipe", "Writer"]

RECIPES: dict[str, Writer] = {
    **CONVOLUTION,
    **POOLING,
    **LINEAR,
    **RESHAPING,
    **RESIZING,
    **MERGE,
    **ACTIVATION,
    **NORMALIZATION,
}
