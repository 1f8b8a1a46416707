"""Counts what conditions leave out, and reports a path or body that they leave empty."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.document.types import Constant, Formula, Item, LayerCall, Path
from cnncalc.errors import Fault, Span, SpecError
from cnncalc.graph import LeftOut

_NOTHING = LeftOut()


class Tally:
    """How much `when` has left out so far."""

    def __init__(self) -> None:
        self.total = _NOTHING

    @property
    def items(self) -> int:
        """The number of items left out, without paths."""
        return self.total.layers + self.total.blocks

    def add(self, more: LeftOut) -> None:
        """Add to the counts."""
        if more is _NOTHING:
            return
        self.total = LeftOut(*(a + b for a, b in zip(self.total, more, strict=True)))

    def count(self, item: Item) -> None:
        """Count one item: as a layer, or as a block if it consists of several."""
        alone = isinstance(item.body, LayerCall) and item.repeat is None
        self.add(LeftOut(layers=1) if alone else LeftOut(blocks=1))

    def since(self, before: LeftOut) -> LeftOut:
        """What was left out since then."""
        if self.total is before:
            return _NOTHING
        return LeftOut(*(a - b for a, b in zip(self.total, before, strict=True)))


def fault_of_empty_path(path: Path, number: int, place: str) -> SpecError:
    """The fault of a path in which `when` left out every layer."""
    span, condition = _condition(path.items, path.span)
    message = f"{place}: 'when' leaves out every layer of path {number}, which makes it the identity"
    drop = f"put the condition on the path: {{when: {condition}, layers: […]}}"
    return SpecError([Fault(message, span, f"{drop} leaves out the path; write 'identity' in it if that is meant")])


def fault_of_no_paths(paths: Iterable[Path], span: Span) -> SpecError:
    """The fault of branches without any path left."""
    conditions = ", ".join(text for path in paths if (text := _text(path)))
    hint = f"one of these must hold ({conditions}), or put one 'when' beside branches"
    return SpecError([Fault("branches: 'when' leaves out every path", span, hint)])


def fault_of_empty_body(items: tuple[Item, ...], span: Span) -> SpecError:
    """The fault of a residual in which `when` left out every layer of the body."""
    place, _ = _condition(items, span)
    message = "residual: 'when' leaves out every layer of the body, which makes it twice its input"
    return SpecError([Fault(message, place, "put 'when' beside residual")])


def _condition(items: tuple[Item, ...], span: Span) -> tuple[Span, str]:
    """Where the first condition of a list is, and its text."""
    for item in items:
        if item.when is not None:
            return item.when.span, _text(item) or "…"
    return span, "…"


def _text(owner: Item | Path) -> str:
    """The condition as written; empty if there is none."""
    when = owner.when
    if isinstance(when, Formula):
        return when.scalar.text
    return str(when.value).lower() if isinstance(when, Constant) else ""
