"""Builds the view of `cnncalc bench --calibrate`: measured times, beside those that fits to other networks predict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnncalc.devices.device import LEFT_OUT, Device
from cnncalc.pytorch.bench.calibration.fitted import Calibrated
from cnncalc.pytorch.bench.calibration.measuring import Point, Points
from cnncalc.pytorch.bench.timing.timing import FEWEST_SAMPLES
from cnncalc.quantities.measures import quantity_text, seconds_text
from cnncalc.quantities.shares import percent_text
from cnncalc.quantities.sizes import plural
from cnncalc.render.view import Cell, Column, Row, Section, View

COLUMNS = (
    Column("network"),
    Column("batch", right=True),
    Column("time", right=True),
    Column("predicted", right=True),
    Column("error", right=True),
    Column("spread", right=True, narrow="drop"),
)


def calibration_view(device: Device, measured: Points, calibrated: Calibrated) -> View:
    """Build the table of the measured points, with the coefficients and the error of the fit."""
    pairs = zip(measured.points, calibrated.predicted, strict=True)
    rows = tuple(_row(point, predicted) for point, predicted in pairs)
    fit = calibrated.fit
    facts = (("device", device.name), ("setting", str(fit.setting)), ("fitted to", f"{fit.source}, {fit.software}"))
    return View("calibration", facts, COLUMNS, (Section("", rows),), tuple(_notes(measured, calibrated)))


def _row(point: Point, predicted: float) -> Row:
    cells = (
        Cell(point.network, "strong"),
        Cell(f"{point.batch:,}"),
        Cell(seconds_text(point.seconds)),
        Cell(seconds_text(predicted) if predicted else "0"),
        Cell(f"{100 * (predicted / point.seconds - 1):+.0f}%"),
        Cell("—" if point.spread is None else percent_text(point.spread)),
    )
    return Row(cells, 0, _record(point, predicted))


def _notes(measured: Points, calibrated: Calibrated) -> Iterator[Cell]:
    fit = calibrated.fit
    errors, (low, high) = fit.errors[LEFT_OUT], fit.interval
    yield Cell(
        f"error on networks left out: median {percent_text(errors.median)}, 90% within {percent_text(errors.p90)}; "
        f"measured times are {low:.2f} to {high:.2f} of predicted ones",
        "strong",
    )
    yield Cell("predicted: by a fit to all other networks; spread: of the middle half of the samples", "dim")
    units = {"macs": "MAC/s", "bytes": "B/s"}
    for name, seconds in fit.terms.items():
        what, _, kind = name.rpartition("_")
        rate = quantity_text(1 / seconds, units[kind]) if kind in units else seconds_text(seconds) + " each"
        yield Cell(f"{what or 'launches'}: {rate}", "dim")
    if measured.busy:
        yield Cell(f"the machine is busy: {measured.busy}: end other work, then calibrate again", "warning")
    few = len(measured.points) - len(measured.spreads)
    if few:
        silent = "" if measured.spreads or measured.busy else ": other work may have disturbed the times unnoticed"
        yield Cell(
            f"{plural(few, 'run')} of {len(measured.points)} took so long that there are fewer than {FEWEST_SAMPLES} "
            f"samples: their spread is not known{silent}",
            "warning",
        )


def calibration_document(device: Device, measured: Points, calibrated: Calibrated) -> dict[str, Any]:
    """The calibration as data: seconds per unit of every term, the errors, and the points."""
    fit = calibrated.fit
    errors = fit.errors[LEFT_OUT]
    return {
        "device": device.key,
        "device_name": device.name,
        "setting": dict(zip(fit.setting._fields, fit.setting, strict=True)),
        "source": fit.source,
        "software": fit.software,
        "terms": dict(fit.terms),
        "interval": list(fit.interval),
        "median": errors.median,
        "p90": errors.p90,
        "busy": measured.busy,
        "drift": measured.drift,
        "runs": [_record(*pair) for pair in zip(measured.points, calibrated.predicted, strict=True)],
    }


def _record(point: Point, predicted: float) -> Mapping[str, Any]:
    return {
        "network": point.network,
        "batch": point.batch,
        "seconds": point.seconds,
        "predicted": predicted,
        "spread": point.spread,
    }
