"""`cnncalc solve`: the inputs that are valid, those that fit, and the fields that give a layer's output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cnncalc.cli.completion import complete_spec
from cnncalc.cli.options import FormatOption, InputOption, Request, SetOption, read_choice, request
from cnncalc.errors import UsageError
from cnncalc.layers.layer import Shape

if TYPE_CHECKING:
    from cnncalc.render.views.solution import Near
    from cnncalc.solutions.conditions import Fitting, Solution
    from cnncalc.spec import Spec


def solve(
    spec: Annotated[str, typer.Argument(metavar="SPEC", autocompletion=complete_spec, show_default=False)],
    inputs: InputOption = None,
    settings: SetOption = None,
    near: Annotated[
        str, typer.Option(metavar="N", show_default=False, help="The nearest fits below and above N, or 224x320.")
    ] = "",
    fit: Annotated[
        str, typer.Option(metavar="exact|pixels", help="pixels: accept everything except dropped pixels.")
    ] = "exact",
    layer: Annotated[str, typer.Option(metavar="NAME", show_default=False, help="Solve for this layer's output.")] = "",
    output: Annotated[
        str, typer.Option(metavar="N", show_default=False, help="Required output size of that layer: 27, or 27x13.")
    ] = "",
    form: FormatOption = "table",
) -> None:
    """Find the input sizes that are valid, and those that fit exactly.

    The spatial sizes of the input become symbols (H, W), and the requirements of all layers are solved for them.
    With --layer and --output: the paddings, kernels and strides that give that layer this output size.

    \b
      cnncalc solve alexnet --near 224
      cnncalc solve resnet@50 --fit pixels
      cnncalc solve alexnet --layer conv1 --output 27
    """
    from cnncalc.cli.specs import open_spec, single_spec

    asked = request(inputs, settings, None, form, "1", "chw")
    if bool(layer) != bool(output):
        raise UsageError("--layer and --output must be used together: --layer conv1 --output 27")
    opened = open_spec(single_spec(spec, "solve"), asked.inputs)
    if layer:
        _solve_layer(opened, asked, layer, output)
    else:
        _solve_inputs(opened, asked, near, fit)


def _solve_layer(spec: Spec, asked: Request, layer: str, output: str) -> None:
    from cnncalc.cli.output import write
    from cnncalc.cli.present import print_view
    from cnncalc.render.formats.json import dump_json
    from cnncalc.render.views.solution import layer_view
    from cnncalc.solutions.layer import solve_layer

    graph = spec.graph(asked.inputs, asked.params)
    choices = solve_layer(graph, layer, _sizes("--output", output))
    if asked.form == "json":
        found = [{"changes": dict(choice.changes), "fits": choice.fits} for choice in choices]
        write(dump_json({"schema": "cnncalc/1", "name": graph.name, "layer": layer, "choices": found}))
    else:
        print_view(layer_view(layer, output, choices), asked.form)


def _solve_inputs(spec: Spec, asked: Request, near: str, fit: str) -> None:
    from cnncalc.analysis.report import Report
    from cnncalc.cli.output import write
    from cnncalc.cli.present import print_view
    from cnncalc.render.formats.json import dump_json
    from cnncalc.render.views.solution import solution_record, solution_view
    from cnncalc.solutions.conditions import Fitting, symbolic_input
    from cnncalc.solutions.conditions import solve as solved

    fitting: Fitting = read_choice("--fit", fit, get_args(Fitting))
    concrete = spec.inputs(asked.inputs, asked.params)
    graph = spec.graph(symbolic_input(concrete), asked.params)
    solution = solved(graph, fitting)
    candidates = _nearest(solution, fitting, _sizes("--near", near) if near else None, concrete)
    if asked.form == "json":
        record = Report(graph).to_dict() | {"solution": solution_record(solution, fitting, candidates)}
        write(dump_json(record))
    else:
        print_view(solution_view(solution, fitting, candidates), asked.form)


def _nearest(
    solution: Solution, fitting: Fitting, asked: tuple[int, ...] | None, concrete: Mapping[str, Shape]
) -> list[Near]:
    """The inputs that fit below and above the sizes asked for (else the spec's own); what is coupled is tried."""
    from cnncalc.elaborate.replay import at
    from cnncalc.render.views.solution import Near, last_map

    axes = {axis.symbol: axis.fitting for axis in solution.axes}
    targets = _targets(list(axes), asked, solution.graph.inputs, concrete)
    found: dict[tuple[int, ...], Near] = {}
    for side in (0, 1):
        values = {name: members.nearest(targets[name])[side] for name, members in axes.items() if name in targets}
        chosen = {name: value for name, value in values.items() if value is not None}
        if len(chosen) == len(axes) and chosen and solution.accepts(chosen):
            graph = at(solution.graph, chosen)
            last = last_map(solution)
            outputs = {name: graph.shape(tensor) for name, tensor in graph.outputs.items()}
            found[tuple(chosen.values())] = Near(graph.inputs, graph.shape(last[0]) if last else None, outputs)
    return list(found.values())


def _targets(
    symbols: list[str], asked: tuple[int, ...] | None, formal: Mapping[str, Shape], concrete: Mapping[str, Shape]
) -> dict[str, int]:
    """Symbol → the size to look near."""
    if asked is not None:
        if len(asked) not in (1, len(symbols)):
            raise UsageError(f"--near: expected 1 or {len(symbols)} sizes ({', '.join(symbols)}), got {len(asked)}")
        return dict(zip(symbols, asked * len(symbols) if len(asked) == 1 else asked, strict=True))
    pairs = [(str(f), c) for name in formal for f, c in zip(formal[name], concrete[name], strict=True)]
    return {symbol: size for symbol, size in pairs if symbol in symbols and isinstance(size, int)}


def _sizes(option: str, text: str) -> tuple[int, ...]:
    from cnncalc.quantities.shapes import read_numbers

    return read_numbers(text, f"{option}: expected a size of at least 1, or one per axis as in 27x13")
