"""Reports items that are not valid: what was probably meant, given other tools' words and common mistakes."""

from __future__ import annotations

import re

from cnncalc.document.foreign_layers import known_layer
from cnncalc.document.module_calls import rewrite_call
from cnncalc.document.reader import FLOWING, Reader, blank
from cnncalc.document.vocabulary import FIELD_WORDS, MODIFIER_WORDS, layer_hint
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.errors import Span
from cnncalc.layers import LAYERS
from cnncalc.source.reading import Mapping, Node, Scalar
from cnncalc.suggest import ask, nearest

_CALL = re.compile(r"(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)\s*\((.*)\)?\s*", re.DOTALL)
_WORDS = re.compile(r"([A-Za-z_]\w*)\s+\S.*", re.DOTALL)
_NUMBERED = re.compile(r"([A-Za-z_]+?)_?([0-9]+(?:_[0-9]+)*)")
_ACTIVATIONS = ("activation", "act", "nonlinearity")
_TYPE_KEYS = ("type", "layer", "kind", "op", "class", "module", "layer_type")


def report_unknown_layer(reader: Reader, key: Scalar, value: Node | None = None) -> str:
    """Report a key that is not a layer, block or group; returns the layer that it certainly means, or ""."""
    known = [*LAYERS, *GROUPS, *reader.blocks]
    hint, meant = _hint(key.text, known), known_layer(key.text, known)
    if key.text.lower() in _ACTIVATIONS and isinstance(value, Scalar):
        word = known_layer(value.text, known)
        hint, meant = f"activations are separate layers: write '- {word or 'relu'}'", None
    if own := _parameter_hint(reader, key.text):
        hint, meant = own, None
    reader.fault(f"unknown layer '{_cut(key.text)}'", key.span, hint)
    return meant or ""


def _parameter_hint(reader: Reader, text: str) -> str | None:
    """The hint for the name of a parameter in place of a layer."""
    if text in reader.tensors:
        return f"'{text}' is a tensor, not a layer: read it with 'from: {text}' or 'concat: {text}'"
    if text in reader.visible - FLOWING:
        return f"write '${text}' for the layer or block that the parameter names"
    return None


def _hint(text: str, known: list[str]) -> str | None:
    if match := _CALL.fullmatch(text) or _WORDS.fullmatch(text):
        kind = known_layer(match[1], known)
        if kind and kind in LAYERS and (layer := rewrite_call(text, kind)):
            return f"write '- {layer}'"
        if kind:
            return f"write {_usage(kind)}"
        return layer_hint(match[1], known) or "a layer is one word and its fields a mapping: 'conv: {…}'"
    if text.lower() not in known and (match := _NUMBERED.fullmatch(text)):
        kind = known_layer(match[1], known)
        if kind and known_layer(text, known) in (None, kind) and not re.search(r"[1-3][dD]$", text):
            return f"write '{kind}:' with 'name: {text}' beside it"
    return layer_hint(text, known) or "see 'cnncalc list --layers'"


def _usage(kind: str) -> str:
    if kind in GROUPS or kind not in LAYERS:
        return f"'- {kind}: …'"
    return f"'- {LAYERS[kind].usage()}'"


def report_missing_layer(reader: Reader, node: Mapping, heads: list[Scalar]) -> None:
    """Report a mapping in which no key, or none of several, is a layer."""
    if not heads:
        given = ", ".join(node.entries)
        where = next((key.span for key, _ in node.entries.values()), node.span)
        reader.fault(f"this item has no layer, only {given or 'nothing'}", where, "start with the layer: '- relu:'")
        return
    typed = next((key for key in heads if key.text.lower() in _TYPE_KEYS), None)
    if typed is not None:
        value = node.entries[typed.text][1]
        word = value.text if isinstance(value, Scalar) else ""
        kind = known_layer(word, [*LAYERS, *GROUPS, *reader.blocks]) or "conv"
        hint = f"write '- {kind}:' and its fields under it"
        reader.fault(f"'{typed.text}' is not a layer: the layer itself is the key", typed.span, hint)
        return
    report_unknown_layer(reader, heads[0])


def report_extra_keys(reader: Reader, node: Mapping, head: Scalar, extra: list[Scalar]) -> None:
    """Report keys beside a layer: fields that are not indented, a second layer, unknown words."""
    for key in extra:
        reader.fault(*_explain_extra_key(reader, node, head, key))


def _explain_extra_key(reader: Reader, node: Mapping, head: Scalar, key: Scalar) -> tuple[str, Span, str]:
    if key.text in LAYERS or key.text in GROUPS or key.text in reader.blocks:
        return f"two layers in one item: '{head.text}' and '{key.text}'", key.span, "start each with '- '"
    fields = set(LAYERS[head.text].accepted()) if head.text in LAYERS else _parameters(reader, head.text)
    field = next((word for word in (key.text, *FIELD_WORDS.get(key.text.lower(), ())) if word in fields), None)
    if field:
        indent = f"indent it under '{head.text}:', deeper than the word '{head.text}'"
        if not blank(node.entries[head.text][1]) and getattr(node.entries[head.text][1], "flow", True):
            indent = f"put it into {head.text}: {{…, {field}: …}}"
        return f"'{key.text}' is beside {head.text}, not under it", key.span, indent
    near = MODIFIER_WORDS.get(key.text.lower()) or nearest(key.text, MODIFIERS)
    hint = ask(near) if near else f"fields go under '{head.text}:'; only {', '.join(MODIFIERS)} may stand beside it"
    return f"unexpected '{key.text}' beside {head.text}", key.span, hint


def _parameters(reader: Reader, block: str) -> set[str]:
    return set(reader.blocks[block].parameters) if block in reader.blocks else set()


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
