"""Linear-time alignment of long token lists: equal ends, and tokens that occur once on both sides."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeAlias

from cnncalc.differences.likeness import Token
from cnncalc.records import NamedTuple

Pair: TypeAlias = tuple[int, int]
Key: TypeAlias = Callable[[Sequence[Token], int], Hashable]


class Gap(NamedTuple):
    """A range in each list that is still to be aligned."""

    start: int
    stop: int
    other_start: int
    other_stop: int

    @property
    def area(self) -> int:
        """The number of possible pairs in it."""
        return (self.stop - self.start) * (self.other_stop - self.other_start)


def equal_ends(one: Sequence[Token], other: Sequence[Token], gap: Gap, key: Key) -> tuple[list[Pair], Gap]:
    """The pairs with equal keys at the start and the end of a gap, and the gap that remains."""
    start, stop, other_start, other_stop = gap
    pairs: list[Pair] = []
    while start < stop and other_start < other_stop and key(one, start) == key(other, other_start):
        pairs.append((start, other_start))
        start, other_start = start + 1, other_start + 1
    while stop > start and other_stop > other_start and key(one, stop - 1) == key(other, other_stop - 1):
        stop, other_stop = stop - 1, other_stop - 1
        pairs.append((stop, other_stop))
    return pairs, Gap(start, stop, other_start, other_stop)


def unique_in_both(one: Sequence[Token], other: Sequence[Token], gap: Gap, key: Key) -> list[Pair]:
    """The pairs of keys that occur exactly once on each side, reduced to the longest ordered subset (patience diff)."""
    mine = once(one, range(gap.start, gap.stop), key)
    its = once(other, range(gap.other_start, gap.other_stop), key)
    return longest_in_order([(place, its[value]) for value, place in mine.items() if value in its])


def once(tokens: Sequence[Token], places: Iterable[int], key: Key) -> dict[Hashable, int]:
    """Key → index, for the keys that occur exactly once at these indices."""
    keys = [(key(tokens, place), place) for place in places]
    counts = Counter(value for value, _ in keys)
    return {value: place for value, place in keys if counts[value] == 1}


def longest_in_order(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest subsequence of pairs, sorted by first index, whose second indices increase."""
    ends: list[int] = []  # smallest last index of an increasing subsequence, by length
    last: list[int] = []  # the number of the pair that ends it
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
        before.append(last[length - 1] if length else -1)
    longest = []
    number = last[-1] if last else -1
    while number >= 0:
        longest.append(pairs[number])
        number = before[number]
    return longest[::-1]


def between(pairs: Sequence[Pair], gap: Gap) -> list[Gap]:
    """The gaps between ordered pairs."""
    gaps = []
    start, other_start = gap.start, gap.other_start
    for place, other in [*pairs, (gap.stop, gap.other_stop)]:
        if place > start or other > other_start:
            gaps.append(Gap(start, place, other_start, other))
        start, other_start = place + 1, other + 1
    return gaps


def by_name(tokens: Sequence[Token], place: int) -> Hashable:
    """Key: content and name."""
    return tokens[place].content, tokens[place].name


def by_chosen_name(tokens: Sequence[Token], place: int) -> Hashable:
    """Key: content and name, if the name has no ordinal; otherwise a key equal to no other."""
    token = tokens[place]
    return (token.content, token.name) if token.chosen else (id(tokens), place)


def by_content(tokens: Sequence[Token], place: int) -> Hashable:
    """Key: content alone."""
    return tokens[place].content


def by_surroundings(radius: int) -> Key:
    """Key: the contents of all layers within `radius` in execution order."""

    def key(tokens: Sequence[Token], place: int) -> Hashable:
        return tuple(token.content for token in tokens[max(0, place - radius) : place + radius + 1])

    return key


def by_graph(tokens: Sequence[Token], place: int) -> Hashable:
    """Key: content and graph neighbourhood."""
    return tokens[place].content, tokens[place].around
