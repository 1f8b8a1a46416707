"""Computes what is alive at each step of a run, and the peak, in linear time in tensors and steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from cnncalc.analysis.memory.storage import Storages
from cnncalc.graph import Node
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size, maximum

MOST_COMPARED = 200  # symbolic forms; comparing them is quadratic


class Load(NamedTuple):
    """Bytes as a function of the batch: `each` per sample, plus `fixed`."""

    each: Size = 0
    fixed: Size = 0

    def __add__(self, other: object) -> Load:
        """The sum of both."""
        if not isinstance(other, Load):
            return NotImplemented
        return Load(self.each + other.each, self.fixed + other.fixed)

    def at(self, batch: Size) -> Size:
        """The bytes for a batch."""
        return self.each * batch + self.fixed


class Span(NamedTuple):
    """The memory of a tensor: its name, its load, and the first and last step in which it is alive."""

    name: str
    load: Load
    first: int
    last: int


class Peak(NamedTuple):
    """The most bytes alive at once, the first step with that many, and the others; None if a symbol decides."""

    bytes: Size | None
    step: int | None
    ties: tuple[int, ...]


def spans_of(
    inputs: Mapping[str, object], nodes: Sequence[Node], kept: Iterable[str], storages: Storages, width: int
) -> list[Span]:
    """The spans of a forward run: inputs live throughout, `kept` tensors to the end, others to their last reader."""
    owner = storages.owner
    first, last = dict.fromkeys(inputs, 0), dict.fromkeys(inputs, len(nodes))
    for step, node in enumerate(nodes):
        first.setdefault(owner[node.name], step)
        for name in (node.name, *node.inputs):
            last[owner[name]] = max(step, last.get(owner[name], 0))
    for name in kept:
        last[owner[name]] = len(nodes)
    return [Span(name, Load(storages.numbers[name] * width), first[name], last[name]) for name in first]


def loads_per_step(spans: Iterable[Span], steps: int) -> list[Load]:
    """The load of every step."""
    each: list[Size] = [0] * (steps + 2)
    fixed: list[Size] = [0] * (steps + 2)
    for _, load, first, last in spans:
        gone = min(last, steps) + 1
        each[first], fixed[first] = each[first] + load.each, fixed[first] + load.fixed
        each[gone], fixed[gone] = each[gone] - load.each, fixed[gone] - load.fixed
    return list(map(Load, accumulate(each[:steps]), accumulate(fixed[:steps])))


def peak_of(alive: Sequence[Load], batch: Size = 1) -> Peak:
    """Find the peak over all steps, for a batch."""
    different = list(dict.fromkeys(alive))
    most = largest(different, batch)
    steps = tuple(step for step, load in enumerate(alive) if load.at(batch) == most)
    return Peak(most, steps[0] if steps else None, steps[1:])


def largest(loads_per_step: Sequence[Load], batch: Size) -> Size | None:
    """The largest of some loads in bytes, for a batch; None if too many of them depend on symbols."""
    plain = [(each, fixed) for each, fixed in loads_per_step if isinstance(each, int) and isinstance(fixed, int)]
    if len(plain) == len(loads_per_step):
        return _maximum([load.at(batch) for load in envelope(plain)])
    if all(isinstance(load.fixed, int) and not load.fixed for load in loads_per_step):
        each = _maximum(list(dict.fromkeys(load.each for load in loads_per_step)))
        return None if each is None else each * batch
    return _maximum(list(dict.fromkeys(load.at(batch) for load in loads_per_step)))


def _maximum(values: list[Size]) -> Size | None:
    return (maximum(*values) if values else 0) if len(values) <= MOST_COMPARED else None


def envelope(loads_per_step: Iterable[tuple[int, int]]) -> list[Load]:
    """The loads that are the largest for some batch of at least 1: the upper envelope of lines."""
    kept: list[tuple[int, int]] = []
    for load in sorted(loads_per_step):
        while kept and sum(kept[-1]) <= sum(load):  # no less for a batch of 1, and it grows faster
            kept.pop()
        while len(kept) > 1 and _never_largest(kept[-2], kept[-1], load):
            kept.pop()
        kept.append(load)
    return [Load(*load) for load in kept]


def _never_largest(slow: tuple[int, int], middle: tuple[int, int], fast: tuple[int, int]) -> bool:
    """Whether the fast line overtakes the slow one before the middle one does."""
    passing, before = slow[1] - fast[1], slow[1] - middle[1]
    return passing * (middle[0] - slow[0]) <= before * (fast[0] - slow[0])


def alive_at(spans: Iterable[Span], step: int) -> list[Span]:
    """The spans that are alive in a step, in order of creation."""
    return [span for span in spans if span.first <= step <= span.last]
