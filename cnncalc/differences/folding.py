"""Groups changes for display: whole blocks that were inserted or removed, or everything below a depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cnncalc.analysis.parameters import total
from cnncalc.differences.changes import ORDER, Change, Status, same
from cnncalc.differences.difference import Difference
from cnncalc.records import NamedTuple

SUMS = ("params", "macs", "activation")


class Group(NamedTuple):
    """One change, or the changes of one block."""

    name: str
    changes: tuple[Change, ...]

    @property
    def only(self) -> Change | None:
        """The change, if the group is a single layer and not a block."""
        return self.changes[0] if len(self.changes) == 1 and self.changes[0].name == self.name else None

    @property
    def statuses(self) -> list[Status]:
        """The statuses of its layers, except `same`, in display order."""
        present = {change.status for change in self.changes} - {"same"}
        return [status for status in ORDER if status in present]

    @property
    def figures(self) -> Mapping[str, tuple[Any, Any]]:
        """Figure → (before, after), if they differ: sums over the group, and its last output shape."""
        if self.only is not None:
            return self.only.figures
        changed = {name: pair for name in SUMS if not same(*(pair := self._sums(name)))}
        outputs = [change.values["output"] for change in reversed(self.changes)]
        leaves = (
            next(filter(None, (old for old, _ in outputs)), None),
            next(filter(None, (new for _, new in outputs)), None),
        )
        return changed if same(*leaves) else {"output": leaves, **changed}

    def _sums(self, name: str) -> tuple[Any, Any]:
        before = [change.values[name][0] for change in self.changes if change.before is not None]
        after = [change.values[name][1] for change in self.changes if change.after is not None]
        return _sum(before), _sum(after)


def _sum(values: Sequence[Any]) -> Any:  # noqa: ANN401
    """The sum; None if there are no layers or a value is unknown."""
    return None if not values or None in values else total(values)


def groups(difference: Difference, statuses: Sequence[Status], depth: int | None = None) -> list[Group]:
    """The changes with these statuses, in execution order; with `depth`, whole blocks at that depth with any of
    them.
    """
    if depth is not None:
        blocks = _group_by(difference.changes, lambda change: ".".join(change.name.split(".")[:depth]))
        return [group for group in blocks if not set(statuses).isdisjoint(group.statuses)]
    changes = [change for change in difference.changes if change.status in statuses]
    whole = _whole_blocks(difference)
    return list(_group_by(changes, lambda change: whole.get((change.status, change.name), change.name)))


def _group_by(changes: Iterable[Change], name: Any) -> Iterator[Group]:  # noqa: ANN401
    for key, each in groupby(changes, name):
        gathered = tuple(each)
        yield Group(key if len(gathered) > 1 else gathered[0].name, gathered)


def _whole_blocks(difference: Difference) -> dict[tuple[Status, str], str]:
    """(status, layer) → the outermost block all of whose layers were inserted, or removed."""
    largest: dict[tuple[Status, str], str] = {}
    sides: tuple[tuple[Status, Any], ...] = (("inserted", difference.after), ("removed", difference.before))
    for status, report in sides:
        changed = {change.name for change in difference.changes if change.status == status}
        partial = {block for layer in report.layers if layer.name not in changed for block in _blocks(layer.name)}
        for name in changed:
            whole = next((block for block in _blocks(name) if block not in partial), None)
            if whole is not None:
                largest[status, name] = whole
    return largest


def _blocks(name: str) -> Iterator[str]:
    """The names of the enclosing blocks, outermost first."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))
