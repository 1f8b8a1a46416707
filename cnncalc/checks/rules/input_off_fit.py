"""An input at which strides drop pixels, beside one at which none does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnncalc.checks.axes import is_numeric
from cnncalc.checks.finding import Fix, Observation
from cnncalc.checks.rule import Level, Rule, Subject
from cnncalc.errors import Span
from cnncalc.quantities.sizes import plural
from cnncalc.solutions.fixes import input_fixes


class InputOffFit(Rule):
    """Some stride drops pixels at this input, and a near one is known at which every stride fits."""

    name: ClassVar[str] = "input-off-fit"
    level: ClassVar[Level] = "note"
    what: ClassVar[str] = (
        "Pixels are dropped at the given input size, and there is a nearby size at which every layer fits."
    )
    why: ClassVar[str] = (
        "The condition that (N − F + 2P)/S + 1 is an integer in every layer is solved for the input size: the sizes "
        "shown are the nearest that satisfy it everywhere. AlexNet fits at H ≡ 3 (mod 32), which is why its input is "
        "227 and not 224."
    )
    example: ClassVar[str] = """\
input: 3x224x224
layers:
  - conv: {out_channels: 96, kernel_size: 11, stride: 4}
"""
    fixed: ClassVar[str] = """\
input: 3x227x227
layers:
  - conv: {out_channels: 96, kernel_size: 11, stride: 4}
"""
    source: ClassVar[str] = "Krizhevsky, Sutskever, Hinton, NIPS 2012, prints 224 for a network that fits at 227."

    def findings(self, subject: Subject) -> Iterable[Observation]:
        """One finding at the input, or none."""
        graph = subject.report.graph
        dropping = _dropping(subject)
        fixes = input_fixes(graph) if dropping else []
        if fixes:
            message = (
                f"{plural(len(dropping), 'layer')} {'drops' if len(dropping) == 1 else 'drop'} pixels at this input"
            )
            yield Observation(
                self.name,
                message,
                _span(subject),
                dropping,
                Fix(f"every layer fits at {' and at '.join(fix.change for fix in fixes)}"),
            )


def _dropping(subject: Subject) -> tuple[str, ...]:
    """The layers that drop pixels at inference."""
    return tuple(
        node.name
        for node, windows in subject.sliding.values()
        if not node.training and any(is_numeric(window) and window.trailing().pixels for window in windows)
    )


def _span(subject: Subject) -> Span | None:
    """Where the sizes of the first input stand: from the first to the last of them, where they share a line."""
    templates = next(iter(subject.document.inputs.values()), ())
    if not templates:
        return None
    first, last = templates[0].span, templates[-1].span
    return first._replace(width=last.column + last.width - first.column) if first.line == last.line else first
