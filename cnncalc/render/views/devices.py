"""Builds the view of `cnncalc time --devices`: devices, their sheets, and the errors of their fits on new families."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cnncalc.devices.device import EVERYTHING, Device, Errors, Fit
from cnncalc.quantities.bytes import bytes_text
from cnncalc.quantities.measures import quantity_text
from cnncalc.quantities.shares import percent_text
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View

SHEETS = (
    Column("device"),
    Column("what it is", narrow="below"),
    Column("memory", right=True, narrow="drop"),
    Column("bandwidth", right=True, narrow="drop"),
    Column("fp32", right=True, narrow="drop"),
    Column("fp16", right=True, narrow="drop"),
    Column("runs", right=True),
    Column("median", right=True),
    Column("p90", right=True),
    Column("coverage", right=True),
)


def devices_view(devices: Sequence[Device]) -> View:
    """Build the list: devices with fits first, a row per setting; then those with a data sheet alone."""
    fitted = [device for device in devices if device.fits]
    sheets = [device for device in devices if not device.fits]
    sections = [Section("with fits to runs: predictions", tuple(row for each in fitted for row in _fitted(each)))]
    sections.append(Section("data sheet alone: bounds, no predictions", tuple(_sheet(each) for each in sheets)))
    notes = [
        Cell("median, p90: error on families that the fit had not seen; coverage: of the 90% interval", "dim"),
        Cell("rates are dense and accumulate in float32, in FLOP/s; sources: --format json", "dim"),
        *_unchecked(devices),
    ]
    return View("devices", (), SHEETS, tuple(sections), tuple(notes))


def _unchecked(devices: Sequence[Device]) -> Iterator[Cell]:
    """A note on sheets that nobody opened: their figures come from other tables, and may be wrong."""
    unchecked = sum(device.checked is False for device in devices)
    if unchecked:
        rest = "; with what those of the others were compared: --format json"
        yield Cell(f"figures of {unchecked:,} data sheets are not checked against the document{rest}", "warning")


def _fitted(device: Device) -> Iterator[Row]:
    yield Row((*_cells(device), EMPTY, EMPTY, EMPTY, EMPTY), 0, _record(device))
    for fit in device.fits:
        errors = fit.errors.get(EVERYTHING)
        figures = _figures(errors) if errors else (EMPTY,) * 4
        yield Row((Cell(str(fit.setting)), Cell(fit.software), *(EMPTY,) * 4, *figures), 1, _fit_record(device, fit))


def _sheet(device: Device) -> Row:
    return Row((*_cells(device), EMPTY, EMPTY, EMPTY, EMPTY), 0, _record(device))


def _cells(device: Device) -> tuple[Cell, ...]:
    memory = "" if device.memory is None else bytes_text(device.memory)
    bandwidth = "" if device.bandwidth is None else quantity_text(device.bandwidth, "B/s")
    rates = [quantity_text(device.peaks[name], "").strip() if name in device.peaks else "" for name in ("fp32", "fp16")]
    return (Cell(device.key, "strong"), Cell(device.name), Cell(memory), Cell(bandwidth), *map(Cell, rates))


def _figures(errors: Errors) -> tuple[Cell, ...]:
    coverage = "" if errors.coverage is None else percent_text(errors.coverage)
    return tuple(map(Cell, (f"{errors.runs:,}", percent_text(errors.median), percent_text(errors.p90), coverage)))


def devices_document(devices: Sequence[Device]) -> list[dict[str, Any]]:
    """All devices as data, with every error."""
    return [_record(device) | {"fits": [_fit_record(device, fit) for fit in device.fits]} for device in devices]


def _record(device: Device) -> dict[str, Any]:
    return {
        "device": device.key,
        "name": device.name,
        "source": device.source,
        "date": device.date,
        "checked": device.checked,
        "memory": device.memory,
        "bandwidth": device.bandwidth,
        "peaks": dict(device.peaks),
    }


def _fit_record(device: Device, fit: Fit) -> dict[str, Any]:
    return {
        "device": device.key,
        **dict(zip(fit.setting._fields, fit.setting, strict=True)),
        "software": fit.software,
        "source": fit.source,
        "interval": list(fit.interval),
        "errors": {name: dict(zip(each._fields, each, strict=True)) for name, each in fit.errors.items()},
    }
