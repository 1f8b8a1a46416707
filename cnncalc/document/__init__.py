"""YAML nodes → `Document`: the spec as written, every fault collected."""

from cnncalc.document.spec import read_document, read_inline
from cnncalc.document.types import Document, Item

__all__ = ["Document", "Item", "read_document", "read_inline"]
