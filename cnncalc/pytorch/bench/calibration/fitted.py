"""Fits the coefficients of a device to measured points, and describes it as a device file does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import torch

from cnncalc.devices.catalog import device_named
from cnncalc.devices.device import LEFT_OUT, Device, Errors, Fit, Setting
from cnncalc.errors import UsageError
from cnncalc.prediction.terms import TERMS
from cnncalc.pytorch.bench.calibration.measuring import Point, Points
from cnncalc.pytorch.bench.devices.device import Device as Opened
from cnncalc.quantities.sizes import plural

NEEDS = "calibrating needs numpy: pip install 'cnncalc[calibrate]'"
LEAST = 1e-3  # of the measured time: a prediction of 0 has no ratio
MEASURED = "measured by cnncalc bench --calibrate; no data sheet"


def require_numpy() -> None:
    """Refuse to start what would end without a fit.

    Raises:
        UsageError: numpy is not installed.
    """
    try:
        import numpy  # noqa: F401
    except ImportError:
        raise UsageError(NEEDS) from None


class Calibrated(NamedTuple):
    """A fit to points, and the seconds that fits without the network of each point predict for it."""

    fit: Fit
    predicted: Sequence[float]


def device_of(key: str, opened: Opened, new: Fit, before: Device | None) -> Device:
    """The device with a fit, and with the fits for other settings that it had `before`."""
    facts, memory = opened.facts(), opened.memory()
    kept = [fit for fit in (before.fits if before else ()) if fit.setting != new.setting]
    fields: dict[str, Any] = {
        "key": key, "name": facts.get("device") or opened.name, "queues": opened.queues, "fits": [*kept, new],
    }  # fmt: skip
    sheet = None if facts.get("mig") == "on" else device_named(fields["name"])
    if sheet is None:
        total = None if memory is None else memory.total
        return Device(**fields, source=MEASURED, date=f"{date.today():%Y-%m}", memory=total)
    fields |= {"source": sheet.source, "date": sheet.date, "checked": sheet.checked, "memory": sheet.memory}
    return Device(**fields, bandwidth=sheet.bandwidth, peaks=sheet.peaks)


def fit_points(measured: Points, setting: Setting, queues: bool) -> Calibrated:
    """The fit to points; weights and launches have no terms of their own if the device `queues`: its batches are large.

    Its errors and its interval are those of networks that are left out, one at a time. The interval spans all ratios of
    measured and predicted time: another of `n` such networks lies between the extremes with probability
    (n − 1)/(n + 1), 90% with 20 networks.
    """
    import numpy as np

    from cnncalc.prediction.fitting import fit, held_out

    points = measured.points
    terms = TERMS[:-2] if queues else TERMS
    amounts = np.array([_row(point, terms) for point in points], float)
    seconds = np.array([point.seconds for point in points])
    predicted = held_out(amounts, seconds, [point.network for point in points])
    ratios = seconds / np.maximum(predicted, LEAST * seconds)
    errors = np.abs(1 / ratios - 1)
    found = dict(zip(terms, map(float, fit(amounts, seconds)), strict=True))
    found.setdefault("weight_bytes", found["other_bytes"])
    fitted = Fit(
        setting,
        f"PyTorch {torch.__version__.partition('+')[0]}",
        _source(measured),
        {name: value for name, value in found.items() if value > 0},
        (min(1.0, float(ratios.min())), max(1.0, float(ratios.max()))),
        {LEFT_OUT: Errors(len(points), float(np.median(errors)), float(np.quantile(errors, 0.9)))},
    )
    return Calibrated(fitted, predicted.tolist())


def _row(point: Point, terms: Sequence[str]) -> list[int]:
    """The amounts of the terms; where no batch is small, weights move as maps do."""
    amounts: Mapping[str, int] = point.amounts
    if "weight_bytes" not in terms:
        amounts = {**amounts, "other_bytes": amounts["other_bytes"] + amounts["weight_bytes"]}
    return [amounts[name] for name in terms]


def _source(measured: Points) -> str:
    batches = [point.batch for point in measured.points]
    first, last = min(batches), max(batches)
    spread = f"batch {first}" if first == last else f"batches {first} to {last}"
    busy = ", on a busy machine" if measured.busy else ""
    runs = f"{plural(len(batches), 'run')} of {plural(len(measured.networks), 'network')}, {spread}"
    return f"cnncalc bench --calibrate, {date.today():%Y-%m-%d}, {runs}{busy}"
