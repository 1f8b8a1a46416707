"""A periodic set of positive integers: residue classes between two sizes, plus scattered members."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from cnncalc.limits import WORK_LIMIT
from cnncalc.records import Record
from cnncalc.symbolic.undecidable import Undecidable

_SHOWN = 8


class Residues(Record):
    """The positive integers n with start ≤ n ≤ stop and n mod modulus in residues, plus the scattered ones.

    `residues` is sorted; if it is empty, only the scattered members remain. `stop` is None for an unbounded set.
    `scattered` is sorted and lies outside start … stop. In a result of `sieve.solve`, start and stop are members.
    """

    symbol: str
    modulus: int = 1
    residues: tuple[int, ...] = (0,)
    start: int = 1
    stop: int | None = None
    scattered: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self.smallest is not None

    def __contains__(self, value: int) -> bool:
        return self.contains(value)

    def __str__(self) -> str:
        return describe(self)

    @property
    def smallest(self) -> int | None:
        """The smallest member; None if the set is empty."""
        return self.nearest(1)[1]

    @property
    def largest(self) -> int | None:
        """The largest member; None if the set is empty or unbounded."""
        if not self.residues:
            return max(self.scattered, default=None)
        return None if self.stop is None else self.nearest(max(self.stop, *self.scattered, 0))[0]

    @property
    def everything(self) -> bool:
        """Whether every positive integer is a member."""
        return (self.modulus, self.residues, self.start, self.stop) == (1, (0,), 1, None)

    @property
    def finite(self) -> tuple[int, ...] | None:
        """All members in order if they are finitely many, else None."""
        if not self.residues:
            return self.scattered
        return (
            None
            if self.stop is None
            else tuple(sorted((*self.scattered, *self.classes_between(self.start, self.stop))))
        )

    def contains(self, value: int) -> bool:
        """Whether this integer is a member."""
        within = value >= self.start and (self.stop is None or value <= self.stop)
        return (within and self._in_class(value)) or value in self.scattered

    def nearest(self, value: int) -> tuple[int | None, int | None]:
        """The largest member ≤ value and the smallest member ≥ value."""
        at = bisect_right(self.scattered, value)
        below = [*self.scattered[max(0, at - 1) : at], *_as_tuple(self._below(value))]
        at = bisect_left(self.scattered, value)
        above = [*self.scattered[at : at + 1], *_as_tuple(self._above(value))]
        return max(below, default=None), min(above, default=None)

    def classes_between(self, first: int, last: int, limit: int = WORK_LIMIT) -> list[int]:
        """The integers from first to last in one of the classes; raises Undecidable if there are too many."""
        count = ((last - first) // self.modulus + 1) * len(self.residues)
        if count > limit:
            raise Undecidable(f"{count} values of {self.symbol} from {first} to {last} are too many to try one by one")
        base = first - first % self.modulus
        return [
            value
            for period in range(base, last + 1, self.modulus)
            for residue in self.residues
            if first <= (value := period + residue) <= last
        ]

    def _in_class(self, value: int) -> bool:
        at = bisect_left(self.residues, value % self.modulus)
        return at < len(self.residues) and self.residues[at] == value % self.modulus

    def _below(self, value: int) -> int | None:
        """The largest member ≤ value between start and stop."""
        if not self.residues:
            return None
        top = value if self.stop is None else min(value, self.stop)
        base, rest = top - top % self.modulus, top % self.modulus
        at = bisect_right(self.residues, rest)
        member = base + self.residues[at - 1] if at else base - self.modulus + self.residues[-1]
        return member if member >= self.start else None

    def _above(self, value: int) -> int | None:
        """The smallest member ≥ value between start and stop."""
        if not self.residues:
            return None
        bottom = max(value, self.start)
        base, rest = bottom - bottom % self.modulus, bottom % self.modulus
        at = bisect_left(self.residues, rest)
        member = base + self.residues[at] if at < len(self.residues) else base + self.modulus + self.residues[0]
        return member if self.stop is None or member <= self.stop else None


def _as_tuple(value: int | None) -> tuple[int, ...]:
    return () if value is None else (value,)


def describe(members: Residues) -> str:
    """The set in words: `H ≡ 3 (mod 32), H ≥ 67`."""
    few = members.stop is not None and members.stop - members.start < _SHOWN * members.modulus
    finite = members.finite if few or not members.residues else None
    if finite is not None and (len(finite) <= _SHOWN or not members.residues):
        return _list_values(members.symbol, finite)
    run = ", ".join(filter(None, [_classes(members), _range(members)])) or f"every {members.symbol} ≥ 1"
    return f"{_list_values(members.symbol, members.scattered)}, or {run}" if members.scattered else run


def _list_values(symbol: str, values: tuple[int, ...]) -> str:
    if not values:
        return f"no {symbol}"
    if len(values) == 1:
        return f"{symbol} = {values[0]}"
    shown = ", ".join(map(str, values[:_SHOWN]))
    return f"{symbol} ∈ {{{shown}{', …' if len(values) > _SHOWN else ''}}}"


def _classes(members: Residues) -> str:
    if members.modulus == 1:
        return ""
    residues = list(map(str, members.residues[:_SHOWN]))
    if len(members.residues) > _SHOWN:
        return f"{members.symbol} ≡ {', '.join(residues)}, … ({len(members.residues)} residues) (mod {members.modulus})"
    joined = residues[0] if len(residues) == 1 else f"{', '.join(residues[:-1])} or {residues[-1]}"
    return f"{members.symbol} ≡ {joined} (mod {members.modulus})"


def _range(members: Residues) -> str:
    """The bounds of the set, as far as the classes do not imply them."""
    first_in_class = members.residues[0] or (members.residues[1] if len(members.residues) > 1 else members.modulus)
    low = members.start if members.start > first_in_class else None
    if members.stop is None:
        return "" if low is None else f"{members.symbol} ≥ {low}"
    return f"{members.symbol} ≤ {members.stop}" if low is None else f"{low} ≤ {members.symbol} ≤ {members.stop}"
