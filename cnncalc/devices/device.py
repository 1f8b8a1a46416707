"""What is known of a device: the peaks of its data sheet, and models of time fitted to runs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from cnncalc.records import EMPTY, NamedTuple, Record


class Setting(NamedTuple):
    """How a network is run: the settings that change its time beyond the batch."""

    mode: str = "inference"
    dtype: str = "amp"
    layout: str = "nchw"
    compiled: bool = False

    def __str__(self) -> str:
        words = [self.dtype, self.layout, "compiled" if self.compiled else "eager"]
        return ", ".join(words if self.mode == "inference" else [self.mode, *words])


EVERYTHING, LEFT_OUT = "all networks", "networks left out"
"""The errors of all networks of a fit: of the families that fits had not seen, or of the networks of a calibration."""


class Errors(NamedTuple):
    """How far predictions were off for networks that the fit had not seen; shares are fractions."""

    runs: int
    median: float  # of |predicted/measured − 1|
    p90: float
    coverage: float | None = None  # the share of measured times inside the 90% interval
    rank: float | None = None  # Spearman's correlation of predicted and measured time


class Fit(Record):
    """A model of time for one setting: seconds per unit of every term, and the 90% interval around the sum.

    `interval` has the factors by which a measured time may lie below and above the predicted one. `errors` are by
    group of networks; each comes from fits to all other families.
    """

    setting: Setting
    software: str
    source: str
    terms: Mapping[str, float]
    interval: tuple[float, float]
    errors: Mapping[str, Errors] = EMPTY


class Device(Record):
    """A device. Rates in FLOP/s by dtype, dense and accumulated in float32; `bandwidth` in bytes/s.

    `words` are alternatives; a driver's name that has all words of one of them is this device. `source` is the maker's
    document that is said to give the figures; `checked` the page on which they were found, and which of them; False if
    nobody compared them with that document, None if the file does not say.
    """

    key: str  # the name of its file
    name: str
    source: str
    date: str
    checked: str | Literal[False] | None = None
    words: Sequence[Sequence[str]] = ()
    memory: int | None = None
    bandwidth: float | None = None
    queues: bool = True  # whether kernels are queued by a host, which may be slower than the device
    peaks: Mapping[str, float] = EMPTY
    fits: Sequence[Fit] = ()

    @property
    def source_text(self) -> str:
        """The source, its date, and whether the figures were compared with it."""
        how = "; not checked against the document" if self.checked is False else ""
        return f"{self.source}, {self.date}{f'; checked against {self.checked}' if self.checked else how}"

    @property
    def settings(self) -> list[Setting]:
        """The settings for which it has a fit."""
        return [fit.setting for fit in self.fits]

    @property
    def usual(self) -> Setting:
        """The setting in which a network is timed if none is given: amp and eager, else the first that has a fit."""
        if self.fits and self.fit(Setting()) is None:
            return self.fits[0].setting
        return Setting() if self.fits or "fp16" in self.peaks else Setting(dtype="fp32")

    def setting(self, mode: str, dtype: str | None, layout: str | None, compiled: bool | None) -> Setting:
        """The setting that has what is given, preferably one that has a fit; without one, amp, NCHW and eager."""
        given = {"mode": mode, "dtype": dtype, "layout": layout, "compiled": compiled}
        given = {name: value for name, value in given.items() if value is not None}
        usual = self.usual
        for setting in (usual, *self.settings):
            if all(getattr(setting, name) == value for name, value in given.items()):
                return setting
        return Setting(**{"dtype": usual.dtype, **given})  # type: ignore[arg-type]

    def fit(self, setting: Setting) -> Fit | None:
        """The fit for a setting; None if there is none."""
        return next((fit for fit in self.fits if fit.setting == setting), None)

    def peak(self, dtype: str) -> float | None:
        """FLOP/s of matrix products with operands of a dtype; `amp` multiplies in float16. None if unknown."""
        return self.peaks.get("fp16" if dtype == "amp" else dtype)
