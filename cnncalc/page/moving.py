"""Sets the sizes of a network free: symbols in place of its input sizes and of the parameters of its spec.

A candidate is taken if the analysis with symbols gives, at the sizes of now, the network of now: the same layers with
the same shapes. So a closed form that holds only for some sizes is never shown as if it held for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from cnncalc.analysis.report import Report
from cnncalc.budget import BudgetError
from cnncalc.elaborate.replay import replay
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph
from cnncalc.layers.layer import Shape
from cnncalc.layers.reading import UNKNOWN, Slide
from cnncalc.records import Record, replace
from cnncalc.spec import Spec
from cnncalc.symbolic import Expr, Size, Undecidable, evaluate_size, symbol

AXES = {1: ("T",), 2: ("H", "W"), 3: ("T", "H", "W")}
USUAL = (224, 256, 32, 64, 128, 512, 299, 28, 1024, 16, 2048, 800)  # sizes tried for a spec that gives none
MOST_NODES, MOST_PARAMS = 2_000, 8  # beyond these, parameters stay as they are: each takes an analysis


class Symbol(Record):
    """What a reader can move: its name, its value now, whether it is a size or a parameter."""

    name: str
    value: int
    of: Literal["size", "param"]


class Moving(Record):
    """A report with symbols, and the values at which it opens; `still` says why no size moves, if none does."""

    report: Report
    symbols: tuple[Symbol, ...]
    still: str = ""

    @property
    def opening(self) -> dict[str, int]:
        """Symbol → value."""
        return {each.name: each.value for each in self.symbols}


def set_free(
    report: Report, spec: Spec | None = None, params: Mapping[str, Any] | None = None, *, sizes_only: bool = False
) -> Moving:
    """The report with as many symbols as its closed forms carry.

    Args:
        report: on the network of now; symbols that it has are kept.
        spec: where it comes from; without it, parameters stay as they are.
        params: those given in place of the spec's.
        sizes_only: parameters stay as they are.
    """

    def analyze(inputs: Mapping[str, Shape], settings: Mapping[str, Any]) -> Report:
        if spec is None:
            return replace(report, graph=replay(report.graph, inputs))
        return spec.analyze(inputs, {**(params or {}), **settings}, report.batch)

    if any(isinstance(size, Expr) for shape in report.graph.inputs.values() for size in shape):
        return _opened(report)
    for inputs, opening in _candidates(report.graph):
        if spec is None and report.graph.sized:
            break
        free = _attempt(lambda inputs=inputs: analyze(inputs, {}), report, opening)  # type: ignore[misc]
        if free is not None:
            symbols = tuple(Symbol(name, value, "size") for name, value in opening.items())
            moving = Moving(free, symbols, "" if symbols else "the input has no spatial axes")
            return moving if spec is None or sizes_only else _with_parameters(moving, report, inputs, analyze)
    return Moving(report, (), "the layers of this network depend on the size of its input")


def _candidates(graph: Graph) -> Iterator[tuple[dict[str, Shape], dict[str, int]]]:
    """Inputs with symbols, and the values of these: every axis by itself, then equal axes together."""
    for linked in (False, True):
        inputs: dict[str, Shape] = {}
        opening: dict[str, int] = {}
        for number, (name, shape) in enumerate(graph.inputs.items(), 1):
            axes = AXES.get(len(shape) - 1, ())
            sizes: list[Size] = []
            for axis, size in zip(axes, shape[1:], strict=True):
                assert isinstance(size, int)
                letter = "H" if linked and axis == "W" else axis
                if opening.get(letter, size) != size:
                    letter = f"{letter}{number}"
                if opening.get(letter, size) != size:
                    letter = f"{axis}{number}"
                opening[letter] = size
                sizes.append(symbol(letter))
            inputs[name] = (shape[0], *sizes) if sizes else shape
        yield inputs, opening


def _attempt(analyze: Callable[[], Report], now: Report, opening: Mapping[str, int]) -> Report | None:
    """The report with symbols, if it gives the network of now at these values."""
    try:
        free = analyze()
        same = _is_same(free.graph, now.graph, opening)
    except (CnncalcError, Undecidable, BudgetError, ArithmeticError):
        return None
    return free if same else None


def _is_same(free: Graph, now: Graph, opening: Mapping[str, int]) -> bool:
    if [node.name for node in free.nodes] != [node.name for node in now.nodes]:
        return False
    if not all(condition.relation.evaluate(opening) for condition in free.conditions):
        return False
    return all(
        mine.kind == its.kind
        and mine.inputs == its.inputs
        and tuple(evaluate_size(size, opening) for size in mine.output) == its.output
        and mine.weights.keys() == its.weights.keys()
        for mine, its in zip(free.nodes, now.nodes, strict=True)
    )


def _with_parameters(
    moving: Moving,
    now: Report,
    inputs: Mapping[str, Shape],
    analyze: Callable[[Mapping[str, Shape], Mapping[str, Any]], Report],
) -> Moving:
    """Set free the whole numbers among the parameters, one after the other, as far as closed forms carry them."""
    if len(now.graph.nodes) > MOST_NODES:
        return moving
    numbers = {name: value for name, value in now.graph.params.items() if type(value) is int and value >= 1}
    settings: dict[str, Expr] = {}
    for name, value in list(numbers.items())[:MOST_PARAMS]:
        if name in moving.opening:
            continue
        trial = {**settings, name: symbol(name)}
        opening = {**moving.opening, name: value}
        free = _attempt(lambda trial=trial: analyze(inputs, trial), now, opening)  # type: ignore[misc]
        if free is not None and _moves(free.graph, name) and _unread(free.graph) <= _unread(moving.report.graph):
            settings, moving = trial, Moving(free, (*moving.symbols, Symbol(name, value, "param")))
    return moving


def _moves(graph: Graph, name: str) -> bool:
    """Whether a symbol decides any shape or weight."""
    return any(
        isinstance(size, Expr) and name in size.symbols
        for node in graph.nodes
        for shape in (node.output, *node.weights.values())
        for size in shape
    )


def _unread(graph: Graph) -> int:
    """How many axes the analysis of fields knows nothing about."""
    return sum(
        axis == UNKNOWN
        or (not isinstance(axis.reading, Slide) and any(isinstance(n, Expr) for n in axis.reading or ()))
        for node in graph.nodes
        for route in node.layer.reading(node.shapes)
        for axis in route.axes
    )


def _opened(report: Report) -> Moving:
    """A report that has symbols already, with values that the network accepts."""
    names = sorted(
        {s for shape in report.graph.inputs.values() for n in shape if isinstance(n, Expr) for s in n.symbols}
    )
    names += sorted({s for v in report.graph.params.values() if isinstance(v, Expr) for s in v.symbols} - set(names))
    for size in USUAL:
        opening = dict.fromkeys(names, size)
        if all(condition.relation.evaluate(opening) for condition in report.graph.conditions):
            break
    return Moving(report, tuple(Symbol(name, value, "size") for name, value in opening.items()))
