"""Two networks side by side: their totals, and what happened to every layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cnncalc.analysis.figures import FIGURES, FITS
from cnncalc.analysis.report import Report
from cnncalc.differences.alignment import align
from cnncalc.differences.changes import Change, Measured, Status, change, same
from cnncalc.differences.wiring import Wiring
from cnncalc.explanations.field_words import WHOLE, is_joined
from cnncalc.records import NamedTuple, Record
from cnncalc.symbolic import Size

COUNTED = tuple(name for name in FIGURES if name != FITS)


class Total(NamedTuple):
    """One figure of both networks; None if unknown."""

    before: Size | None
    after: Size | None

    @property
    def change(self) -> Size | None:
        """The increase from before to after; None if either is unknown."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def percent(self) -> float | None:
        """The change in percent of the figure before; None for closed forms and if that figure is 0."""
        change = self.change
        if not isinstance(change, int) or not isinstance(self.before, int) or self.before == 0:
            return None
        return 100 * change / self.before

    @property
    def differs(self) -> bool:
        """Whether the figure changed, or is not known to be equal."""
        return not same(self.before, self.after)


class Difference(Record):
    """The difference of two networks: `totals` by figure, and a `Change` for every layer, in execution order."""

    before: Report
    after: Report
    totals: Mapping[str, Total]
    inputs: tuple[Mapping[str, Any], Mapping[str, Any]]
    outputs: tuple[Mapping[str, Any], Mapping[str, Any]]
    fields: tuple[Any, Any]  # field sizes of the last layer that does not see the whole input
    changes: tuple[Change, ...]

    @property
    def counts(self) -> Mapping[Status, int]:
        """Status → number of layers."""
        return Counter(each.status for each in self.changes)

    @property
    def renumbered(self) -> int:
        """The number of layers whose name differs only in an ordinal."""
        return sum(each.renumbered for each in self.changes)

    @property
    def equal(self) -> bool:
        """Whether nothing differs except ordinals in names."""
        same_ends = all(_same_shapes(*pair) for pair in (self.inputs, self.outputs))
        return same_ends and self.counts.keys() <= {"same"} and not any(each.differs for each in self.totals.values())


def difference(before: Report, after: Report) -> Difference:
    """The difference between two reports."""
    pairs = align(before.graph, after.graph)
    totals = {name: Total(FIGURES[name](before), FIGURES[name](after)) for name in COUNTED}
    changes = _changes(before, after, dict(pairs))
    inputs, outputs = (before.inputs, after.inputs), (before.outputs, after.outputs)
    fields = (_last_field(before), _last_field(after))
    return Difference(before, after, totals, inputs, outputs, fields, tuple(changes))


def _changes(before: Report, after: Report, pairs: Mapping[int, int]) -> list[Change]:
    """A change for every layer, in the order of the second network; removed layers keep their position."""
    measured = (_measure(before), _measure(after))
    old, new = before.layers, after.layers
    names = {old[place].name: new[other].name for place, other in pairs.items()}
    names |= paired_inputs(before, after)
    wiring = Wiring(before.graph, after.graph, names)
    back = {other: place for place, other in pairs.items()}
    changes: list[Change] = []
    following = 0  # the first layer of the old network not yet reported
    for other, layer in enumerate(new):
        place = back.get(other)
        if place is None:
            changes.append(change(None, layer, measured))
            continue
        changes += [change(old[gone], None, measured) for gone in range(following, place) if gone not in pairs]
        following = max(following, place)
        reads = wiring.changed_reads(old[place].node, layer.node)
        changes.append(change(old[place], layer, measured, reads))
    changes += [change(old[gone], None, measured) for gone in range(following, len(old)) if gone not in pairs]
    return changes


def paired_inputs(before: Report, after: Report) -> dict[str, str]:
    """Input of the first network → the input of the second in its place: by name, the remaining ones in order."""
    old, new = list(before.graph.inputs), list(after.graph.inputs)
    both = [name for name in old if name in new]
    left, right = ([name for name in names if name not in both] for names in (old, new))
    return {name: name for name in both} | dict(zip(left, right, strict=False))


def _measure(report: Report) -> Measured:
    activations = {activation.name: activation.bytes for activation in report.memory().activations}
    return Measured(activations, {name: _sizes(fields) for name, fields in report.receptive_fields.items()})


def _sizes(fields: Mapping[str, Any]) -> tuple[Any, ...]:
    """The field size on every input, with "whole" behind it beside a gate; only "whole" if nothing is local."""
    return tuple(
        WHOLE if field.only_whole else (*field.size, WHOLE) if is_joined(field) else field.size
        for field in fields.values()
    )


def _last_field(report: Report) -> Any:  # noqa: ANN401
    """The field sizes of the last inference layer whose field moves with the position; None if there is none."""
    for layer in reversed(report.layers):
        fields = report.receptive_fields[layer.name]
        if not layer.node.training and fields and not all(field.only_whole for field in fields.values()):
            return _sizes(fields)
    return None


def _same_shapes(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return len(old) == len(new) and all(map(same, old.values(), new.values()))
