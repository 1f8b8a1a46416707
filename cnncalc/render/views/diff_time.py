"""The row of `cnncalc diff --device`: the predicted time of both networks, with their 90% intervals."""

from __future__ import annotations

from typing import Any

from cnncalc.prediction.predict import Prediction
from cnncalc.quantities.measures import seconds_text
from cnncalc.quantities.shares import change_text
from cnncalc.render.view import EMPTY, Cell, Row, Style
from cnncalc.render.views.time import device_record, predicted_text, prediction_record

Times = tuple[Prediction, Prediction]


def time_row(times: Times) -> Row:
    """The time before and after. Of the change, no interval was measured."""
    before, after = times
    change, percent = _change(times)
    style: Style = "strong" if change else "dim"
    changes = (EMPTY, EMPTY)
    if change and percent is not None:
        sign = "+" if change > 0 else "−"
        changes = (Cell(f"{sign}{seconds_text(abs(change))}", style), Cell(change_text(percent), style))
    texts = (Cell(predicted_text(before)), Cell(predicted_text(after)))
    record = {
        "figure": "time",
        "before": before.seconds,
        "after": after.seconds,
        "change": change,
        "percent": percent,
    }
    return Row((Cell("time", style), *texts, *changes), 0, record)


def time_note(times: Times) -> Cell:
    """What the row of the time is: of which batch, on what, and how."""
    before = times[0]
    kind = "with its 90% interval" if before.fit else "a bound and no prediction"
    return Cell(f"time: a batch of {before.batch:,} on {before.device.name} ({before.setting}), {kind}", "dim")


def times_document(times: Times) -> dict[str, Any]:
    """Both predictions as data, and the change in seconds and percent (null: one is a bound)."""
    before, after = times
    change, percent = _change(times)
    return {
        **device_record(before.device),
        "setting": dict(zip(before.setting._fields, before.setting, strict=True)),
        "before": prediction_record(before),
        "after": prediction_record(after),
        "change": change,
        "percent": percent,
    }


def _change(times: Times) -> tuple[float | None, float | None]:
    before, after = (None if each.at_least else each.seconds for each in times)
    if before is None or after is None:
        return None, None
    return after - before, 100 * (after / before - 1) if before else None
