"""The range of a layer's output, as far as the layer alone determines it."""

from __future__ import annotations

from fractions import Fraction

from cnncalc.records import NamedTuple


class Range(NamedTuple):
    """From `low` to `high`, both included; None: unbounded."""

    low: Fraction | None = None
    high: Fraction | None = None

    def within(self, other: Range) -> bool:
        """Whether this range is contained in the other."""
        above = other.low is None or (self.low is not None and self.low >= other.low)
        return above and (other.high is None or (self.high is not None and self.high <= other.high))


ZERO, ONE = Fraction(0), Fraction(1)
ANY = Range()
POSITIVE = Range(ZERO, None)
NEGATIVE = Range(None, ZERO)
UNIT = Range(ZERO, ONE)
UP_TO_SIX = Range(ZERO, Fraction(6))


def union(*parts: Range) -> Range:
    """The smallest range that contains all."""
    lows, highs = [part.low for part in parts], [part.high for part in parts]
    low = None if None in lows else min(value for value in lows if value is not None)
    return Range(low, None if None in highs else max(value for value in highs if value is not None))


def same_side(*parts: Range) -> Range:
    """Non-negative if all parts are; otherwise unbounded."""
    return POSITIVE if all(part.within(POSITIVE) for part in parts) else ANY
