"""`repeated-activation`: an activation that has no effect after an earlier one."""

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
    """An activation with an input already in the range that it leaves unchanged, or one applied twice in a row."""

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
        """Yield the activations that have no effect in any use of their item, and those that repeat an earlier one."""
        reach = ranges(subject.report.graph)
        idle = {node.name for node in subject.report.graph.nodes if _is_idle(node, reach)}
        busy = {node.span for node in subject.report.graph.nodes if node.name not in idle} if idle else set()
        for node in subject.report.graph.nodes:
            again = node.name in idle and _repeats_own_item(subject, node)
            if again or (node.name in idle and node.span not in busy):
                message = f"{node.kind} has no effect here: its input is already {_range_text(reach[node.inputs[0]])}"
                yield Case(node, message, (), (lambda: _NO_REPEAT) if again else partial(_fix, subject, node))
                continue
            before = _previous(subject, node) if _changes_again(node.layer) else None
            if before and _is_same_kind(node, before):
                yield Case(node, f"{node.kind} of the output of a {before.kind}", (), lambda: _ONCE)


_ONCE = Fix("keep only one of them")
_NO_REPEAT = Fix("remove its repeat")


def _is_idle(node: Node, reach: dict[str, Range]) -> bool:
    left = node.layer.fixed
    return left is not None and reach[node.inputs[0]].within(left)


def _changes_again(layer: Layer) -> bool:
    """Whether this is an activation (or softmax) that changes its own output when applied again."""
    bends = layer.elementwise and not layer.linear and not layer.normalizes
    return bends and not layer.idempotent


def _repeats_own_item(subject: Subject, node: Node) -> bool:
    """Whether its input is the previous repetition of the same item, as for `relu` with `repeat: 2`."""
    before = subject.wiring.sole_producer(node)
    return before is not None and before.span is not None and before.span == node.span


def _previous(subject: Subject, node: Node) -> Node | None:
    """The previous layer, skipping layers that pass values on unchanged."""
    ways = subject.wiring.chain_back(node) if len(node.inputs) == 1 else iter(())
    return next((earlier for earlier in ways if not (earlier.layer.idle or earlier.kind == "flatten")), None)


def _is_same_kind(node: Node, before: Node) -> bool:
    return node.kind == before.kind or (node.kind, before.kind) == ("log_softmax", "softmax")


def _range_text(reach: Range) -> str:
    if reach.high is None:
        return f"at least {_number_text(reach.low)}"
    return f"between {_number_text(reach.low)} and {_number_text(reach.high)}"


def _number_text(value: Fraction | None) -> str:
    return "" if value is None else exact_decimal(value) or str(value)


def _fix(subject: Subject, node: Node) -> Fix:
    """The fix that removes the layer, with an edit if it plainly follows one of its kind and nothing refers to it."""
    words = f"remove this {node.kind}"
    place = subject.places.of(node)
    if place is None:
        return Fix(words)
    before, item = place.sibling(-1), place.item
    same = before is not None and isinstance(before.body, LayerCall) and before.body.kind == node.kind
    bare = before is not None and not (before.when or before.repeat or before.source)
    plain = isinstance(item.body, LayerCall) and not item.body.arguments and not (item.name or item.when or item.repeat)
    if not (same and bare and plain) or item.source or not subject.places.mentions.is_unmentioned(item):
        return Fix(words)
    return Fix(words, remove_item(place))
