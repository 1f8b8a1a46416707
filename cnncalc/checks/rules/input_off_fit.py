"""`input-off-fit`: an input size at which strides drop pixels, near one at which none does."""

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
    """Some stride drops pixels at this input size, and every stride fits at a nearby size."""

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
        """Yield one finding at the input, or none."""
        graph = subject.report.graph
        dropping = _dropping_layers(subject)
        fixes = input_fixes(graph) if dropping else []
        if fixes:
            message = (
                f"{plural(len(dropping), 'layer')} {'drops' if len(dropping) == 1 else 'drop'} pixels at this input"
            )
            yield Observation(
                self.name,
                message,
                _input_span(subject),
                dropping,
                Fix(f"every layer fits at {' and at '.join(fix.change for fix in fixes)}"),
            )


def _dropping_layers(subject: Subject) -> tuple[str, ...]:
    """The names of the inference layers that drop pixels."""
    return tuple(
        node.name
        for node, windows in subject.sliding.values()
        if not node.training and any(is_numeric(window) and window.trailing().pixels for window in windows)
    )


def _input_span(subject: Subject) -> Span | None:
    """The span of the first input's sizes: all of them if they are on one line, else the first."""
    templates = next(iter(subject.document.inputs.values()), ())
    if not templates:
        return None
    first, last = templates[0].span, templates[-1].span
    return first._replace(width=last.column + last.width - first.column) if first.line == last.line else first
