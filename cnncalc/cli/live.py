"""Runs `cnncalc flops --live`: other tools on the network itself, their totals beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncalc.cli.options import Request
from cnncalc.cli.output import write_data
from cnncalc.cli.present import open_and_analyze, print_view
from cnncalc.cli.progress import Progress
from cnncalc.cli.pytorch import require_pytorch
from cnncalc.cli.specs import spec_names
from cnncalc.errors import UsageError
from cnncalc.importers import format_of
from cnncalc.names import CONVENTIONS
from cnncalc.pytorch.live.tools import EVERY, TOOLS
from cnncalc.suggest import with_suggestion

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report

CODE = "torch:"


def run_live(specs: list[str] | None, tools: str, request: Request) -> None:
    """Run tools on one network and print their totals beside ours.

    Raises:
        UsageError: a tool is unknown, there are several specs, or the network cannot be built.
    """
    names = read_tools(tools)
    given = spec_names(specs)
    if len(given) != 1:
        raise UsageError("--live runs the tools on one network: name one SPEC")
    require_pytorch()
    from cnncalc.pytorch.live.comparison import as_built, compare_live
    from cnncalc.render.formats.json import dump_json
    from cnncalc.render.views.live import live_view, record

    report = open_and_analyze(given[0], request)[1]
    place = _place_of(given[0])
    graph, model = report.graph if place else as_built(report.graph), _build(place, report)
    found = []
    with Progress(len(names)) as progress:
        compared = compare_live(graph, model, names)
        for index, name in enumerate(names):
            progress.say(f"{name} ({index + 1} of {len(names)})", index)
            found.append(next(compared))
    if request.form == "json":
        write_data(dump_json({**report.to_dict(("macs",)), "live": [record(each) for each in found]}))
    else:
        print_view(live_view(report, found, built=not place, layout=request.layout), request.form)


def read_tools(text: str) -> list[str]:
    """The tools of a list such as `fvcore,thop`, each once; `all` stands for every one that can be run.

    Raises:
        UsageError: one of them is not known, or cannot be run.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError(f"--live: expected names of tools, as in --live fvcore,thop: {', '.join(TOOLS)}, or {EVERY}")
    for name in names:
        if name in TOOLS or name == EVERY:
            continue
        stem = name.partition("@")[0]
        if stem in TOOLS:
            raise UsageError(f"--live: the version that is installed runs: write '{stem}'")
        if any(known.partition("@")[0] == stem for known in CONVENTIONS):
            raise UsageError(f"--live: {stem} cannot be run from here: choose from {', '.join(TOOLS)}")
        choices = (*TOOLS, EVERY)
        hint = f"choose from {', '.join(choices)}"
        raise UsageError(with_suggestion(f"--live: unknown tool '{name}'", name, choices, hint))
    return list(TOOLS) if EVERY in names else list(dict.fromkeys(names))


def _place_of(name: str | Path) -> str | None:
    """The place of the code that a name typed as `torch:…` stands for; None for every other name."""
    found = format_of(name)
    return str(name).removeprefix(CODE) if found is not None and found.prefix == CODE else None


def _build(place: str | None, report: Report) -> Any:  # noqa: ANN401
    """The user's own network, or that of the spec, on the CPU."""
    if place is not None:
        from cnncalc.importers.pytorch.factory import find_factory

        return find_factory(place, {}).network("cpu")
    from cnncalc.pytorch import build
    from cnncalc.pytorch.placeholders import stand_in

    network = build(report.graph)
    stand_in(network, report.graph)
    return network
