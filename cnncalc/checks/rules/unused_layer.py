"""`unused-layer`: a layer with an output that nothing uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from cnncalc.checks.finding import Observation
from cnncalc.checks.rule import Level, Rule, Subject
from cnncalc.checks.wiring import Wiring
from cnncalc.quantities.sizes import plural


class UnusedLayer(Rule):
    """Nothing reads the output of the layer."""

    name: ClassVar[str] = "unused-layer"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = "Nothing reads the output of a layer, and it is not an output of the network."
    why: ClassVar[str] = (
        "It costs parameters, time and memory and has no effect. The usual causes are a `from` that skips it, or an "
        "output that was forgotten under `outputs`. A layer that a training head reads is used."
    )
    example: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
    name: first
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
  - relu:
    from: first
"""
    fixed: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
  - relu
"""
    source: ClassVar[str] = "The definition: no path leads from the layer to an output of the graph."

    def findings(self, subject: Subject) -> Iterable[Observation]:
        """Yield a finding for each dead end; layers that lead only to it are counted, not reported."""
        used = _used_tensors(subject.wiring)
        nodes = subject.wiring.graph.nodes
        ends = [n for n in nodes if n.name not in used and n.name not in subject.wiring.consumers]
        for end in ends:
            count = sum(name not in used for name in _dependencies(subject.wiring, end.name))
            before = (
                f"; {plural(count, 'layer')} before it {'leads' if count == 1 else 'lead'} nowhere else"
                if count
                else ""
            )
            message = f"nothing reads its output, and it is not an output of the network{before}"
            yield Observation(self.name, message, end.span, (end.name,))


def _used_tensors(wiring: Wiring) -> set[str]:
    """The tensors on which an output or a training head depends."""
    names = {node.name for node in wiring.graph.nodes if node.training} | wiring.outputs
    for node in reversed(wiring.graph.nodes):
        if node.name in names:
            names.update(node.inputs)
    return names


def _dependencies(wiring: Wiring, end: str) -> Iterator[str]:
    """Yield the names of the layers on which this one depends, nearest first."""
    waiting, seen = [end], {end}
    while waiting:
        for name in wiring.producers[waiting.pop(0)].inputs:
            if name in wiring.producers and name not in seen:
                seen.add(name)
                waiting.append(name)
                yield name
