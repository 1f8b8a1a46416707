"""How much a figure may grow: `params=+5%`, `macs=+0`, `peak_memory=+1MiB`, or what it may be at most: `params=30M`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from cnncalc.differences.difference import COUNTED, Difference, Total
from cnncalc.document.expectations import BYTES
from cnncalc.errors import UsageError
from cnncalc.quantities.amounts import AMOUNT, amount, in_bytes, nearest_amount, without_bytes
from cnncalc.records import NamedTuple
from cnncalc.suggest import ask, with_suggestion
from cnncalc.symbolic import Size, compare

LIMIT = re.compile(rf"(?P<sign>[+-]?){AMOUNT}(?P<percent>%?)")
LIKE = "expected figure=limit, such as params=+5%, macs=+0, peak_memory=+1MiB or params=30M"


class Limit(NamedTuple):
    """A limit as it was written: of the change, in percent or in numbers, or of the figure itself."""

    figure: str
    text: str
    number: Fraction
    of_change: bool
    percent: bool

    def allowed(self, before: int) -> Fraction:
        """The most that the figure may be."""
        if self.percent:
            return before * (1 + self.number / 100)
        return before + self.number if self.of_change else self.number


class Exceeded(NamedTuple):
    """A limit that does not hold, and why not."""

    limit: Limit
    total: Total
    sentence: str


def read_limits(texts: Sequence[str], option: str = "--fail-over") -> list[Limit]:
    """The limits of some texts, each one or several with commas between.

    Raises:
        UsageError: a text that is no limit, or of no figure.
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
    """The question whether the limit was meant that is spelled right; nothing where there is none near."""
    sign = bound[: len(bound) - len(bound.lstrip("+-"))]
    near = nearest_amount(bound.removeprefix(sign))
    return f": {ask(f'{name}={sign}{near}')}" if near and len(sign) < 2 else ""


def exceeded(difference: Difference, limits: Sequence[Limit]) -> list[Exceeded]:
    """The limits that do not hold; one of a figure that is not known does not.

    Raises:
        UsageError: whether one holds depends on a symbol.
    """
    broken = []
    for limit in limits:
        total = difference.totals[limit.figure]
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
    return f"{total.before} → {total.after}, more than {limit.text} allows"


def _holds(limit: Limit, before: Size, after: Size) -> bool:
    """The same of closed forms, multiplied until all is whole."""
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
