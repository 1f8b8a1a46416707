"""An activation that another has left nothing to do."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import ClassVar

from cnncalc.checks.edits import remove_item
from cnncalc.checks.finding import Fix
from cnncalc.checks.ranges import ranges
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.document.types import LayerCall
from cnncalc.graph import Node
from cnncalc.layers.layer import Layer
from cnncalc.layers.ranges import Range
from cnncalc.quantities.decimals import exact_decimal


class RepeatedActivation(Rule):
    """An activation whose input is already in the range that it leaves alone; or one applied twice in a row."""

    name: ClassVar[str] = "repeated-activation"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = "An activation receives values that an earlier activation has already brought into its range."
    why: ClassVar[str] = (
        "Applied to a value that is never negative, max(0, x) changes nothing: the second of two relus, or one after "
        "a concatenation of relus, does nothing but cost time. An activation that changes its input again (a softmax "
        "of a softmax, a sigmoid of a sigmoid) is rarely intended: a softmax of probabilities is nearly flat."
    )
    example: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - relu
"""
    fixed: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
"""
    source: ClassVar[str] = "The definitions of the functions: max(0, max(0, x)) = max(0, x)."

    def cases(self, subject: Subject) -> Iterator[Case]:
        """The activations that do nothing wherever their item stands, and those that do again what was done."""
        reach = ranges(subject.report.graph)
        busy = {node.span for node in subject.report.graph.nodes if not _idle(node, reach)}
        for node in subject.report.graph.nodes:
            again = _idle(node, reach) and _of_its_own_item(subject, node)
            if again or node.span not in busy:
                message = f"{node.kind} has no effect here: its input is already {_said(reach[node.inputs[0]])}"
                yield Case(node, message, (), (lambda: _NO_REPEAT) if again else partial(_fix, subject, node))
                continue
            before = _before(subject, node)
            if before and _changes_again(node.layer) and _alike(node, before):
                yield Case(node, f"{node.kind} of the output of a {before.kind}", (), lambda: _ONCE)


_ONCE = Fix("keep only one of them")
_NO_REPEAT = Fix("remove its repeat")


def _idle(node: Node, reach: dict[str, Range]) -> bool:
    left = node.layer.fixed
    return left is not None and reach[node.inputs[0]].within(left)


def _changes_again(layer: Layer) -> bool:
    """Whether it is an activation, softmax too, that changes what it has made itself."""
    bends = layer.elementwise and not layer.linear and not layer.normalizes
    return bends and not layer.idempotent


def _of_its_own_item(subject: Subject, node: Node) -> bool:
    """Whether it reads the same item's turn before: `relu` with `repeat: 2`."""
    before = subject.wiring.sole_producer(node)
    return before is not None and before.span is not None and before.span == node.span


def _before(subject: Subject, node: Node) -> Node | None:
    """The layer before, but for what passes everything on."""
    ways = subject.wiring.chain_back(node) if len(node.inputs) == 1 else iter(())
    return next((found for found in ways if not (found.layer.idle or found.kind == "flatten")), None)


def _alike(node: Node, before: Node) -> bool:
    return node.kind == before.kind or (node.kind, before.kind) == ("log_softmax", "softmax")


def _said(reach: Range) -> str:
    if reach.high is None:
        return f"at least {_number(reach.low)}"
    return f"between {_number(reach.low)} and {_number(reach.high)}"


def _number(value: Fraction | None) -> str:
    return "" if value is None else exact_decimal(value) or str(value)


def _fix(subject: Subject, node: Node) -> Fix:
    """Without it; as an edit where it stands bare behind a bare one of its kind, and nothing can refer to it."""
    words = f"remove this {node.kind}"
    place = subject.places.of(node)
    if place is None:
        return Fix(words)
    before, item = place.sibling(-1), place.item
    same = before is not None and isinstance(before.body, LayerCall) and before.body.kind == node.kind
    bare = before is not None and not (before.when or before.repeat or before.source)
    alone = isinstance(item.body, LayerCall) and not item.body.arguments and not (item.name or item.when or item.repeat)
    if not (same and bare and alone) or item.source or not subject.places.mentions.is_unmentioned(item):
        return Fix(words)
    return Fix(words, remove_item(place))
