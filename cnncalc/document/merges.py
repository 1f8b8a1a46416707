"""Reads the layer that joins the paths of `branches`: `concat`, `{attention: 8}`."""

from __future__ import annotations

from functools import cache

from cnncalc.document.calls import fields_call, layer_call
from cnncalc.document.reader import Reader, blank
from cnncalc.document.types import LayerCall
from cnncalc.document.words import MERGES
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Reference
from cnncalc.source.reading import Mapping, Node, Scalar
from cnncalc.suggest import ask, nearest

LIKE = "branches: {merge: concat, paths: [[…], […]]}"
_OTHER_WORDS = {"sum": "add", "plus": "add", "cat": "concat", "mul": "multiply"}


def read_merge(reader: Reader, branches: Node, node: Node | None) -> LayerCall | None:
    """The layer that joins the paths; None if it is invalid."""
    if isinstance(node, Mapping) and len(node.entries) == 1:
        key, value = next(iter(node.entries.values()))
        if not _joins(key.text):
            _report(reader, key)
            return None
        layer = LAYERS[key.text]
        if not layer.joins or blank(value):
            return layer_call(reader, key, value, shared=False)
        if isinstance(value, Mapping):
            return fields_call(reader, layer, value, key.span)
        hint = f"write merge: {key.text}; it joins the paths"
        reader.fault(f"branches: merge: {key.text} takes fields, not the names of tensors", value.span, hint)
        return None
    if not isinstance(node, Scalar) or not _joins(node.text):
        _report(reader, node or branches)
        return None
    return layer_call(reader, node, None, shared=False)


def _joins(kind: str) -> bool:
    return kind in MERGES or kind in all_merges()


@cache
def all_merges() -> tuple[str, ...]:
    """The kinds of layers that take several inputs, besides those that a field names."""
    return tuple(kind for kind in LAYERS if _takes_several(kind))


def _takes_several(kind: str) -> bool:
    layer = LAYERS[kind]
    most = layer.inputs[1]
    named = sum(isinstance(field, Reference) for field in layer.accepted().values())
    return most is None or most - named > 1


def _report(reader: Reader, node: Node) -> None:
    word = node.text if isinstance(node, Scalar) else ""
    near = _OTHER_WORDS.get(word) or nearest(word, all_merges())
    known = f"{', '.join(MERGES)} or another layer of several inputs"
    reader.fault(f"branches: merge: expected {known}", node.span, ask(near) if near else f"for example {LIKE}")
