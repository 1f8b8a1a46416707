"""Builds the views of `cnncalc solve`: valid and fitting inputs, and the fields that give a layer a required output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.layers.layer import Shape
from cnncalc.quantities.sizes import listed, shape_text, tensors_text
from cnncalc.records import NamedTuple
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.solutions.conditions import Axis, Fitting, Requirement, Solution
from cnncalc.solutions.layer import Choice
from cnncalc.symbolic import Relation, Residues

FITTING: dict[Fitting, str] = {"exact": "fits exactly", "pixels": "drops no pixel"}
MOST_TOGETHER = 6


class Near(NamedTuple):
    """A fitting input near a requested size, with the last map and the outputs of the network there."""

    inputs: Mapping[str, Shape]
    last_map: Shape | None
    outputs: Mapping[str, Shape]


def solution_view(solution: Solution, fitting: Fitting, near: Sequence[Near]) -> View:
    """Build the solution of a network: a row per symbol, then the nearest inputs."""
    graph = solution.graph
    facts = [
        ("input", tensors_text(graph.inputs)),
        ("output", tensors_text(graph.output_shapes())),
    ]
    last = last_map(solution)
    if last is not None:
        facts.insert(1, ("last map", f"{shape_text(last[1])}, of {last[0]}"))
    columns = (Column("symbol"), Column("valid"), Column(FITTING[fitting], narrow="below"))
    sections = [Section("", tuple(_axis_row(axis, solution) for axis in solution.axes))]
    if near:
        sections.append(Section("nearest inputs that fit", tuple(_near_row(each) for each in near)))
    name = f"{graph.name}@{graph.variant}" if graph.variant else graph.name
    return View(
        name, tuple(facts), columns, tuple(sections), (*_contradiction_notes(solution), *_coupled_notes(solution))
    )


def last_map(solution: Solution) -> tuple[str, Shape] | None:
    """Name and shape of the last tensor with a spatial size that depends on a symbol; None if there is none."""
    for node in reversed(solution.graph.nodes):
        if not node.training and len(node.output) > 1 and any(not isinstance(size, int) for size in node.output[1:]):
            return node.name, node.output
    return None


def solution_record(solution: Solution, fitting: Fitting, near: Sequence[Near]) -> dict[str, Any]:
    """Return the solution as JSON, which `solve` adds to the document of the network."""
    return {
        "fitting": fitting,
        "symbols": {
            axis.symbol: {"valid": _residues_record(axis.valid), "fits": _residues_record(axis.fitting)}
            for axis in solution.axes
        },
        "contradiction": [_requirement_record(r) for axis in solution.axes for r in axis.contradiction],
        "coupled": [_requirement_record(r) for r in solution.coupled],
        "near": [
            {
                "inputs": {n: list(s) for n, s in each.inputs.items()},
                "outputs": {n: list(s) for n, s in each.outputs.items()},
            }
            for each in near
        ],
    }


def layer_view(title: str, output: str, choices: Sequence[Choice]) -> View:
    """Build the changes that give the required output: single fields, in runs of values, then several together."""
    single = [Section("one field changed", tuple(_run_rows([c for c in choices if len(c.changes) == 1])))]
    combined = [choice for choice in choices if len(choice.changes) > 1][:MOST_TOGETHER]
    rows = tuple(_choice_row(", ".join(f"{f}: {v}" for f, v in c.changes), c.fits) for c in combined)
    sections = [s for s in (*single, Section("several together", rows)) if s.rows]
    notes = (
        ()
        if sections
        else (
            Cell(
                "no padding, kernel or stride gives it alone, nor do small ones together (kernels to 11, strides to 8)",
                "warning",
            ),
        )
    )
    return View(title, (("wanted", output),), (Column("change"), Column("fit")), tuple(sections), notes)


def _axis_row(axis: Axis, solution: Solution) -> Row:
    fits = str(axis.fitting) if axis.fitting else "no size"
    valid = _valid_text(axis, solution) if axis.valid else "no size"
    record = {"symbol": axis.symbol, "valid": valid, "fits": fits}
    return Row((Cell(axis.symbol, "strong"), Cell(valid), Cell(fits)), record=record)


def _valid_text(axis: Axis, solution: Solution) -> str:
    """Format the valid sizes of one symbol, with the conditions that couple it to others."""
    coupled = [r for r in solution.coupled if r.reason == "valid" and axis.symbol in r.symbols]
    own = axis.alone or axis.valid
    implied = any(product.bounds.get(axis.symbol) for product in solution.products)
    texts = [] if coupled and (implied or own.everything) else [str(own)]
    return ", ".join((*texts, *dict.fromkeys(_condition_text(r, solution) for r in coupled)))


def _near_row(near: Near) -> Row:
    inner = f", last map {shape_text(near.last_map)}" if near.last_map else ""
    return Row((Cell(tensors_text(near.inputs)), Cell(f"output {tensors_text(near.outputs)}{inner}"), EMPTY))


def _contradiction_notes(solution: Solution) -> tuple[Cell, ...]:
    """Name the layers whose conditions contradict each other; equal statements about several axes appear once."""
    notes = {}
    for axis in solution.axes:
        if not axis.fitting:
            needs = [f"{r.node} needs {_condition_text(r, solution)}" for r in axis.contradiction]
            verb = "contradict each other" if len(needs) > 1 else "cannot hold"
            notes[tuple(r.node for r in axis.contradiction)] = f"{axis.symbol}: {' and '.join(needs)}: they {verb}"
    return tuple(Cell(text.replace("they cannot hold", "it cannot hold"), "warning") for text in notes.values())


def _coupled_notes(solution: Solution) -> tuple[Cell, ...]:
    nodes = list(dict.fromkeys(r.node for r in solution.coupled))
    texts = list(dict.fromkeys(_condition_text(r, solution) for r in solution.coupled))
    if not texts:
        return ()
    return (Cell(f"in addition, {listed(nodes)} {'needs' if len(nodes) == 1 else 'need'} {listed(texts, 3)}", "dim"),)


def _condition_text(requirement: Requirement, solution: Solution) -> str:
    holds = requirement.holds
    product = next((product for product in solution.products if product.relation == holds), None)
    if product:
        return product.text
    return holds.render("unicode") if isinstance(holds, Relation) else "never fits exactly, at any input size"


def _requirement_record(requirement: Requirement) -> dict[str, str]:
    return {"layer": requirement.node, "reason": requirement.reason, "condition": str(requirement.holds)}


def _residues_record(members: Residues) -> dict[str, Any]:
    return {
        "text": str(members) if members else "none",
        "modulus": members.modulus,
        "residues": list(members.residues),
        "scattered": list(members.scattered),
        "smallest": members.smallest,
        "largest": members.largest,
    }


def _run_rows(choices: list[Choice]) -> list[Row]:
    """Build rows; consecutive values with the same verdict share one: `kernel_size: 120 to 122`."""
    runs: list[tuple[str, int, int, bool | None]] = []
    each: list[Row] = []  # one value per axis
    for choice in choices:
        ((name, value),) = choice.changes
        if not isinstance(value, int):
            each.append(_choice_row(f"{name}: [{', '.join(map(str, value))}]", choice.fits))
        elif runs and runs[-1][0] == name and runs[-1][2] == value - 1 and runs[-1][3] == choice.fits:
            runs[-1] = (name, runs[-1][1], value, choice.fits)
        else:
            runs.append((name, value, value, choice.fits))
    return [
        _choice_row(f"{n}: {low}" + (f" to {high}" if high > low else ""), fits) for n, low, high, fits in runs
    ] + each


def _choice_row(text: str, fits: bool | None) -> Row:
    word = "" if fits is None else "fits exactly" if fits else "leaves rows unread"
    return Row((Cell(text), Cell(word, "plain" if fits else "dim")), record={"change": text, "fits": fits})
