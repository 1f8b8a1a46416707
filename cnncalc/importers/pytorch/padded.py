"""Merges padding that a module applies before its own window into one layer with that padding."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.emission import Padded
from cnncalc.importers.pytorch.values import Tensor, plain
from cnncalc.layers.padding import same_padding

MODES = {"constant": "zeros", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


class Before(NamedTuple):
    """What a window slides over: the tensor before its padding, and the padding as a spec writes it."""

    entering: Tensor
    padding: object
    mode: str = "zeros"


def padding_before(call: Call, entering: Tensor, own: list[int], value: float, window: tuple[list[int], ...]) -> Before:
    """The padding of a window, merged with that of a `pad` in the same module.

    Args:
        call: the operation that slides.
        entering: its input.
        own: its own padding.
        value: the value that it pads with.
        window: kernel, stride and dilation per axis; padding by TensorFlow's rule is written as `same`.
    """
    pad = call.emission.pads.get(entering.name)
    if pad is None or not _can_absorb(call, entering, pad, own, value):
        return Before(entering, own)
    before = plain(pad.source, call.emission.shapes[pad.source])
    call.emission.drop(entering.name)
    amounts: object = [list(pair) for pair in pad.amounts]
    pairs = [same_padding(n, *each) for n, *each in zip(before.shape[1:], *window, strict=True)]
    if pad.mode == "constant" and list(pad.amounts) == pairs and any(low != high for low, high in pairs):
        amounts = "same"
    return Before(before, amounts, MODES[pad.mode])


def _can_absorb(call: Call, entering: Tensor, pad: Padded, own: list[int], value: float) -> bool:
    holds = value if pad.mode == "constant" else pad.value
    last = next(reversed(call.emission.nodes)) == entering.name
    return pad.path == call.path and pad.value == holds and call.alone and last and not any(own)
