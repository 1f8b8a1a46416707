"""Compares the predicted time of a network with the time that a spec allows."""

from __future__ import annotations

from cnncalc.analysis.report import Report
from cnncalc.devices.catalog import find_device
from cnncalc.document.types import ExpectedTime
from cnncalc.prediction.predict import predict
from cnncalc.quantities.measures import seconds_text


def time_problem(report: Report, must: ExpectedTime) -> str | None:
    """Why a batch of one surely takes too long: the whole 90% interval, or the bound of the data sheet, is above.

    None if it does not. A prediction whose interval contains the limit decides nothing.

    Raises:
        UsageError: a size of the network is a symbol.
    """
    device = find_device(must.device)
    (prediction,) = predict(report.graph, device, device.usual, [1])
    low, source = (prediction.interval or (None,))[0], "the 90% interval of the predicted time begins at"
    if low is None:
        low, source = prediction.least, "the data sheet allows no less than"
    if low is None or low <= must.seconds:
        return None
    return f"expected {must.text}, but {source} {seconds_text(low)} ({prediction.setting}, a batch of 1)"
