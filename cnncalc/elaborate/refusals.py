"""Adds context to a layer's error: the names of its inputs, and a hint that depends on neighbouring layers."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

from cnncalc.elaborate.joining import joining_hint
from cnncalc.errors import LayerError
from cnncalc.layers.layer import Layer, Shape, text

_MOST_NAMED = 6
_OF_THE_NETWORK = "`input` is the network's input: `residual` adds what enters the block, `branches` joins it otherwise"


def add_context(
    error: LayerError,
    layer: Layer,
    names: tuple[str, ...],
    shapes: tuple[Shape, ...],
    inputs: Mapping[str, Shape],
    joined_by: str = "",
) -> LayerError:
    """The same error with the names of several inputs, and a hint if the layer had none.

    `joined_by` is "residual" or "shortcut" for the sum of a residual without or with layers in its shortcut, and
    "input" for a join with the network's input inside a block.
    """
    message = error.message if len(names) < 2 else _name_shapes(error.message, names, shapes)
    hint = _OF_THE_NETWORK if joined_by == "input" else error.hint or _hint(error, layer, names, shapes, joined_by)
    if hint and hint.startswith("channels last?"):
        hint = _channels_last_hint(hint, inputs)
    return LayerError(message, field=error.field, hint=hint)


def _name_shapes(message: str, names: tuple[str, ...], shapes: tuple[Shape, ...]) -> str:
    """The message with `[8, 32, 32] (conv1)` in place of bare shapes."""
    named = [f"{text(shape)} ({name})" for name, shape in zip(names, shapes, strict=True)]
    few = len(named) <= _MOST_NAMED + 1
    shown = " and ".join(named) if few else f"{', '.join(named[:_MOST_NAMED])} and {len(named) - _MOST_NAMED} more"
    plain = " and ".join(map(text, shapes))
    return message.replace(plain, shown) if plain in message else f"{message}: {shown}"


def _hint(
    error: LayerError, layer: Layer, names: tuple[str, ...], shapes: tuple[Shape, ...], joined_by: str
) -> str | None:
    if len(shapes) != 1:
        return joining_hint(layer, names, shapes, joined_by) if shapes and layer.broadcasts else None
    shape = shapes[0]
    if "larger than its input" in error.message:
        return f"{names[0]} is {text(shape)}: use a smaller kernel, add padding, or pool less before it"
    if "needs a map" in error.message and len(shape) == 1:
        if names == ("input",):
            return "give the input channels and sizes: --input 3x224x224"
        return "put it before `flatten`, or `reshape` its input"
    if error.field == "groups" and "divisible" in error.message:
        return _divisors_hint(shape[0], getattr(layer, "out_channels", shape[0]))
    return None


def _divisors_hint(channels: object, filters: object) -> str | None:
    if not isinstance(channels, int) or not isinstance(filters, int):
        return None
    common = gcd(channels, filters)
    divisors = [number for number in range(1, min(common, 64) + 1) if common % number == 0]
    return (
        f"both have the divisors {', '.join(map(str, divisors))}"
        if len(divisors) > 1
        else "only groups: 1 divides both"
    )


def _channels_last_hint(hint: str, inputs: Mapping[str, Shape]) -> str:
    """The hint that the channels may come last, applied to the network's own input."""
    shape = next(iter(inputs.values()))
    if len(inputs) > 1 or len(shape) != 3 or shape[0] in (1, 3, 4) or shape[2] not in (1, 3, 4):
        return hint
    return f"channels last? write {text((shape[2], *shape[:2]))} (--input {'x'.join(map(str, (shape[2], *shape[:2])))})"
