"""The terms of a model of time: amounts of a kernel that its time is proportional to, one coefficient each per device.

Few terms predict better than many: see docs/time.md. Convolutions with windows, matrix products (1×1 convolutions
among them), grouped and depthwise convolutions, the latter by their windows, multiply at rates of their own; bytes cost
more in convolutions, whose libraries may rearrange their maps, than elsewhere; every batch reads the weights and
launches the kernels once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnncalc.prediction.groups import Group
from cnncalc.prediction.kernels import Kernel
from cnncalc.prediction.widths import HALF, PLAIN
from cnncalc.records import NamedTuple

MACS: Mapping[Group, str] = {
    "dense": "dense_macs", "pointwise": "product_macs", "product": "product_macs", "attention": "product_macs",
    "grouped": "grouped_macs", "depthwise": "depthwise_macs", "wide_depthwise": "wide_depthwise_macs",
}  # fmt: skip
CONVOLUTIONS: tuple[Group, ...] = ("dense", "pointwise", "grouped")
TERMS = (
    "dense_macs", "product_macs", "grouped_macs", "depthwise_macs", "wide_depthwise_macs",
    "conv_bytes", "other_bytes", "weight_bytes", "launches",
)  # fmt: skip
ONCE = ("weight_bytes", "launches")
"""Terms whose amount does not grow with the batch."""


class Amounts(NamedTuple):
    """What a kernel costs: the term and amount of its MACs, of its bytes per image, and its bytes of weights."""

    multiplying: str
    macs: int
    moving: str
    moved: int
    weights: int


def amounts_of(kernel: Kernel, dtype: str) -> Amounts:
    """The amounts of a kernel for one image; weights are read once per batch."""
    return Amounts(
        MACS.get(kernel.group, ""),
        kernel.macs,
        "conv_bytes" if kernel.group in CONVOLUTIONS else "other_bytes",
        kernel.moved,
        kernel.weights * PLAIN.get(dtype, HALF),
    )


def totals(kernels: Iterable[Kernel], dtype: str) -> dict[str, int]:
    """Term → its amount over all kernels: per image, but those of `ONCE` per batch."""
    sums = dict.fromkeys(TERMS, 0)
    for kernel in kernels:
        amounts = amounts_of(kernel, dtype)
        if amounts.macs:
            sums[amounts.multiplying] += amounts.macs
        sums[amounts.moving] += amounts.moved
        sums["weight_bytes"] += amounts.weights
        sums["launches"] += 1
    return sums


def amounts_at(sums: Mapping[str, int], batch: int) -> dict[str, int]:
    """Term → its amount for a batch, from the `totals` of a network."""
    return {name: amount if name in ONCE else amount * batch for name, amount in sums.items()}
