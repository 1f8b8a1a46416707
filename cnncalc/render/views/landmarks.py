"""Builds the sentences below `cnncalc rf`: the layers from which a field exceeds the tensor, or all of it is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from cnncalc.analysis.field.receptive_field import ReceptiveField
from cnncalc.explanations.field_words import beside_text, exceeding_axes, field_text, is_joined, tensor_text
from cnncalc.records import NamedTuple
from cnncalc.render.view import Cell


class Seen(NamedTuple):
    """A layer and its field."""

    layer: str
    field: ReceptiveField


class Landmark(NamedTuple):
    """The first layer for which something holds, and whether it holds for all later ones."""

    seen: Seen
    onward: bool

    @property
    def text(self) -> str:
        """Where it holds: "from conv3 on", or "at conv3"."""
        return f"from {self.seen.layer} on" if self.onward else f"at {self.seen.layer}"


def landmark_notes(seen: Sequence[Seen], name: str, *, alone: bool) -> Iterator[Cell]:
    """Yield what is worth knowing of the fields in one tensor; `alone`: it is the only input of the network."""
    if not seen:
        return
    rank = len(seen[0].field.axes)
    where = tensor_text(name, seen[0].field, alone)
    if not rank:
        yield Cell(f"{where} is a vector: it has one position, which is the whole receptive field", "dim")
        return
    local = [each for each in seen if not each.field.only_whole]
    notes = [*_exceeding(local, rank, where), *_joined(local, where), *_gathered(seen, where)]
    if not notes and all(each.field.share is not None for each in seen):
        notes = [Cell(f"no receptive field exceeds {where}", "dim")]
    yield from notes


def _first(seen: Sequence[Seen], holds: Callable[[ReceptiveField], bool]) -> Landmark | None:
    verdicts = [holds(each.field) for each in seen]
    if True not in verdicts:
        return None
    place = verdicts.index(True)
    return Landmark(seen[place], all(verdicts[place:]))


def _exceeding(local: Sequence[Seen], rank: int, where: str) -> Iterator[Cell]:
    """Yield the first layer whose field is larger than an axis; axes with the same first layer share a sentence."""
    axes_of: dict[Landmark, list[int]] = {}
    for axis in range(rank):
        landmark = _first(local, partial(_is_larger, axis))
        if landmark:
            axes_of.setdefault(landmark, []).append(axis)
    for landmark, axes in sorted(axes_of.items(), key=lambda each: local.index(each[0].seen)):
        size = field_text(landmark.seen.field)
        along = exceeding_axes(axes, rank)
        yield Cell(f"{landmark.text}, the receptive field ({size}) exceeds {where}{along}", "strong")


def _is_larger(axis: int, field: ReceptiveField) -> bool:
    extent = field.axes[axis]
    return extent.exceeds and not extent.only_whole


def _joined(local: Sequence[Seen], where: str) -> Iterator[Cell]:
    landmark = _first(local, is_joined)
    if landmark:
        yield Cell(f"{landmark.text}, every position also sees {beside_text(landmark.seen.field, where)}")


def _gathered(seen: Sequence[Seen], where: str) -> Iterator[Cell]:
    """Yield the layer after which nothing is local."""
    count = next((count for count, each in enumerate(reversed(seen)) if not each.field.only_whole), len(seen))
    if count:
        yield Cell(f"from {seen[-count].layer} on, everything sees all of {where}")
