"""Names blocks and items: by their class, their module path, or their content."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from cnncalc.document.reader import reserved
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.importers.structure.elements import Fork, Part, leaves
from cnncalc.importers.writing.words import as_name, unique
from cnncalc.layers import LAYERS

_WORDS = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*d?|[0-9]+")
_NOT_FOR_BLOCKS = frozenset({*LAYERS, *GROUPS, *MODIFIERS, *reserved(), "channels", "body", "shortcut"})
_LEVELS = frozenset({"branch", "shortcut"})  # the automatic names of unnamed levels
_NUMBER = re.compile(r"[._-]?[0-9]+[a-z]?$")


def block_name(module: str, parts: Sequence[Part], taken: set[str]) -> str:
    """A name for the block of these parts, which are instances of the class `module` if that is known."""
    name = "_".join(_WORDS.findall(module)).lower() if module else _by_place(parts) or _by_content(parts[0])
    name = re.sub(r"_(\d)", r"\1", name)
    if not name or name[0].isdigit() or name in _NOT_FOR_BLOCKS:
        name = f"{name}_block" if name and not name[0].isdigit() else "block"
    # An unnamed instance is called by its block and an ordinal, so a number in the block's name is set apart.
    return unique(re.sub(r"(?<=[a-z])(\d+)$", r"_\1", name), taken)


def _by_place(parts: Sequence[Part]) -> str:
    """The word that all paths share: inception3a, inception3b → inception."""
    words = {_NUMBER.sub("", part.path.rpartition(".")[2]).lower() for part in parts}
    (word, *more) = words
    return "" if more or not re.fullmatch(r"[a-z][a-z_]+", word) or len(word) < 3 else word


def _by_content(part: Part) -> str:
    nodes = list(leaves(part.elements))
    kinds = [node.kind for node in nodes]
    if any(isinstance(element, Fork) and element.node.kind == "add" for element in part.elements):
        return "bottleneck" if kinds.count("conv") > 2 else "basic"
    if kinds[0] == "conv" and len(kinds) <= 3:
        return "unit"
    return "gate" if kinds[-1] == "multiply" else "block"


def item_name(path: str, taken: set[str], kinds: Container[str] = LAYERS) -> str:
    """A name for an item, from its path; never one that an unnamed item would get automatically."""
    levels = path.split(".")
    last = next((level for level in reversed(levels) if not level.isdigit()), levels[-1])
    name = as_name(last)
    match = re.fullmatch(r"(.*?)_?(\d+)", name)
    if match and (match[1] in kinds or match[1] in _LEVELS):
        name = f"{match[1]}_{match[2]}"
    elif name in _LEVELS:
        name = f"{name}_1"
    return unique(name, taken)


def is_descriptive(path: str) -> bool:
    """Whether the name of a part means something to a reader: not if it only counts."""
    last = path.rpartition(".")[2]
    return not re.fullmatch(r"[\d_.-]*", last)
