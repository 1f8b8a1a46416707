"""The steps of an explanation as data: formulas as trees, the values of their letters as closed forms.

A formula is a letter, a number, `["+", a, b]` (also − · /), `["floor", a]` or `["ceil", a]`.
"""

from __future__ import annotations

from typing import Any

from cnncalc.analysis.report import LayerReport
from cnncalc.explanations.explanation import output_steps
from cnncalc.explanations.formula import Chain, Formula, Letter, Number, Quotient, Rounded
from cnncalc.explanations.operations import operation_steps
from cnncalc.explanations.steps import Step
from cnncalc.explanations.weights import weight_steps
from cnncalc.page.tables import Tables

UNSHOWN = {"FLOPs", "operations"}

Tree = str | int | list[Any]


def steps_records(tables: Tables, layer: LayerReport) -> list[dict[str, Any]]:
    """The steps of `explain` that the page shows: sizes, weights, MACs."""
    steps = (*output_steps(layer), *weight_steps(layer.node), *operation_steps(layer.node))
    return [_step(tables, step) for step in steps if step.label not in UNSHOWN]


def _step(tables: Tables, step: Step) -> dict[str, Any]:
    record: dict[str, Any] = {"label": step.label}
    if step.formula is not None:
        used = dict.fromkeys(step.formula.letters())
        record["formula"] = tree_of(step.formula)
        record["values"] = {letter: tables.number(step.values[letter]) for letter in used if letter in step.values}
    if step.results:
        record["results"] = [tables.number(value) for value in step.results]
    if step.shape is not None:
        record["shape"] = tables.sizes(step.shape)
    if step.note:
        record["note"] = step.note
    return record


def tree_of(formula: Formula) -> Tree:
    """A formula as nested lists."""
    if isinstance(formula, Letter):
        return formula.name
    if isinstance(formula, Number):
        return formula.value
    if isinstance(formula, Chain):
        return [formula.sign, tree_of(formula.left), tree_of(formula.right)]
    if isinstance(formula, Quotient):
        return ["/", tree_of(formula.top), tree_of(formula.bottom)]
    assert isinstance(formula, Rounded)
    return ["ceil" if formula.up else "floor", tree_of(formula.inner)]
