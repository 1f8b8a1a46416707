"""The networks of a spec before and after: every variant, the difference of each, and the limits that it exceeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from cnncalc.analysis.figures import FIGURES
from cnncalc.analysis.report import Report
from cnncalc.budget import BudgetError, renew
from cnncalc.differences.difference import COUNTED, Difference, Total, difference
from cnncalc.differences.limits import Exceeded, Limit, exceeded
from cnncalc.elaborate.network import settings_text
from cnncalc.errors import CnncalcError, Source, UsageError
from cnncalc.quantities.shapes import Given
from cnncalc.records import EMPTY, NamedTuple, Record
from cnncalc.revisions.pairs import Pair
from cnncalc.revisions.sides import File
from cnncalc.spec import Spec, parse_source

Status: TypeAlias = Literal["changed", "equal", "added", "removed", "broken", "repaired"]
Opened: TypeAlias = "Spec | CnncalcError | None"
Analyzed: TypeAlias = "Report | CnncalcError | None"


class Asked(NamedTuple):
    """How every network is analysed, and the limits that each has to keep."""

    inputs: Given | None = None
    params: Mapping[str, Any] = EMPTY
    at: Mapping[str, int] = EMPTY
    limits: Sequence[Limit] = ()


class NetworkChange(Record):
    """A network before and after.

    Either side is a report, the error that prevents one, or None where the network does not exist. `variants` are all
    variants that have this network, None for the spec without one.
    """

    pair: Pair
    variants: tuple[str | None, ...]
    old: Analyzed
    new: Analyzed
    totals: Mapping[str, Total]
    difference: Difference | None = None  # if there are two reports
    exceeded: tuple[Exceeded, ...] = ()

    @property
    def status(self) -> Status:
        """What happened to the network; `broken` if it has no report after the change, although there is a spec."""
        if isinstance(self.new, CnncalcError):
            return "broken"
        if self.new is None:
            return "removed"
        if self.difference is not None:
            return "equal" if self.difference.equal else "changed"
        return "added" if self.old is None else "repaired"

    @property
    def same_totals(self) -> bool:
        """Whether there are two reports, and all their totals are equal."""
        return self.difference is not None and not any(total.differs for total in self.totals.values())


def compare_pair(pair: Pair, asked: Asked) -> Iterator[NetworkChange]:
    """Yield the networks of a spec, in the order of its variants; variants with equal parameters share one."""
    renew()
    new = _open(pair.new_file)
    old = new if _same_text(pair) else _open(pair.old_file)
    for variants in _alike(old, new, asked.params):
        after = _analyze(new, variants[0], asked)
        before = after if old is new else _analyze(old, variants[0], asked)
        try:
            yield _network(pair, variants, before, after, asked.limits)
        except BudgetError as error:
            yield NetworkChange(
                pair, variants, before, UsageError(str(error)), dict.fromkeys(COUNTED, Total(None, None))
            )


def _same_text(pair: Pair) -> bool:
    """Whether a file was only renamed, so that it need not be read twice."""
    texts = [file.text.text for file in (pair.old_file, pair.new_file) if file and isinstance(file.text, Source)]
    return len(texts) == 2 and texts[0] == texts[1]


def _network(
    pair: Pair, variants: tuple[str | None, ...], old: Analyzed, new: Analyzed, limits: Sequence[Limit]
) -> NetworkChange:
    if isinstance(old, Report) and isinstance(new, Report):
        changes = difference(old, new)
        return NetworkChange(pair, variants, old, new, changes.totals, changes, _over(changes.totals, limits))
    totals = {name: Total(_figure(old, name), _figure(new, name)) for name in COUNTED}
    absolute = [limit for limit in limits if not limit.of_change]  # growth needs a figure from which to grow
    over = _over(totals, absolute) if isinstance(new, Report) else ()
    return NetworkChange(pair, variants, old, new, totals, None, over)


def _over(totals: Mapping[str, Total], limits: Sequence[Limit]) -> tuple[Exceeded, ...]:
    """The limits that are exceeded, or that depend on a symbol."""
    over: list[Exceeded] = []
    for limit in limits:
        try:
            over += exceeded(totals, [limit])
        except UsageError as error:  # noqa: PERF203 - the other limits still count
            over.append(Exceeded(limit, totals[limit.figure], str(error)))
    return tuple(over)


def _figure(report: Analyzed, name: str) -> Any:  # noqa: ANN401
    return FIGURES[name](report) if isinstance(report, Report) else None


def _open(file: File | None) -> Opened:
    if file is None:
        return None
    if not isinstance(file.text, Source):
        return file.text
    try:
        return parse_source(file.text, lambda fault: None)  # `check` judges what is expected
    except CnncalcError as error:
        return error
    except BudgetError as error:
        return UsageError(str(error))


def _alike(old: Opened, new: Opened, params: Mapping[str, Any]) -> Iterator[tuple[str | None, ...]]:
    """Yield the variants of both sides, those together that have the same parameters on both sides."""
    if isinstance(new, CnncalcError):
        yield (None,)
        return
    every = dict.fromkeys([None, *(name for spec in (new, old) if isinstance(spec, Spec) for name in spec.variants)])
    alike: dict[tuple[str, str], list[str | None]] = {}
    for variant in every:
        key = (_settings(old, variant, params), _settings(new, variant, params))
        alike.setdefault(key, []).append(variant)
    yield from map(tuple, alike.values())


def _settings(spec: Opened, variant: str | None, params: Mapping[str, Any]) -> str:
    """The parameters of a variant as text; text of its own for one that has no parameters."""
    if not isinstance(spec, Spec):
        return ""
    if variant is not None and variant not in spec.variants:
        return "no such variant"
    try:
        return settings_text(spec.document, variant, params)
    except (CnncalcError, BudgetError):
        return f"fault in {variant}"


def _analyze(spec: Opened, variant: str | None, asked: Asked) -> Analyzed:
    """The report on a variant; None if the spec has no such variant."""
    if not isinstance(spec, Spec):
        return spec
    if variant is not None and variant not in spec.variants:
        return None
    try:
        report = spec.at(variant).analyze(asked.inputs, asked.params)
        return report.at(**asked.at) if asked.at else report
    except CnncalcError as error:
        return error
    except BudgetError as error:
        return UsageError(str(error))
