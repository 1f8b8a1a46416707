"""The predicted time at a point of a sweep, and durations in its expressions: `time < 5ms`."""

from __future__ import annotations

import re
from fractions import Fraction

from cnncalc.analysis.report import Report
from cnncalc.devices.catalog import every_device
from cnncalc.devices.device import Device
from cnncalc.errors import UsageError
from cnncalc.prediction.predict import predict
from cnncalc.records import Record

TIME = "time"  # the column
UNITS = {"s": Fraction(1), "ms": Fraction(1, 1000), "us": Fraction(1, 10**6), "µs": Fraction(1, 10**6)}
_QUOTED = r"'[^']*'|\"[^\"]*\""
_DURATION = re.compile(rf"{_QUOTED}|(?<![\w.])([0-9]{{1,12}}(?:\.[0-9]{{1,12}})?)\s*(ms|us|µs|s)(?!\w)")


class Timing(Record):
    """A device on which a batch is timed, in the setting that is usual for it."""

    device: Device
    batch: int = 1

    def seconds(self, report: Report) -> Fraction | None:
        """The predicted seconds of a batch, to four digits; None if it may take longer than the prediction says."""
        (prediction,) = predict(report.graph, self.device, self.device.usual, [self.batch])
        if prediction.seconds is None or prediction.at_least:
            return None
        return Fraction(f"{prediction.seconds:.3e}")


def require_fit(device: Device) -> None:
    """Refuse a device that has a bound and no prediction in its usual setting.

    Raises:
        UsageError: it has no fit.
    """
    if device.fit(device.usual) is None:
        fitted = ", ".join(each.key for each in every_device() if each.fits)
        raise UsageError(
            f"--device {device.key}: only a data sheet is known, which bounds a time and does not predict it: "
            f"choose from {fitted}, or fit one of your own with `cnncalc bench --calibrate`"
        )


def without_durations(text: str) -> str:
    """The text of an expression with durations in seconds: 5ms becomes (1/200)."""

    def convert(match: re.Match[str]) -> str:
        return match[0] if match[1] is None else f"({Fraction(match[1]) * UNITS[match[2]]})"

    return _DURATION.sub(convert, text)
