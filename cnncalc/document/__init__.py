"""YAML nodes → `Document`: the spec as written, with every fault collected."""

from cnncalc.document.spec import read_document, read_inline
from cnncalc.document.types import Document, Item

__all__ = ["Document", "Item", "read_document", "read_inline"]
