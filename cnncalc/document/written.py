"""Reads `written:`, how a model's source writes its layers: some tools count modules, functions and `+` differently."""

from __future__ import annotations

from typing import get_args

from cnncalc.document.reader import Reader
from cnncalc.graph import Written
from cnncalc.layers import LAYERS
from cnncalc.source.reading import Node, Scalar
from cnncalc.suggest import suggest

WAYS: tuple[Written, ...] = get_args(Written)
LIKE = "{relu: functional}"


def read_written(reader: Reader, node: Node) -> dict[str, Written]:
    """Kind of layer → how it is written."""
    ways: dict[str, Written] = {}
    for kind, (key, value) in reader.mapping(node, "written", LIKE).items():
        if kind not in LAYERS:
            hint = suggest(kind, LAYERS, f"for example {LIKE}")
            reader.fault(f"written: unknown layer '{kind}'", key.span, hint)
        elif way := _way(reader, kind, value):
            ways[kind] = way
    return ways


def _way(reader: Reader, kind: str, node: Node) -> Written | None:
    word = node.text if isinstance(node, Scalar) else ""
    for way in WAYS:
        if way == word:
            return way
    hint = suggest(word, WAYS, f"for example {LIKE}")
    reader.fault(f"written: {kind}: expected one of {', '.join(WAYS)}", node.span, hint)
    return None
