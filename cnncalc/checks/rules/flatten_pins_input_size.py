"""`flatten-pins-input-size`: a flatten that restricts the network to one input size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from cnncalc.checks.axes import axes_text
from cnncalc.checks.finding import Fix
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.elaborate.replay import replay
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph, Node
from cnncalc.solutions.conditions import symbolic_input
from cnncalc.symbolic import Expr, Undecidable, symbol


class FlattenPinsInputSize(Rule):
    """The number of weights after a flatten depends on the input size."""

    name: ClassVar[str] = "flatten-pins-input-size"
    level: ClassVar[Level] = "off"
    what: ClassVar[str] = "The size of a linear layer after a flatten depends on the size of the input."
    why: ClassVar[str] = (
        "The trained weights fit images of one size only: another size needs another network. An adaptive pooling "
        "before the flatten admits images of any size. Off by default: it does not matter where all images have the "
        "same size."
    )
    example: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - maxpool: 4
  - conv: {out_channels: 64, kernel_size: 3, padding: 1}
  - relu
  - maxpool: 4
  - flatten
  - linear: 10
"""
    fixed: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - maxpool: 4
  - conv: {out_channels: 64, kernel_size: 3, padding: 1}
  - relu
  - maxpool: 4
  - adaptive_avgpool: 2
  - flatten
  - linear: 10
"""
    source: ClassVar[str] = "Long, Shelhamer, Darrell: Fully Convolutional Networks, arXiv:1411.4038, section 3.1."

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the flattens with a length that depends on the input size, if weights depend on that length."""
        graph = subject.report.graph
        slid = _after_windows(subject)
        if not any(node.kind == "flatten" and node.name in slid for node in graph.nodes):
            return
        open_sizes = _symbolic_graph(graph)
        if open_sizes is None:
            return
        readers = subject.wiring.consumers
        formulas = {node.name: node for node in open_sizes.nodes}
        for node in graph.nodes:
            lengths = formulas[node.name].output
            if node.kind != "flatten" or node.name not in slid or not any(isinstance(size, Expr) for size in lengths):
                continue
            behind = _first_with_symbolic_weights(node.name, readers, formulas)
            if behind:
                sizes = axes_text(node.shapes[0])
                message = f"the weights of {behind} require a map of {sizes}, and therefore this input size"
                yield Case(node, message, (), lambda: _FIX)


_FIX = Fix("put adaptive_avgpool before it")


def _after_windows(subject: Subject) -> set[str]:
    """The layers from the first sliding one on; before that, a pooling would pool the input itself."""
    names: set[str] = set()
    for node in subject.report.graph.nodes:
        if node.name in subject.sliding or not names.isdisjoint(node.inputs):
            names.add(node.name)
    return names


def _symbolic_graph(graph: Graph) -> Graph | None:
    """The network with symbolic input sizes; None if it cannot be built with them, or its layers depend on sizes."""
    if graph.sized:
        return None
    try:
        sizes = symbolic_input(graph.inputs)
        return replay(graph, {n: tuple(symbol(s) if isinstance(s, str) else s for s in sizes[n]) for n in sizes})
    except (CnncalcError, Undecidable):
        return None


def _first_with_symbolic_weights(
    tensor: str, readers: Mapping[str, Sequence[Node]], formulas: Mapping[str, Node]
) -> str | None:
    """Return the first layer behind a tensor with weights that depend on a symbol; None if there is none.

    Nothing after the first linear layer depends on one, so that the search ends there.
    """
    waiting, seen = [tensor], {tensor}
    while waiting:
        for reader in readers.get(waiting.pop(), ()):
            node = formulas[reader.name]
            if any(isinstance(size, Expr) for shape in node.weights.values() for size in shape):
                return node.name
            if node.name not in seen and any(isinstance(size, Expr) for size in node.output):
                seen.add(node.name)
                waiting.append(node.name)
    return None
