"""Limits on figures: on the change (`params=+5%`, `macs=+0`, `peak_memory=+1MiB`), or absolute (`params=30M`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from cnncalc.differences.difference import COUNTED, Total
from cnncalc.document.expectations import BYTES
from cnncalc.errors import UsageError
from cnncalc.quantities.amounts import AMOUNT, amount, in_bytes, nearest_amount, without_bytes
from cnncalc.records import NamedTuple
from cnncalc.suggest import ask, with_suggestion
from cnncalc.symbolic import Size, compare

LIMIT = re.compile(rf"(?P<sign>[+-]?){AMOUNT}(?P<percent>%?)")
LIKE = "expected figure=limit, such as params=+5%, macs=+0, peak_memory=+1MiB or params=30M"


class Limit(NamedTuple):
    """A parsed limit: on the change, in percent or absolute, or on the figure itself."""

    figure: str
    text: str
    number: Fraction
    of_change: bool
    percent: bool

    def allowed(self, before: int) -> Fraction:
        """The largest value allowed, given the value before."""
        if self.percent:
            return before * (1 + self.number / 100)
        return before + self.number if self.of_change else self.number


class Exceeded(NamedTuple):
    """A limit that is exceeded, and the reason as a sentence."""

    limit: Limit
    total: Total
    sentence: str


def read_limits(texts: Sequence[str], option: str = "--fail-over") -> list[Limit]:
    """The limits in these texts; each text holds one or several, separated by commas.

    Raises:
        UsageError: a limit is invalid, or its figure does not exist.
    """
    return [_read(part.strip(), option) for text in texts for part in re.split(r",(?=\s*[a-z])", text)]


def _read(text: str, option: str) -> Limit:
    name, equals, bound = (part.strip() for part in text.partition("="))
    if name not in COUNTED and equals:
        sentence = f"{option} {text}: no figure '{name}'"
        raise UsageError(with_suggestion(sentence, name, COUNTED, f"there are {', '.join(COUNTED)}"))
    match = LIMIT.fullmatch(bound) if len(bound) <= 60 else None
    number = match and amount(match)
    if match is None or number is None or (match["percent"] and (match["scale"] or not match["sign"])):
        raise UsageError(f"{option} {text}: {LIKE}{_nearest(name, bound)}")
    if in_bytes(match["scale"]) and name not in BYTES:
        raise UsageError(f"{option} {text}: expected a count, not bytes: write {without_bytes(text)}")
    number = -number if match["sign"] == "-" else number
    return Limit(name, bound, number, bool(match["sign"]), bool(match["percent"]))


def _nearest(name: str, bound: str) -> str:
    """A suggestion with the nearest valid spelling of the limit; empty if there is none."""
    sign = bound[: len(bound) - len(bound.lstrip("+-"))]
    near = nearest_amount(bound.removeprefix(sign))
    return f": {ask(f'{name}={sign}{near}')}" if near and len(sign) < 2 else ""


def exceeded(totals: Mapping[str, Total], limits: Sequence[Limit]) -> list[Exceeded]:
    """The limits that are exceeded; a limit on an unknown figure counts as exceeded.

    Raises:
        UsageError: whether a limit holds depends on a symbol.
    """
    broken = []
    for limit in limits:
        total = totals[limit.figure]
        why = _why(limit, total)
        if why:
            broken.append(Exceeded(limit, total, f"{limit.figure}: {why}"))
    return broken


def _why(limit: Limit, total: Total) -> str | None:
    if total.after is None or (total.before is None and limit.of_change):
        return f"not known, so {limit.text} cannot be verified"
    if isinstance(total.before, int) and isinstance(total.after, int):
        allowed = limit.allowed(total.before)
        if total.after <= allowed:
            return None
        grown = f" ({total.percent:+.1f}%)" if total.percent is not None else ""
        return f"{total.before:,} → {total.after:,}{grown}, but {limit.text} allows {int(allowed // 1):,}"
    if _holds(limit, 0 if total.before is None else total.before, total.after):
        return None
    before = "" if total.before is None else f"{total.before} → "
    after = f"{total.after:,}" if isinstance(total.after, int) else total.after
    return f"{before}{after}, more than {limit.text} allows"


def _holds(limit: Limit, before: Size, after: Size) -> bool:
    """Whether a limit holds for closed forms; both sides are scaled so that all terms are integers."""
    scale = limit.number.denominator * (100 if limit.percent else 1)
    bound = int(limit.number * limit.number.denominator)
    growth = before * bound if limit.percent else bound
    most = before * scale + growth if limit.of_change else growth
    holds = compare(after * scale, "<=", most)
    if not isinstance(holds, bool):
        raise UsageError(
            f"whether {limit.figure} stays within {limit.text} depends on {', '.join(sorted(holds.symbols))}: "
            "say --at, or another --input"
        )
    return holds
