"""Padding that a module does before its own window: one layer with that padding."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.emission import Padded
from cnncalc.importers.pytorch.values import Tensor, plain
from cnncalc.layers.padding import same_padding

MODES = {"constant": "zeros", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


class Before(NamedTuple):
    """What a window slides over: the tensor before its padding, and the padding as a spec says it."""

    entering: Tensor
    padding: object
    mode: str = "zeros"


def padding_before(call: Call, entering: Tensor, own: list[int], value: float, window: tuple[list[int], ...]) -> Before:
    """The padding of a window, with that of a `pad` in the same module taken in.

    Args:
        call: the operation that slides.
        entering: what it reads.
        own: its own padding.
        value: what its padding holds.
        window: kernel, stride and dilation per axis: padding by TensorFlow's rule is called `same`.
    """
    found = call.emission.pads.get(entering.name)
    if found is None or not _takes_in(call, entering, found, own, value):
        return Before(entering, own)
    before = plain(found.entering, call.emission.shapes[found.entering])
    call.emission.drop(entering.name)
    amounts: object = [list(pair) for pair in found.amounts]
    pairs = [same_padding(n, *each) for n, *each in zip(before.shape[1:], *window, strict=True)]
    if found.mode == "constant" and list(found.amounts) == pairs and any(low != high for low, high in pairs):
        amounts = "same"
    return Before(before, amounts, MODES[found.mode])


def _takes_in(call: Call, entering: Tensor, found: Padded, own: list[int], value: float) -> bool:
    holds = value if found.mode == "constant" else found.value
    last = next(reversed(call.emission.nodes)) == entering.name
    return found.path == call.path and found.value == holds and call.alone and last and not any(own)
