"""The cost of antialiased interpolation, whose filters widen where a map shrinks."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.budget import spend
from cnncalc.layers.existing_rows import read
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import Axis, Reading
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


def cost_of_antialiasing(
    shape: tuple[Size, ...], output: tuple[Size, ...], readings: Sequence[Reading | None]
) -> Operations | None:
    """One axis after another, the last first: a multiplication per weight, added up per element; None if symbolic.

    An axis that keeps its size is left as it is.
    """
    total, sizes = NOTHING, list(shape)
    for axis in range(len(shape) - 1, 0, -1):
        size, out, reading = sizes[axis], output[axis], readings[axis - 1]
        if size == out:
            continue
        if not isinstance(size, int) or not isinstance(out, int) or reading is None:
            return None
        rows = numel((*sizes[:axis], *sizes[axis + 1 :]))
        weights = _count_weights(reading, size, out)
        total += Operations(multiply=rows * weights, add=rows * (weights - out))
        sizes[axis] = out
    return total


def _count_weights(reading: Reading, size: int, out: int) -> int:
    spend(out, "the weights of an interpolation")
    return sum(len(read(Axis(reading, 0), row, size)) for row in range(out))
