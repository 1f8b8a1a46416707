"""The moment at which the most is alive, in names and bytes; the largest batch that stays within a budget."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.memory.liveness import Load, Span, alive_at, peak_of
from cnncalc.errors import UsageError
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Live(NamedTuple):
    """Something alive at a peak."""

    name: str
    bytes: Size


class Moment(NamedTuple):
    """The most bytes alive at once, beside weights and buffers; at which node, and what is alive then.

    `bytes` is None where which step is the peak depends on symbols in too many ways; `node` is None where it depends at
    all. `again` are the nodes at which as much is alive. `backward` says that it is on the way back.
    """

    bytes: Size | None
    node: str | None
    alive: tuple[Live, ...]
    again: tuple[str, ...]
    backward: bool = False


def moment_of(spans: Sequence[Span], alive: Sequence[Load], names: Sequence[str], batch: Size) -> Moment:
    """The peak of a run over the nodes of these names, there or there and back; `alive` is the load of every step."""
    peak = peak_of(alive, batch)
    if peak.step is None:
        return Moment(peak.bytes, None, (), ())
    both = [*names, *(name for name in reversed(names) for _ in range(2))]  # `way_back`
    held = tuple(Live(span.name, span.load.at(batch)) for span in alive_at(spans, peak.step))
    again = dict.fromkeys(both[step] for step in peak.ties if both[step] != both[peak.step])
    return Moment(peak.bytes, both[peak.step], held, tuple(again), peak.step >= len(names))


def largest_batch(budget: int, base: Size, alive: Sequence[Load]) -> int:
    """The largest batch for which base + fixed + each·N stays within the budget in every step."""
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
    found = frozenset[str]().union(*(size.symbols for size in sizes if not isinstance(size, int)))
    return ", ".join(sorted(found))
