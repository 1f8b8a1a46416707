"""The inputs of a model: their sizes in the file, where open ones become symbols, and how they are laid out here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.keras.calls import references
from cnncalc.importers.keras.config import Config
from cnncalc.importers.keras.model import SHAPES, KerasLayer, Model
from cnncalc.importers.keras.values import Shape, Value, to_keras
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.symbolic import Size, symbol

LETTERS = {1: "L", 2: "LC", 3: "HWC", 4: "DHWC"}  # number of axes without the batch → their letters
FIRST = ("channels_first", "th")
LAST = ("channels_last", "tf")


def keeps_channels_last(model: Model) -> bool:
    """Return whether the layers of a model have their channels last: what most of them state, else yes."""
    counts = [0, 0]
    _count(model, counts)
    return counts[0] >= counts[1]


def _count(model: Model, counts: list[int]) -> None:
    for layer in model.layers.values():
        if layer.inner is not None:
            _count(layer.inner, counts)
        elif layer.kind != "Flatten":
            word = layer.config.values.get("data_format") or layer.config.values.get("dim_ordering")
            counts[0] += word in LAST
            counts[1] += word in FIRST


def read_inputs(model: Model, last: bool, wanted: Given | None) -> dict[str, Value]:
    """Return the inputs by name.

    Args:
        model: the model.
        last: whether it keeps channels last.
        wanted: shapes that replace those of the file, channels first.

    Raises:
        SpecError: neither the file nor `wanted` has the sizes of an input.
    """
    layers = [model.layers[ref.layer] for ref in model.inputs if ref.layer in model.layers]
    if len(layers) != len(model.inputs):
        model.config.refuse("an input layer that does not exist", "input_layers")
    given = by_name(wanted, [layer.name for layer in layers], "the network")
    used: set[str] = set()
    values: dict[str, Value] = {}
    for layer in layers:
        asked = given.get(layer.name)
        if asked is not None:
            moved = last and len(asked) > 1
            values[layer.name] = Value(layer.name, to_keras(asked, moved), moved)
            continue
        shape = _stated(layer, used)
        moved = len(shape) > 1 and last and not _is_reshaped(model, layer)
        values[layer.name] = Value(layer.name, shape, moved)
    return values


def _stated(layer: KerasLayer, used: set[str]) -> Shape:
    shape = layer.config.shape(*SHAPES)
    if shape is None or len(shape) < 2 or 0 in shape[1:]:
        what = "no input shape" if shape is None else f"the input shape {shape}"
        raise SpecError([_missing(layer.config, what)])
    letters = iter(LETTERS.get(len(shape) - 1, "S" * (len(shape) - 1)))
    return tuple(
        size if size is not None else _symbol(letter, used) for size, letter in zip(shape[1:], letters, strict=True)
    )


def _missing(config: Config, what: str) -> Fault:
    return Fault(f"{what}: nothing says the sizes", config.document.span(config.path), "give them: --input 3x224x224")


def _symbol(letter: str, used: set[str]) -> Size:
    name, number = letter, 0
    while name in used:
        number += 1
        name = f"{letter}{number}"
    used.add(name)
    return symbol(name)


def _is_reshaped(model: Model, layer: KerasLayer) -> bool:
    """Whether a matrix is only reshaped or flattened, so that its order of axes is better left as it is."""
    shape = layer.config.values.get("batch_shape") or layer.config.values.get("batch_input_shape") or []
    readers = [
        each.kind for each in model.layers.values() for call in each.calls
        if any(ref.layer == layer.name for ref in _read(call))
    ]  # fmt: skip
    return len(shape) == 3 and bool(readers) and set(readers) <= {"Reshape", "Flatten"}


def _read(call: Any) -> list[Any]:  # noqa: ANN401
    return [*references(call.args), *references(call.options)]


def shapes_of(values: Mapping[str, Value]) -> dict[str, Shape]:
    """Return the shapes of inputs as they are laid out here."""
    return {name: value.ours for name, value in values.items()}
