"""Operations of one layer on one sample, by kind: the terms of every cost.

For all layers: inference (fixed statistics, dropout inactive); windows count in full, including padding; whatever
depends on no input (the root of a fixed variance, an interpolation weight) is computed once and not counted; a
piecewise function counts its longer piece.
"""

from __future__ import annotations

from math import gcd

from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Operations(NamedTuple):
    """Counts by kind; `mac` is a multiplication added to a sum, `add` includes subtractions."""

    mac: Size = 0
    add: Size = 0
    multiply: Size = 0
    compare: Size = 0
    divide: Size = 0
    exp: Size = 0
    log: Size = 0
    sqrt: Size = 0
    power: Size = 0
    tanh: Size = 0
    erf: Size = 0

    @property
    def flops(self) -> Size:
        """All arithmetic operations: 2 per MAC, 1 per other operation."""
        mac, *others = self
        total = 2 * mac
        for number in others:
            total = total + number
        return total

    def __add__(self, other: object) -> Operations:
        """The sum, kind by kind."""
        if not isinstance(other, Operations):
            return NotImplemented
        return Operations(*(mine + its for mine, its in zip(self, other, strict=True)))

    def times(self, number: Size) -> Operations:
        """All counts multiplied by a number."""
        return Operations(*(count * number for count in self))


NOTHING = Operations()


def cost_of_sums(read: Size, out: Size) -> Operations:
    """`read` elements added into `out` sums: read − out additions."""
    return Operations(add=read - out)


def cost_of_means(read: Size, out: Size) -> Operations:
    """`read` elements averaged into `out` means: read − out additions and out divisions."""
    return Operations(add=read - out, divide=out)


def cost_of_maxima(read: Size, out: Size) -> Operations:
    """The maxima of `read` elements in `out` windows: read − out comparisons."""
    return Operations(compare=read - out)


def cost_of_normalizing(numbers: Size, groups: Size) -> Operations:
    """Elements normalized to mean 0 and variance 1 within each group, by the group's own statistics.

    Mean (x − g additions, g divisions), centring (x), variance (x squares, x − g additions, g divisions),
    1/√(variance + ε) (g each of add, root and divide), scaling (x): 5x + 3g for x elements in g groups.
    """
    return Operations(add=3 * numbers - groups, multiply=2 * numbers, divide=3 * groups, sqrt=groups)


def affine(numbers: Size, factor: bool = True, constant: bool = True) -> Operations:
    """A multiplication and an addition per element."""
    return Operations(multiply=numbers if factor else 0, add=numbers if constant else 0)


def softmax(numbers: Size, groups: Size) -> Operations:
    """eˣ/Σeˣ within each group: x exponentials, x − g additions, x divisions."""
    return Operations(exp=numbers, add=numbers - groups, divide=numbers)


def adaptive_reads(size: Size, parts: Size) -> Size | None:
    """The number of elements that the windows of adaptive pooling read along an axis, with shared ones repeated.

    Window i reads ⌊i·N/o⌋ … ⌈(i + 1)·N/o⌉ − 1. Of the o − 1 borders between windows, gcd(N, o) − 1 fall between two
    elements; every other one lies within an element that both windows read: N + o − gcd(N, o). None for a symbolic
    o.
    """
    if not isinstance(parts, int):
        return None
    if isinstance(size, int):
        return size + parts - gcd(size, parts)
    total: Size = 0
    for index in range(parts):
        total = total + ((index + 1) * size + parts - 1) // parts - index * size // parts
    return total


def adaptive_reads_of_map(shape: tuple[Size, ...], output: tuple[Size, ...]) -> Size | None:
    """The number of elements that adaptive pooling to this output reads: C times `adaptive_reads` along every axis."""
    read = shape[0]
    for size, parts in zip(shape[1:], output[1:], strict=True):
        along = adaptive_reads(size, parts)
        if along is None:
            return None
        read = read * along
    return read
