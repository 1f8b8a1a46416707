"""Reads how the layers of a functional model are called: `inbound_nodes`, of which there are two dialects.

Keras 1 and 2 write `[[["conv", 0, 0, {}]]]`; Keras 3 writes `[{"args": [tensor], "kwargs": {}}]`, where a tensor is an
object of the class `__keras_tensor__`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.importers.keras.config import Config, whole
from cnncalc.importers.keras.places import Path

TENSOR, SLICE, CONSTANT = "__keras_tensor__", "__slice__", "_CONSTANT_VALUE"
LENGTH = 3  # of [layer, call, tensor]


class Ref(NamedTuple):
    """A tensor: one output of one call of a layer; `shape` is what the file states, with the batch."""

    layer: str
    call: int
    tensor: int
    shape: list[int | None] | None = None


class Call(NamedTuple):
    """The arguments of one call of a layer: tensors and constants, in lists as the layer takes them."""

    args: list[Any]
    options: dict[str, Any]
    path: Path


def calls_of(layer: Config) -> list[Call]:
    """Return the calls of a layer; raises SpecError where they are written in no known way."""
    name, nodes = layer.find("inbound_nodes", "inboundNodes")
    if nodes is None:
        return []
    if not isinstance(nodes, list):
        layer.expect("a list", name)
    return [_call(layer, node, (name, index)) for index, node in enumerate(nodes)]


def references(value: Any) -> Iterator[Ref]:  # noqa: ANN401
    """Yield the tensors in an argument, in order."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from references(entry)
    elif isinstance(value, dict):
        for entry in value.values():
            yield from references(entry)


def references_of(config: Config, *names: str) -> list[Ref]:
    """Return the tensors that `input_layers` or `output_layers` lists, or names in an object."""
    name, value = config.find(*names)
    if isinstance(value, dict):  # Keras orders the entries of an object by their names
        value = [value[key] for key in sorted(value)]
    found = list(references(_convert(value)))
    if not found:
        config.refuse(f"no {name}", *([name] if value is not None else []))
    return found


def _call(layer: Config, node: Any, steps: tuple[str | int, ...]) -> Call:  # noqa: ANN401
    path = (*layer.path, *steps)
    if isinstance(node, dict) and "args" in node:
        args, options = _convert(node.get("args")), _convert(node.get("kwargs") or {})
        if not isinstance(args, list) or not isinstance(options, dict):
            layer.refuse("inbound_nodes: expected args and kwargs", *steps)
        return Call(args, options, path)
    entries = list(node.values()) if isinstance(node, dict) else node
    if not isinstance(entries, list):
        layer.refuse("inbound_nodes: expected a list of [layer, call, tensor]", *steps)
    if _is_entry(entries):
        entries = [entries]
    args, options = [], {}
    for index, entry in enumerate(entries):
        if not isinstance(entry, list) or len(entry) < LENGTH:
            layer.refuse("inbound_nodes: expected [layer, call, tensor]", *steps, index)
        args.append(entry[2] if entry[0] == CONSTANT else _convert(entry[:LENGTH]))
        if len(entry) > LENGTH and isinstance(entry[LENGTH], dict):
            options |= _convert(entry[LENGTH])
    return Call(args, options, path)


def _is_entry(value: list[Any]) -> bool:
    """Whether a list is [layer, call, tensor], perhaps with keyword arguments, or a constant in its place."""
    if len(value) < LENGTH or not isinstance(value[0], str):
        return False
    return value[0] == CONSTANT or (whole(value[1]) is not None and whole(value[2]) is not None)


def _convert(value: Any) -> Any:  # noqa: ANN401
    """Replace what stands for a tensor, or for a slice, in a value of any depth."""
    if isinstance(value, list):
        if len(value) in (LENGTH, LENGTH + 1) and _is_entry(value) and value[0] != CONSTANT:
            return Ref(value[0], int(value[1]), int(value[2]))
        return [_convert(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    inner = value.get("config")
    if value.get("class_name") == TENSOR and isinstance(inner, dict):
        history, shape = inner.get("keras_history"), inner.get("shape")
        if isinstance(history, list) and len(history) == LENGTH and _is_entry(history):
            stated = shape if isinstance(shape, list) and all(_is_size(size) for size in shape) else None
            return Ref(history[0], int(history[1]), int(history[2]), stated)
    if value.get("class_name") == SLICE and isinstance(inner, dict):
        return slice(inner.get("start"), inner.get("stop"), inner.get("step"))
    return {key: _convert(entry) for key, entry in value.items()}


def _is_size(size: object) -> bool:
    return size is None or (isinstance(size, int) and not isinstance(size, bool) and size >= 0)
