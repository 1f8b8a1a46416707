"""Computes the figures of one architecture at all its inputs, by one symbolic analysis and its closed forms.

If there is no closed form (a `when` depends on the size, or a figure depends on it in too many ways), every input is
analysed separately, with the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from cnncalc.analysis.figures import FIGURES, FITS
from cnncalc.analysis.report import Report
from cnncalc.budget import BudgetError, renew
from cnncalc.elaborate.inference import is_possible
from cnncalc.elaborate.replay import refusal
from cnncalc.errors import CnncalcError, SpecError, UsageError
from cnncalc.graph import Node
from cnncalc.records import NamedTuple
from cnncalc.sweeps.block import Block, Figure, Tensors
from cnncalc.sweeps.grid import Architecture
from cnncalc.sweeps.timing import TIME
from cnncalc.symbolic import Expr, Relation, Size, Undecidable, evaluate_size
from cnncalc.symbolic.evaluation import Columns, evaluate_all
from cnncalc.symbolic.expr import OPERATORS, as_terms

Shapes: TypeAlias = Mapping[str, tuple[Size, ...]]
Answers: TypeAlias = Callable[[int, int], Block]  # (start, stop) → the points in this range


class _Closed(NamedTuple):
    """The closed forms of an architecture, and its conditions, each with the layer that rejects its input otherwise."""

    inputs: Shapes
    outputs: Shapes
    figures: Sequence[Size | None]
    conditions: Sequence[tuple[Relation, Node]]
    sizes: Sequence[Size]  # of all tensors, those that depend on the input


def point_answers(architecture: Architecture) -> Answers:
    """Analyse an architecture once, and return a function that computes its points.

    A spec with faults raises nothing here: its points hold the error.
    """
    if architecture.inputs.points > 1 and architecture.timing is None:  # a time has no closed form
        try:
            forms = _closed_forms(architecture)
            return lambda start, stop: _by_forms(architecture, forms, start, stop)
        except (CnncalcError, Undecidable, BudgetError) as error:
            reason = str(error)
        first = _fault_at(architecture, 0)
        if (
            first is not None and str(first) == reason
        ):  # the error does not depend on the size, so it is the same at every size
            return lambda start, stop: _failed_block(architecture, start, stop, _sentence(first))
    return lambda start, stop: _one_by_one(architecture, start, stop)


def _report(architecture: Architecture, shapes: Mapping[str, tuple[int | str, ...]] | None) -> Report:
    renew()  # every point of a grid that a person asked for
    return architecture.network.spec().analyze(shapes, architecture.settings)


def _closed_forms(architecture: Architecture) -> _Closed:
    report = _report(architecture, architecture.inputs.shapes)
    figures = _figures(report, architecture)
    unknown = [name for name, figure in zip(architecture.figures, figures, strict=True) if figure is None]
    if unknown:
        concrete = _report(architecture, architecture.inputs.at(0))
        if any(FIGURES[name](concrete) is not None for name in unknown):
            raise Undecidable(f"{', '.join(unknown)} have no closed form for this network")
    conditions = {condition.relation: condition for condition in reversed(report.graph.conditions)}
    nodes = {node.name: node for node in report.graph.nodes}
    refused = [(relation, nodes[first_condition.node]) for relation, first_condition in reversed(conditions.items())]
    sizes = dict.fromkeys(
        size
        for node in report.graph.nodes
        for shape in (node.output, *node.weights.values())
        for size in shape
        if isinstance(size, Expr)
    )
    return _Closed(report.inputs, report.outputs, figures, refused, tuple(sizes))


def _figures(report: Report, architecture: Architecture) -> list[Size | None]:
    """The figures of a report, as numbers or in the symbols of the sweep.

    Raises:
        UsageError: they depend on other symbols.
    """
    figures = [FIGURES[name](report) for name in architecture.figures if name in FIGURES]
    shapes = [size for shape in (*report.inputs.values(), *report.outputs.values()) for size in shape]
    for size in (*figures, *shapes):
        others = size.symbols - {*architecture.inputs.symbols} if isinstance(size, Expr) else ()
        if others:
            names = ", ".join(sorted(others))
            raise UsageError(f"{names} has no value: a sweep needs numbers, such as --input '3x{{160,192,224}}'")
    return figures


def _by_forms(architecture: Architecture, forms: _Closed, start: int, stop: int) -> Block:
    count = stop - start
    columns = architecture.inputs.columns(start, stop)
    largest = {name: max(column) for name, column in columns.items()}
    if not all(is_possible(evaluate_size(size, largest)) for size in forms.sizes):
        return _one_by_one(architecture, start, stop)  # which says where a size is refused
    shapes = (*forms.inputs.values(), *forms.outputs.values())
    sizes = [
        *(size for size in forms.figures if size is not None),
        *(size for shape in shapes for size in shape),
        *(side for relation, _ in forms.conditions for side in (relation.left, relation.right)),
    ]
    evaluated = iter(evaluate_all([as_terms(size) for size in sizes], columns, count))
    figures: list[list[int | bool | None]] = []
    for name, form in zip(architecture.figures, forms.figures, strict=True):
        figures.append([None] * count if form is None else _figure_column(name, next(evaluated)))
    inputs, outputs = (_tensors(shapes, evaluated, count) for shapes in (forms.inputs, forms.outputs))
    errors: list[str | None] = [None] * count
    for relation, node in forms.conditions:
        holds = list(map(OPERATORS[relation.op], next(evaluated), next(evaluated)))
        if not all(holds):
            _enter_errors(errors, holds, node, columns)
    for place in [place for place, error in enumerate(errors) if error is not None]:
        outputs[place] = None
        for column in figures:
            column[place] = None
    values = tuple(architecture.settings.values())
    return Block(architecture.network.label, values, inputs, tuple(figures), outputs, errors)


def _figure_column(name: str, values: list[int]) -> list[int | bool | None]:
    return [value == 0 for value in values] if name == FITS else list(values)


def _tensors(shapes: Shapes, columns: Iterable[list[int]], count: int) -> list[Tensors | None]:
    """Combine columns of sizes to a column of shapes."""
    remaining = iter(columns)
    each = [list(zip(*(next(remaining) for _ in shape), strict=True)) or [()] * count for shape in shapes.values()]
    if len(each) == 1:
        return list(each[0])
    return [dict(zip(shapes, point, strict=True)) for point in zip(*each, strict=True)] or [{}] * count


def _enter_errors(errors: list[str | None], holds: list[bool], node: Node, columns: Columns) -> None:
    """Enter the reason at every point where a condition fails, unless an earlier one failed there."""
    for place, held in enumerate(holds):
        if not held and errors[place] is None:
            values = {name: column[place] for name, column in columns.items()}
            at = ", ".join(f"{name} = {value}" for name, value in values.items())
            errors[place] = f"{refusal(node, values)} ({at})"


def _one_by_one(architecture: Architecture, start: int, stop: int) -> Block:
    points = [_point(architecture, point) for point in range(start, stop)]
    inputs, figures, outputs, errors = zip(*points, strict=True)
    values = tuple(architecture.settings.values())
    return Block(architecture.network.label, values, inputs, tuple(zip(*figures, strict=True)), outputs, errors)


Point: TypeAlias = tuple[Tensors | None, Sequence[Figure], Tensors | None, str | None]


def _point(architecture: Architecture, point: int) -> Point:
    try:
        report = _report(architecture, architecture.inputs.at(point))
        values = _figures(report, architecture)
    except (CnncalcError, BudgetError) as error:
        return _requested_input(architecture, point), [None] * len(architecture.figures), None, _sentence(error)
    known = zip([name for name in architecture.figures if name in FIGURES], values, strict=True)
    figures: dict[str, Any] = {name: figure == 0 if name == FITS else figure for name, figure in known}
    if architecture.timing is not None:
        figures[TIME] = architecture.timing.seconds(report)
    ordered = [figures[name] for name in architecture.figures]
    return _tensor(report.inputs), ordered, _tensor(report.outputs), None


def _failed_block(architecture: Architecture, start: int, stop: int, reason: str) -> Block:
    """Build points that all fail for the same reason."""
    count = stop - start
    nothing = [None] * count
    inputs = [_requested_input(architecture, point) for point in range(start, stop)]
    values = tuple(architecture.settings.values())
    figures = tuple(nothing for _ in architecture.figures)
    return Block(architecture.network.label, values, inputs, figures, nothing, [reason] * count)


def _fault_at(architecture: Architecture, point: int) -> CnncalcError | BudgetError | None:
    try:
        _figures(_report(architecture, architecture.inputs.at(point)), architecture)
    except (CnncalcError, BudgetError) as error:
        return error
    return None


def _requested_input(architecture: Architecture, point: int) -> Tensors | None:
    """The input of an invalid point; None for the spec's own input."""
    shapes = architecture.inputs.at(point)
    return None if shapes is None else _tensor(shapes)


def _tensor(shapes: Mapping[str, tuple[object, ...]]) -> Tensors:
    """Return a single shape alone, several by name."""
    tensors: Any = next(iter(shapes.values())) if len(shapes) == 1 else dict(shapes)
    return cast("Tensors", tensors)  # all sizes are numbers here


def _sentence(error: CnncalcError | BudgetError) -> str:
    """Format an error on one line: the first fault of a spec, without its snippet."""
    if not isinstance(error, SpecError):
        return str(error)
    first = error.faults[0]
    return f"{first.message} ({first.hint})" if first.hint else first.message
