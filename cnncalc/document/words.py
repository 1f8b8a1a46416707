"""The words of the language: those that make an item, and those that stand for themselves in an expression."""

from __future__ import annotations

from collections.abc import Container
from functools import cache

from cnncalc.layers import LAYERS

MODIFIERS = ("name", "from", "repeat", "when", "share", "frozen")
GROUPS = ("sequence", "residual", "branches")
MERGES = ("concat", "add", "multiply", "subtract")


class Words(Container[str]):
    """What stands for itself: kinds of layers, the blocks of a spec, and the words that fields take."""

    def __init__(self, blocks: Container[str] = ()) -> None:
        self._blocks = blocks

    def __contains__(self, word: object) -> bool:
        return word in LAYERS or word in self._blocks or word in _words_of_fields()


@cache
def _words_of_fields() -> frozenset[str]:
    """The words of all fields of all layers, which have to be loaded for that: few specs have such a word loose."""
    return frozenset(word for layer in LAYERS.values() for field in layer.accepted().values() for word in field.words)
