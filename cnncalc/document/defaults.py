"""Reads `defaults`: the fields of layers that calls leave out."""

from __future__ import annotations

from cnncalc.document.calls import field_template, literal_fits, unknown_field
from cnncalc.document.foreign_layers import known_layer
from cnncalc.document.reader import Reader
from cnncalc.document.types import Template
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Label, Reference
from cnncalc.records import replace
from cnncalc.source.reading import Mapping, Node, Scalar
from cnncalc.suggest import ask, nearest

_LIKE = "{linear: {axis: channels}}"


def read_defaults(reader: Reader, node: Node) -> dict[str, dict[str, Template | None]]:
    """Kind → field → value, which is evaluated for every call that leaves the field out; None if it is invalid."""
    entries = reader.mapping(node, "defaults", _LIKE)
    return {kind: _fields(reader, kind, value) for kind, (key, value) in entries.items() if _is_layer(reader, key)}


def _is_layer(reader: Reader, key: Scalar) -> bool:
    if key.text in LAYERS and key.text != "unknown":
        return True
    message, known = f"defaults: unknown layer '{key.text}'", [*LAYERS]
    if key.text in reader.blocks:
        message = f"defaults: {key.text} is a block, not a layer"
        hint: str | None = f"give its parameters defaults in its signature: {key.text}(width=64)"
    elif key.text == "unknown" or key.text in GROUPS or key.text in MODIFIERS:
        message, hint = f"defaults: '{key.text}' takes no defaults", f"for example {_LIKE}"
    else:
        near = known_layer(key.text, known) or nearest(key.text, known)
        hint = ask(near) if near else "see 'cnncalc list --layers'"
    reader.fault(message, key.span, hint)
    return False


def _fields(reader: Reader, kind: str, node: Node) -> dict[str, Template | None]:
    what, accepted = f"defaults: {kind}", LAYERS[kind].accepted()
    if not isinstance(node, Mapping):
        field = next(iter(accepted), None)
        hint = f"for example {kind}: {{{field}: …}}" if field else f"{kind} has no fields"
        reader.fault(f"{what}: expected a mapping of fields", node.span, hint)
        return {}
    fields: dict[str, Template | None] = {}
    for name, (key, value) in node.entries.items():
        accepts = accepted.get(name)
        if accepts is None:
            unknown_field(reader, kind, key, accepted, node.entries)
        elif isinstance(accepts, Label | Reference):
            reader.fault(f"{what}: {name} names a tensor, which only a call can do", key.span, "write it in each call")
        else:
            inner = replace(reader, visible=reader.visible - accepts.words)  # a word of the field comes first
            template = field_template(inner, value, f"{what}: {name}", accepts)
            fits = template is not None and literal_fits(inner, what, name, accepts, template)
            fields[name] = template if fits else None
    return fields
