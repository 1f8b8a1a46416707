"""`cnncalc solve`: finds valid and fitting inputs, or the fields that give a layer a required output."""

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

    options = request(inputs, settings, None, form, "1", "chw")
    if bool(layer) != bool(output):
        raise UsageError("--layer and --output must be used together: --layer conv1 --output 27")
    opened = open_spec(single_spec(spec, "solve"), options.inputs)
    if layer:
        _solve_layer(opened, options, layer, output)
    else:
        _solve_inputs(opened, options, near, fit)


def _solve_layer(spec: Spec, options: Request, layer: str, output: str) -> None:
    from cnncalc.cli.output import write_data
    from cnncalc.cli.present import print_view
    from cnncalc.render.formats.json import dump_json
    from cnncalc.render.views.solution import layer_view
    from cnncalc.solutions.layer import solve_layer

    graph = spec.graph(options.inputs, options.params)
    choices = solve_layer(graph, layer, _sizes("--output", output))
    if options.form == "json":
        records = [{"changes": dict(choice.changes), "fits": choice.fits} for choice in choices]
        write_data(dump_json({"schema": "cnncalc/1", "name": graph.name, "layer": layer, "choices": records}))
    else:
        print_view(layer_view(layer, output, choices), options.form)


def _solve_inputs(spec: Spec, options: Request, near: str, fit: str) -> None:
    from cnncalc.analysis.report import Report
    from cnncalc.cli.output import write_data
    from cnncalc.cli.present import print_view
    from cnncalc.render.formats.json import dump_json
    from cnncalc.render.views.solution import solution_record, solution_view
    from cnncalc.solutions.conditions import Fitting, symbolic_input
    from cnncalc.solutions.conditions import solve as solve_graph

    fitting: Fitting = read_choice("--fit", fit, get_args(Fitting))
    concrete = spec.inputs(options.inputs, options.params)
    graph = spec.graph(symbolic_input(concrete), options.params)
    solution = solve_graph(graph, fitting)
    candidates = _nearest(solution, fitting, _sizes("--near", near) if near else None, concrete)
    if options.form == "json":
        record = Report(graph).to_dict() | {"solution": solution_record(solution, fitting, candidates)}
        write_data(dump_json(record))
    else:
        print_view(solution_view(solution, fitting, candidates), options.form)


def _nearest(
    solution: Solution, fitting: Fitting, requested: tuple[int, ...] | None, concrete: Mapping[str, Shape]
) -> list[Near]:
    """Find the fitting inputs nearest to the requested sizes, or to the spec's own."""
    from cnncalc.elaborate.replay import at
    from cnncalc.render.views.solution import Near, last_map
    from cnncalc.solutions.nearest import nearest_inputs

    targets = _targets([axis.symbol for axis in solution.axes], requested, solution.graph.inputs, concrete)
    nearby: dict[tuple[int, ...], Near] = {}
    for chosen in nearest_inputs(solution, targets):
        graph = at(solution.graph, chosen)
        last = last_map(solution)
        outputs = graph.output_shapes()
        nearby[tuple(chosen.values())] = Near(graph.inputs, graph.shape(last[0]) if last else None, outputs)
    return list(nearby.values())


def _targets(
    symbols: list[str], requested: tuple[int, ...] | None, formal: Mapping[str, Shape], concrete: Mapping[str, Shape]
) -> dict[str, int]:
    """Symbol → the size near which to search."""
    if requested is not None:
        if len(requested) not in (1, len(symbols)):
            raise UsageError(f"--near: expected 1 or {len(symbols)} sizes ({', '.join(symbols)}), got {len(requested)}")
        return dict(zip(symbols, requested * len(symbols) if len(requested) == 1 else requested, strict=True))
    pairs = [(str(f), c) for name in formal for f, c in zip(formal[name], concrete[name], strict=True)]
    return {symbol: size for symbol, size in pairs if symbol in symbols and isinstance(size, int)}


def _sizes(option: str, text: str) -> tuple[int, ...]:
    from cnncalc.quantities.shapes import read_numbers

    return read_numbers(text, f"{option}: expected a size of at least 1, or one per axis as in 27x13")
