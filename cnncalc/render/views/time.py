"""Builds the view of `cnncalc time`: a row per layer for one network and batch, else a row per network and batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cnncalc.analysis.report import Report
from cnncalc.devices.device import EVERYTHING, LEFT_OUT, Device, Fit
from cnncalc.graph import Node
from cnncalc.prediction.predict import HOST, LayerTime, Prediction
from cnncalc.quantities.measures import interval_text, seconds_text
from cnncalc.quantities.shares import percent_text
from cnncalc.quantities.sizes import plural
from cnncalc.render.layer_words import row_words
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.render.views import heading

LAYERS = (
    *heading.NAMED,
    Column("time", right=True),
    Column("of all", right=True),
    Column("ruled by"),
    Column("at least", right=True, narrow="drop"),
)
RUNS = (
    Column("network"),
    Column("batch", right=True),
    Column("time", right=True),
    Column("90% interval", right=True),
    Column("images/s", right=True),
    Column("compute", right=True, narrow="drop"),
    Column("bandwidth", right=True, narrow="drop"),
    Column("at least", right=True, narrow="drop"),
)
MOST_NAMED = 5
Predicted = Sequence[tuple[Report, Sequence[Prediction]]]


def time_view(predicted: Predicted) -> View:
    """Build the view of the predictions of each network."""
    if len(predicted) == 1 and len(predicted[0][1]) == 1:
        return _layers_view(predicted[0][0], predicted[0][1][0])
    first = predicted[0][1][0]
    rows = tuple(_run(report, each) for report, several in predicted for each in several)
    notes = list(dict.fromkeys(note for _, several in predicted for each in several for note in _notes(each)))
    return View("", tuple(_facts(first)), RUNS, (Section("", rows),), tuple(notes))


def _layers_view(report: Report, prediction: Prediction) -> View:
    facts = [*heading.facts(report), *_facts(prediction), ("batch", f"{prediction.batch:,}")]
    nodes = {node.name: node for node in report.graph.nodes}
    whole = prediction.seconds
    rows = [_layer(nodes[layer.name], layer, whole) for layer in prediction.layers]
    totals = [Cell(_time_text(prediction), "strong"), EMPTY, EMPTY, Cell(_seconds(prediction.least))]
    rows.append(Row((Cell("total", "strong"), EMPTY, *totals), total=True))
    notes = [*_summary(prediction), *_notes(prediction)]
    return View(heading.title(report), tuple(facts), LAYERS, (Section("", tuple(rows)),), tuple(notes))


def _layer(node: Node, layer: LayerTime, whole: float | None) -> Row:
    seconds = layer.parts.seconds if whole else None
    share = percent_text(seconds / whole) if seconds and whole else ""
    words = Cell(row_words(node)) if layer.known else Cell(row_words(node), "warning")
    by = layer.parts.by if seconds else ""
    cells = (Cell(layer.name), words, Cell(_seconds(seconds)), Cell(share), Cell(by), Cell(_seconds(layer.least)))
    return Row(cells, 0, _layer_record(layer, whole))


def _run(report: Report, prediction: Prediction) -> Row:
    shares = prediction.shares
    cells = (
        Cell(report.name or "item", "strong"),
        Cell(f"{prediction.batch:,}"),
        Cell(_time_text(prediction)),
        Cell(_interval_text(prediction)),
        Cell(_rate_text(prediction)),
        Cell(percent_text(shares["compute"]) if prediction.seconds else ""),
        Cell(percent_text(shares["bandwidth"]) if prediction.seconds else ""),
        Cell(_seconds(prediction.least)),
    )
    return Row(cells, 0, {"network": report.name, **prediction_record(prediction)})


def _facts(prediction: Prediction) -> Iterator[tuple[str, str]]:
    device, fit = prediction.device, prediction.fit
    yield "device", f"{device.name} ({device.source_text})"
    yield "setting", str(prediction.setting)
    if fit is not None:
        yield "fitted to", ", ".join(filter(None, (fit.source, fit.software))) + "".join(_errors(fit))


def _errors(fit: Fit) -> Iterator[str]:
    for name, unseen in ((EVERYTHING, "unseen families"), (LEFT_OUT, LEFT_OUT)):
        if name in fit.errors:
            yield f"; error on {unseen}: median {percent_text(fit.errors[name].median)}"


def _summary(prediction: Prediction) -> Iterator[Cell]:
    """The prediction in one line, with its interval, and the least time of the data sheet."""
    if prediction.seconds is not None:
        text = (
            f"{_time_text(prediction)} (90% interval: {_interval_text(prediction)}), {_rate_text(prediction)} images/s"
        )
        yield Cell(text, "strong")
        shares = [f"{name} {percent_text(share)}" for name, share in prediction.shares.items() if share]
        yield Cell(f"{', '.join(shares)} of the time")
    if prediction.least is not None:
        yield Cell(f"at least {seconds_text(prediction.least)} by the data sheet")


def _notes(prediction: Prediction) -> Iterator[Cell]:
    device, unknown = prediction.device, prediction.unknown
    if prediction.fit is None:
        settings = "; ".join(map(str, device.settings))
        known = f"it has runs of: {settings}" if settings else "no runs on it are known"
        yield Cell(f"{device.key}: a bound and no prediction in this setting: {known}", "warning")
    if unknown:
        names = ", ".join(unknown[:MOST_NAMED]) + (
            f" and {len(unknown) - MOST_NAMED:,} more" * (len(unknown) > MOST_NAMED)
        )
        yield Cell(f"at least: the work of {plural(len(unknown), 'layer')} is not known: {names}", "warning")
    if prediction.waits:
        yield Cell(
            f"at least: {plural(prediction.kernels, 'kernel')} this short may wait for the host, which takes up to "
            f"{seconds_text(HOST)} to queue each; the runs had larger batches",
            "warning",
        )
    needed = prediction.needed
    if device.memory is not None and needed is not None and needed > device.memory:
        yield Cell(
            f"batch {prediction.batch:,} does not fit the memory of the device: see cnncalc memory --fits", "warning"
        )


def predicted_text(prediction: Prediction) -> str:
    """The time with its interval, or the bound of the data sheet: 62.6 ms (44.5 … 82.2 ms), at least 12.7 ms."""
    if prediction.seconds is None:
        return "not known" if prediction.least is None else f"at least {_seconds(prediction.least)}"
    return f"{_time_text(prediction)} ({_interval_text(prediction)})"


def _time_text(prediction: Prediction) -> str:
    return ("at least " if prediction.at_least and prediction.seconds else "") + _seconds(prediction.seconds)


def _seconds(seconds: float | None) -> str:
    return "—" if seconds is None else "0" if seconds == 0 else seconds_text(seconds)


def _interval_text(prediction: Prediction) -> str:
    interval, seconds = prediction.interval, prediction.seconds
    if interval is None or seconds is None:
        return "—"
    low, high = interval
    return f"from {seconds_text(low, seconds)}" if high is None else interval_text((low, high), seconds)


def _rate_text(prediction: Prediction) -> str:
    rate = prediction.images_per_second
    return "—" if rate is None else f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"


def time_document(report: Report, predictions: Sequence[Prediction]) -> dict[str, Any]:
    """The JSON document of a network: its prediction for every batch, with all layers."""
    first = predictions[0]
    setting = dict(zip(first.setting._fields, first.setting, strict=True))
    batches = [
        prediction_record(each) | {"layers": [_layer_record(layer, each.seconds) for layer in each.layers]}
        for each in predictions
    ]
    return {"network": report.name, **device_record(first.device), "setting": setting, "batches": batches}


def device_record(device: Device) -> dict[str, Any]:
    """The device of a prediction, as data."""
    return {"device": device.key, "device_name": device.name}


def prediction_record(prediction: Prediction) -> dict[str, Any]:
    """A prediction as data: seconds, the ends of the interval (null: none), the share of each resource."""
    return {
        "batch": prediction.batch,
        "seconds": prediction.seconds,
        "images_per_second": prediction.images_per_second,
        "interval": None if prediction.interval is None else list(prediction.interval),
        "at_least": prediction.at_least,
        "least": prediction.least,
        "shares": prediction.shares if prediction.seconds else None,
        "unknown": list(prediction.unknown),
    }


def _layer_record(layer: LayerTime, whole: float | None) -> dict[str, Any]:
    known = whole is not None
    return {
        "layer": layer.name,
        "seconds": layer.parts.seconds if known else None,
        "by": layer.parts.by if known and layer.parts.seconds else None,
        "least": layer.least,
    }
