"""Reads `written:`, how a model's source writes its layers: some tools count modules, functions and `+` differently."""

from __future__ import annotations

import re
from typing import get_args

from cnncalc.document.reader import Reader
from cnncalc.graph import Manner, Written
from cnncalc.layers import LAYERS
from cnncalc.source.reading import Mapping, Node, Scalar
from cnncalc.suggest import suggest

WAYS: tuple[Written, ...] = get_args(Written)
NAMED = ("class", "shared", "by")  # of a mapping: the module's class, which of its block's it is, functions
LIKE = "{relu: functional}"
NAME_OF_CLASS = "^_*[A-Z][A-Za-z0-9_]*$"


def read_written(reader: Reader, node: Node) -> dict[str, Manner]:
    """Kind of layer → how it is written."""
    manners: dict[str, Manner] = {}
    for kind, (key, value) in reader.mapping(node, "written", LIKE).items():
        if kind not in LAYERS:
            hint = suggest(kind, LAYERS, f"for example {LIKE}")
            reader.fault(f"written: unknown layer '{kind}'", key.span, hint)
        elif manner := read_manner(reader, value, f"written: {kind}"):
            manners[kind] = manner
    return manners


def read_manner(reader: Reader, node: Node, what: str) -> Manner | None:
    """A way, a class, or `{shared: act}`; None, with a fault, if it is neither."""
    if isinstance(node, Mapping) and node.entries:
        return _of_module(reader, node, what)
    word = node.text if isinstance(node, Scalar) else ""
    for way in WAYS:
        if way == word:
            return Manner(way)
    if is_class(word):
        return Manner("module", word)
    hint = suggest(word, WAYS, f"for example {WAYS[1]}")
    reader.fault(f"{what}: expected one of {', '.join(WAYS)}, or a class", node.span, hint)
    return None


def is_class(word: str) -> bool:
    """Whether a word by itself is read as the name of a module's class: `LayerNorm2d`, but not `Functional`."""
    return bool(re.match(NAME_OF_CLASS, word)) and word.lower() not in WAYS


def _of_module(reader: Reader, node: Mapping, what: str) -> Manner | None:
    given: dict[str, str] = {}
    for name, (key, value) in node.entries.items():
        if name not in NAMED:
            hint = suggest(name, NAMED, f"it has {', '.join(NAMED)}")
            reader.fault(f"{what}: unknown key '{name}'", key.span, hint)
        elif not isinstance(value, Scalar) or not _is_path(value.text):
            reader.fault(f"{what}: {name}: expected a name, such as LayerNorm2d", value.span)
        else:
            given[name] = value.text
    if len(given) < len(node.entries):
        return None
    way: Written = "shared" if "shared" in given else "module" if "class" in given else "functional"
    return Manner(way, given.get("class", ""), given.get("shared", ""), given.get("by", ""))


def _is_path(text: str) -> bool:
    return bool(text) and all(
        part.replace("-", "_").isidentifier() or part.isdigit() for part in text.replace(" ", ".").split(".")
    )
