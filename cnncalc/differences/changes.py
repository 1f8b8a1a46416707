"""The status of every layer: inserted, removed, edited, renamed, or only affected by an earlier change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from cnncalc.analysis.report import LayerReport
from cnncalc.differences.likeness import content, skeleton
from cnncalc.records import NamedTuple, Record
from cnncalc.symbolic import Expr, Size, Undecidable

Status = Literal["inserted", "removed", "edited", "affected", "renamed", "same"]
ORDER: tuple[Status, ...] = ("removed", "inserted", "edited", "renamed", "affected", "same")


class Edit(NamedTuple):
    """One property of a layer that was changed in the spec."""

    what: str  # a field, or kind, name, reads, frozen, shares, training
    before: object
    after: object


class Change(Record):
    """One layer in both networks; `before` or `after` is None if it is in one only. `values` holds its figures in
    both.
    """

    before: LayerReport | None
    after: LayerReport | None
    edits: tuple[Edit, ...]
    values: Mapping[str, tuple[Any, Any]]
    figures: Mapping[str, tuple[Any, Any]]  # those that differ
    renumbered: bool = False

    @property
    def name(self) -> str:
        """Its name in the second network, or in the first if it was removed."""
        layer = self.after or self.before
        assert layer is not None
        return layer.name

    @property
    def status(self) -> Status:
        """What happened to it."""
        if self.before is None:
            return "inserted"
        if self.after is None:
            return "removed"
        if self.edits:
            return "renamed" if all(edit.what == "name" for edit in self.edits) else "edited"
        return "affected" if self.figures else "same"


Layers = Mapping[str, Any]


class Measured(NamedTuple):
    """The figures by layer that are computed for the network as a whole."""

    activations: Mapping[str, Size]
    fields: Mapping[str, object]


def _field(layer: LayerReport, measured: Measured) -> object:
    return measured.fields.get(layer.name)


FIGURES: Mapping[str, Callable[[LayerReport, Measured], Any]] = {
    "output": lambda layer, measured: layer.output,
    "params": lambda layer, measured: None if layer.parameters.at_least else layer.params,
    "macs": lambda layer, measured: layer.macs,
    "flops": lambda layer, measured: layer.flops,
    "activation": lambda layer, measured: measured.activations[layer.name],
    "field": _field,
}


def edits(before: LayerReport, after: LayerReport, reads: tuple[list[str], list[str]]) -> tuple[Edit, ...]:
    """The edits of a layer: its kind and arguments, a chosen name, its inputs, its modifiers."""
    result = []
    old, new = before.node, after.node
    if before.kind != after.kind:
        result.append(Edit("kind", before.kind, after.kind))
    elif content(old) != content(new):
        mine, its = old.layer.__dict__, new.layer.__dict__
        follows = _follows(before, after)
        result += [
            Edit(name, mine[name], its[name])
            for name in old.layer.arguments
            if mine[name] != its[name] and name not in follows and (name != "like" or None in (mine[name], its[name]))
        ]
    if before.name != after.name and skeleton(before.name, before.kind) != skeleton(after.name, after.kind):
        result.append(Edit("name", before.name, after.name))
    if any(reads):
        result.append(Edit("reads", *reads))
    for what in ("frozen", "training"):
        if getattr(old, what) != getattr(new, what):
            result.append(Edit(what, getattr(old, what), getattr(new, what)))
    if (old.shares is None) != (new.shares is None):
        result.append(Edit("shares", old.shares, new.shares))
    return tuple(result)


def _follows(before: LayerReport, after: LayerReport) -> frozenset[str]:
    """The arguments determined by the input: `groups` of a depthwise convolution, and its channels in proportion."""
    old, new = before.node, after.node
    groups = (old.layer.__dict__.get("groups"), new.layer.__dict__.get("groups"))
    if None in groups:
        return old.layer.derived
    entering = (old.shapes[0][0], new.shapes[0][0])
    if groups != entering or entering[0] == entering[1]:
        return frozenset()
    channels = (old.layer.__dict__.get("out_channels"), new.layer.__dict__.get("out_channels"))
    scaled = all(isinstance(size, int) for size in (*channels, *entering)) and _proportional(channels, entering)
    return frozenset({"groups", "out_channels"} if scaled else {"groups"})


def _proportional(channels: tuple[Any, Any], entering: tuple[Any, Any]) -> bool:
    return bool(channels[0] * entering[1] == channels[1] * entering[0])


def values(
    before: LayerReport | None, after: LayerReport | None, measured: tuple[Measured, Measured]
) -> dict[str, tuple[Any, Any]]:
    """Figure → (before, after); None on the side where the layer does not exist."""
    return {
        name: (before and figure(before, measured[0]), after and figure(after, measured[1]))
        for name, figure in FIGURES.items()
    }


def change(
    before: LayerReport | None,
    after: LayerReport | None,
    measured: tuple[Measured, Measured],
    reads: tuple[list[str], list[str]] = ([], []),
) -> Change:
    """What happened to one layer; `reads` holds the inputs that it lost and gained."""
    figures = values(before, after, measured)
    if before is None or after is None:
        return Change(before, after, (), figures, figures)
    written = edits(before, after, reads)
    renumbered = before.name != after.name and all(edit.what not in ("kind", "name") for edit in written)
    differing = {name: pair for name, pair in figures.items() if not same(*pair)}
    return Change(before, after, written, figures, differing, renumbered)


def same(old: object, new: object) -> bool:
    """Whether two figures are equal: numbers, shapes, or closed forms equal for every value of their symbols."""
    if old == new:
        return True
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(map(same, old, new))
    sizes = isinstance(old, int | Expr) and isinstance(new, int | Expr)
    if not sizes or (isinstance(old, int) and isinstance(new, int)):
        return False
    from cnncalc.symbolic import equal

    try:
        return equal(old, new)  # type: ignore[arg-type]
    except Undecidable:
        return False
