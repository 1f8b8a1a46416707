"""Moves fields that all layers of a kind share into the `defaults` of a spec, as a person would write it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from cnncalc.layers import LAYERS
from cnncalc.writer import Data

AXIS = "axis"
KINDS = tuple(kind for kind, layer in LAYERS.items() if AXIS in layer.accepted())
PARTS = (
    "sequence",
    "residual",
    "branches",
    "body",
    "shortcut",
    "paths",
    "layers",
)  # of an item, or of one of its parts
CONTENT = ("blocks", "layers", "heads")
LEAST = 3  # calls that a default must spare a field


def with_defaults(spec: dict[str, Data]) -> dict[str, Data]:
    """The same spec, with `axis: channels` as a default of layers that have no other axis, and an eps that all have.

    A vector has no axis but its channels, so that calls on vectors may leave it out as well.
    """
    blocks, heads = spec.get("blocks"), spec.get("heads")
    bodies = [*blocks.values()] if isinstance(blocks, dict) else []
    bodies += [*heads.values()] if isinstance(heads, dict) else []
    items = [item for body in (*bodies, spec["layers"]) for item in _items(body)]
    defaults = {kind: fields for kind in KINDS if (fields := _shared(items, kind))}
    if not defaults:
        return spec
    places = {id(item) for item in items}
    changed = {key: _written(value, defaults, places) if key in CONTENT else value for key, value in spec.items()}
    at = next(number for number, key in enumerate(changed) if key in ("blocks", "layers"))
    entries = list(changed.items())
    written: Data = {kind: dict(fields) for kind, fields in defaults.items()}
    return dict([*entries[:at], ("defaults", written), *entries[at:]])


def _items(body: Data) -> Iterator[Data]:
    """All items in the body of a block, or in a part of an item, at any depth."""
    if isinstance(body, list):
        for item in body:
            if not isinstance(item, list):
                yield item
            yield from _items(item)
    elif isinstance(body, dict):
        for part in PARTS:
            if part in body:
                yield from _items(body[part])


def _shared(items: list[Data], kind: str) -> dict[str, Data]:
    """The fields that become defaults of a kind of layer."""
    calls = [item[kind] if isinstance(item, dict) else None for item in items if item == kind or _calls(item, kind)]
    given = [call for call in calls if isinstance(call, dict)]
    axes = [call[AXIS] for call in given if AXIS in call]
    if len(axes) < LEAST or any(axis != "channels" for axis in axes):
        return {}
    eps = [call.get("eps") for call in given]
    alike = len(given) == len(calls) and eps[0] is not None and all(each == eps[0] for each in eps)
    return {AXIS: "channels", **({"eps": eps[0]} if alike else {})}


def _calls(item: Data, kind: str) -> bool:
    return isinstance(item, dict) and kind in item


def _spared(kind: str, fields: dict[str, Data]) -> Data:
    natural = LAYERS[kind].natural
    if not fields:
        return None
    return fields[natural] if natural is not None and fields.keys() == {natural} else fields


def _written(body: Data, defaults: Mapping[str, dict[str, Data]], items: Container[int]) -> Data:
    """The same, where items (by identity) leave out what is a default; one without fields is the name of its layer."""
    if isinstance(body, list):
        return [_written(each, defaults, items) for each in body]
    if not isinstance(body, dict):
        return body
    changed = {key: _written(value, defaults, items) for key, value in body.items()}
    for kind, fields in defaults.items() if id(body) in items else ():
        given = changed.get(kind)
        if isinstance(given, dict):
            changed[kind] = _spared(kind, {name: value for name, value in given.items() if name not in fields})
            if len(changed) == 1 and changed[kind] is None:
                return kind
    return changed
