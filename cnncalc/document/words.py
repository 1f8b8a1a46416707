"""The words of the language: keywords of items, and words that are literals in expressions."""

from __future__ import annotations

from collections.abc import Container
from functools import cache

from cnncalc.layers import LAYERS

MODIFIERS = ("name", "from", "repeat", "when", "share", "frozen", "written")
GROUPS = ("sequence", "residual", "branches")
MERGES = ("concat", "add", "multiply", "subtract", "divide")


def is_identifier(text: str) -> bool:
    """Whether expressions can read a text as a name: ASCII letters, digits and _, no digit first."""
    return text.isascii() and text.isidentifier()


def is_name(text: str) -> bool:
    """Whether a text can name an item, an input or a head: ASCII letters, digits, _ and -, no - first."""
    return is_identifier("_" + text.replace("-", "_")) and text[:1] not in ("", "-")


class Words(Container[str]):
    """The words that are literals: kinds of layers, the spec's blocks, and the words accepted by fields."""

    def __init__(self, blocks: Container[str] = ()) -> None:
        self._blocks = blocks

    def __contains__(self, word: object) -> bool:
        return word in LAYERS or word in self._blocks or word in _words_of_fields()


@cache
def _words_of_fields() -> frozenset[str]:
    """The words of all fields of all layers, which must be imported for this; few specs need them."""
    return frozenset(word for layer in LAYERS.values() for field in layer.accepted().values() for word in field.words)
