"""What one measurement found: a network, a batch, its times, its memory, its share of the roofline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.timing.layers import LayerTime
from cnncalc.pytorch.bench.timing.timing import Timing


class Peak(NamedTuple):
    """Bytes at the most, what lives between calls included; None: not known.

    `tensors` are PyTorch's tensors, `allocated` the device's own count: the difference is what libraries worked in.
    """

    tensors: int | None
    allocated: int | None
    predicted: int | None

    @property
    def measured(self) -> int | None:
        """As near to what `predicted` speaks of as was measured: the tensors."""
        return self.tensors if self.tensors is not None else self.allocated


@dataclass(frozen=True, slots=True)
class Run:
    """One network at one batch; `images` per second are those of all ranks, the times of rank 0."""

    network: str
    inputs: Mapping[str, tuple[int, ...]]
    batch: int
    timing: Timing
    images: float  # per second
    flops: int  # of one call: 2 per multiply-accumulate, the backward pass included where there is one
    ceilings: Ceilings
    floor: float | None  # seconds that the roofline allows; None for training
    peak: Peak
    layers: tuple[LayerTime, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Achieved FLOP/s of one rank."""
        return self.flops / self.timing.median

    @property
    def share(self) -> float:
        """The share of what the device can do: of the roofline's bound, of the matrix rate for training."""
        if self.floor is None:
            return self.rate / self.ceilings.rate
        return self.floor / self.timing.median
