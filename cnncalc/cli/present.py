"""The road that every command about specs takes: open them, analyse them, print one in full or several in rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from cnncalc.analysis.report import Report
from cnncalc.cli.failures import error_text
from cnncalc.cli.options import Request
from cnncalc.cli.output import complain, is_coloured, terminal_width, write
from cnncalc.cli.specs import open_spec, spec_names
from cnncalc.errors import CnncalcError
from cnncalc.render.formats import VIEW_FORMATS, load_format
from cnncalc.render.view import View

if TYPE_CHECKING:
    from cnncalc.render.views.networks import Figure


def present(
    given: list[str] | None,
    request: Request,
    view_of: Callable[[Report], View],
    figures: Sequence[str] = (),
    document_of: Callable[[Report], dict[str, Any]] | None = None,
    compared: Sequence[Figure] = (),
) -> None:
    """Print the reports on the specs.

    Args:
        given: the specs.
        request: what is asked of each.
        view_of: makes the view of one.
        figures: what JSON adds of a layer.
        document_of: makes the whole document of JSON, where figures do not say it.
        compared: what several are compared by, a row each.
    """
    names = spec_names(given)
    answer = _Answer(view_of, figures, document_of, compared)
    if len(names) == 1:
        _print([analyze_spec(names[0], request)], False, request, answer)
        return
    reports, failed = _all(names, request)
    if reports:
        _print(reports, True, request, answer)
    if failed:
        raise typer.Exit(2)


def analyze_spec(name: str, request: Request) -> Report:
    """The report on one spec."""
    report = open_spec(name, request.inputs).analyze(request.inputs, request.params, request.batch)
    return report.at(**request.at) if request.at else report


def _all(names: list[str], request: Request) -> tuple[list[Report], bool]:
    """The reports on all specs that are without fault; those with faults are named on the standard error."""
    reports = [_analysed_or_named(name, request) for name in names]
    found = [report for report in reports if report is not None]
    return found, len(found) < len(reports)


def _analysed_or_named(name: str, request: Request) -> Report | None:
    try:
        return analyze_spec(name, request)
    except CnncalcError as error:
        complain(error_text(error))
        return None


class _Answer(NamedTuple):
    """What a command says of a report, as `present` takes it."""

    view_of: Callable[[Report], View]
    figures: Sequence[str]
    document_of: Callable[[Report], dict[str, Any]] | None
    compared: Sequence[Figure]


def _print(reports: list[Report], several: bool, request: Request, answer: _Answer) -> None:
    """Print one report in full, or a row for each of several."""
    view_of, figures, document_of, compared = answer
    if request.form == "json":
        from cnncalc.render.formats.json import documents_text

        documents = [document_of(report) if document_of else report.to_dict(figures) for report in reports]
        write(documents_text(documents, several=several))
    elif several:
        from cnncalc.render.views.networks import networks_view

        print_view(networks_view(reports, layout=request.layout, figures=compared), request.form)
    else:
        print_view(view_of(reports[0]), request.form)


def print_view(view: View, form: str) -> None:
    """Print a view in a format."""
    write(load_format(VIEW_FORMATS, form)(view, terminal_width(), colour=is_coloured()))
