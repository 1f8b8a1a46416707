"""Opens and analyses the specs of a command, then prints one in full or several in rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cnncalc.analysis.report import Report
from cnncalc.budget import BudgetError
from cnncalc.cli.options import Request
from cnncalc.cli.output import is_coloured, terminal_width, write, write_data
from cnncalc.cli.specs import open_spec, spec_names
from cnncalc.errors import CnncalcError
from cnncalc.records import NamedTuple
from cnncalc.render.formats import VIEW_FORMATS, load_format
from cnncalc.render.view import View

if TYPE_CHECKING:
    from cnncalc.render.views.networks import Figure
    from cnncalc.spec import Spec


def present(
    given: list[str] | None,
    request: Request,
    view_of: Callable[[Report], View],
    figures: Sequence[str] = (),
    document_of: Callable[[Report], dict[str, Any]] | None = None,
    compared: Sequence[Figure] = (),
) -> None:
    """Analyse specs and print the reports.

    Args:
        given: the specs.
        request: how to analyse and show each.
        view_of: builds the view of one report.
        figures: the figures that JSON adds to each layer.
        document_of: builds the JSON document, if `figures` are not enough.
        compared: the figures by which several networks are compared, a row each.
    """
    names = spec_names(given)
    presentation = _Presentation(view_of, figures, document_of, compared)
    if len(names) == 1:
        _print([analyze_spec(names[0], request)], False, request, presentation)
        return
    reports, failed = _analyze_all(names, request)
    if reports:
        _print(reports, True, request, presentation)
    if failed:
        raise typer.Exit(2)


def analyze_spec(name: str | Path, request: Request) -> Report:
    """Open and analyse one spec."""
    return open_and_analyze(name, request)[1]


def open_and_analyze(name: str | Path, request: Request) -> tuple[Spec, Report]:
    """Open one spec and analyse it."""
    spec = open_spec(name, request.inputs)
    if request.inputs is not None:
        from cnncalc.cli.layout import check_layout

        check_layout(spec, request)
    report = spec.analyze(request.inputs, request.params, request.batch)
    return spec, report.at(**request.at) if request.at else report


def _analyze_all(names: Sequence[str | Path], request: Request) -> tuple[list[Report], bool]:
    """The reports on all specs without faults, and whether any had faults; these are reported on standard error."""
    reports = [_analyze_or_complain(name, request) for name in names]
    without_faults = [report for report in reports if report is not None]
    return without_faults, len(without_faults) < len(reports)


def _analyze_or_complain(name: str | Path, request: Request) -> Report | None:
    try:
        return analyze_spec(name, request)
    except (CnncalcError, BudgetError) as error:
        from cnncalc.cli.complaints import report_error, say

        if isinstance(error, CnncalcError):
            report_error(error)
        else:
            say(f"{name}: {error}", "error")
        return None


class _Presentation(NamedTuple):
    """How a command shows a report: the arguments of `present`."""

    view_of: Callable[[Report], View]
    figures: Sequence[str]
    document_of: Callable[[Report], dict[str, Any]] | None
    compared: Sequence[Figure]


def _print(reports: list[Report], several: bool, request: Request, presentation: _Presentation) -> None:
    """Print one report in full, or a row for each of several."""
    view_of, figures, document_of, compared = presentation
    if request.form == "json":
        from cnncalc.render.formats.json import documents_text

        documents = [document_of(report) if document_of else report.to_dict(figures) for report in reports]
        write_data(documents_text(documents, several=several))
    elif several:
        from cnncalc.render.views.networks import networks_view

        print_view(networks_view(reports, layout=request.layout, figures=compared), request.form)
    else:
        print_view(view_of(reports[0]), request.form)


def print_view(view: View, form: str) -> None:
    """Print a view in a format."""
    text = load_format(VIEW_FORMATS, form)(view, terminal_width(), colour=is_coloured())
    if form == "table":
        write(text)
    else:
        write_data(text)
