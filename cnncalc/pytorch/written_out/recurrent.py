"""What recurrent modules return, with the channels first."""

from __future__ import annotations

from torch import Tensor


def channels_first(
    outputs: tuple[Tensor, Tensor | tuple[Tensor, Tensor]],
) -> tuple[Tensor, ...]:
    """The output as [batch, channels, steps], the states as [batch, size, layers]."""
    output, last = outputs
    states = last if isinstance(last, tuple) else (last,)
    return (output.transpose(1, 2), *(state.permute(1, 2, 0) for state in states))
