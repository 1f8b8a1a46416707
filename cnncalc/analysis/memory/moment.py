"""Describes the peak of a run by names and bytes, and finds the largest batch within a budget."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.memory.liveness import Load, Span, alive_at, peak_of
from cnncalc.errors import UsageError
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Live(NamedTuple):
    """A tensor that is alive at a peak."""

    name: str
    bytes: Size


class Moment(NamedTuple):
    """The peak besides weights and buffers: its bytes, its node, and what is alive then.

    `bytes` is None if the peak depends on symbols in too many ways; `node` is None if its step depends on symbols at
    all. `again` are the other nodes with the same peak. `backward`: whether it is in the backward pass.
    """

    bytes: Size | None
    node: str | None
    alive: tuple[Live, ...]
    again: tuple[str, ...]
    backward: bool = False


def moment_of(spans: Sequence[Span], alive: Sequence[Load], names: Sequence[str], batch: Size) -> Moment:
    """Find the peak of a run over nodes, forward or forward and backward; `alive` is the load of every step."""
    peak = peak_of(alive, batch)
    if peak.step is None:
        return Moment(peak.bytes, None, (), ())
    both = [*names, *(name for name in reversed(names) for _ in range(2))]  # see `backward_step`
    held = tuple(Live(span.name, span.load.at(batch)) for span in alive_at(spans, peak.step))
    again = dict.fromkeys(both[step] for step in peak.ties if both[step] != both[peak.step])
    return Moment(peak.bytes, both[peak.step], held, tuple(again), peak.step >= len(names))


def largest_batch(budget: int, base: Size, alive: Sequence[Load]) -> int:
    """The largest batch N for which base + fixed + each·N is within the budget (bytes) in every step; 0 if none is.

    Raises:
        UsageError: a size depends on a symbol.
    """
    most: int | None = None
    for load in dict.fromkeys(alive):
        fixed, each = base + load.fixed, load.each
        if not isinstance(fixed, int) or not isinstance(each, int):
            raise UsageError(f"whether a batch fits depends on {_symbols(fixed, each)}: give the symbols values first")
        if fixed > budget:
            return 0
        if each:
            most = min((budget - fixed) // each, most if most is not None else budget)
    return most or 0


def _symbols(*sizes: Size) -> str:
    names = frozenset[str]().union(*(size.symbols for size in sizes if not isinstance(size, int)))
    return ", ".join(sorted(names))
