"""Read a benchmark that `--save` wrote, and compare it with current networks and runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_RUN
from cnncalc.pytorch.bench.measurement import call_flops, parameters
from cnncalc.pytorch.bench.results.record import SCHEMA
from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named
from cnncalc.pytorch.bench.timing.blocks import NOTABLE
from cnncalc.quantities.sizes import tensors_text
from cnncalc.source.files import read_file

# The settings that affect the times of a run.
COMPARED = ("dtype", "mode", "channels_last", "compile", "cuda_graph", "cold")
# A run with other values of these is a different computation, with times that cannot be compared.
SAME = ("dtype", "mode")


class SavedRun(NamedTuple):
    """What a comparison needs from a run: the median seconds of a call, its interval, and what was computed."""

    network: str
    inputs: Mapping[str, tuple[int, ...]]
    batch: int
    median: float
    interval: tuple[float, float] | None
    images: float
    flops: int = 0
    parameters: int | None = None  # None: the file is older than this entry
    given: Mapping[str, str] | None = None


class Saved(NamedTuple):
    """A saved benchmark: its path, environment, settings and runs."""

    path: str
    environment: Mapping[str, str]
    settings: Mapping[str, Any]
    runs: tuple[SavedRun, ...]

    def like(self, run: Run) -> SavedRun | None:
        """The saved run of the same network, inputs and batch; None if there is none."""
        return next(
            (s for s in self.runs if (s.network, s.inputs, s.batch) == (run.network, run.inputs, run.batch)), None
        )

    def differences(self, environment: Mapping[str, str], settings: Settings) -> list[str]:
        """Differences in environment and settings, such as "torch: 2.12.0 then, 2.13.0 now"."""
        asked = {name: str(value) for name, value in settings.to_dict().items() if name in COMPARED}
        then = {**self.environment, **{name: str(self.settings.get(name)) for name in asked if name in self.settings}}
        now = {**environment, **{name: value for name, value in asked.items() if name in self.settings}}
        names = [*now, *(name for name in then if name not in now)]
        return [
            f"{name}: {then.get(name, 'not there')} then, {now.get(name, 'not there')} now"
            for name in names
            if then.get(name) != now.get(name)
        ]

    def require_same(self, networks: Sequence[Named], settings: Settings) -> None:
        """Refuse to compare different computations, before anything is measured.

        Raises:
            UsageError: a network of the same name had another structure or other settings; the message says which.
        """
        for named in networks:
            then = next((run for run in self.runs if run.network == named.name), None)
            if then is None:
                continue
            changes = [*self._setting_differences(settings), *_network_differences(named, settings, then)]
            if changes:
                raise UsageError(
                    f"--compare {self.path}: {named.name} differs from the saved run: {'; '.join(changes)}; compare "
                    "with a run of the same network"
                )

    def _setting_differences(self, settings: Settings) -> Iterator[str]:
        now = settings.to_dict()
        for name in SAME:
            then = self.settings.get(name, now[name])
            if then != now[name]:
                yield f"{name} {then} then, {now[name]} now"


def _network_differences(named: Named, settings: Settings, then: SavedRun) -> Iterator[str]:
    """Describe how a network differs from the saved run of the same name."""
    given = {name: str(value) for name, value in named.given.items()}
    if then.given is not None and then.given != given:
        yield f"--set {_settings_text(then.given)} then, {_settings_text(given)} now"
    inputs = {name: tuple(shape) for name, shape in named.graph.inputs.items()}
    if dict(then.inputs) != inputs:
        yield f"input {tensors_text(then.inputs)} then, {tensors_text(inputs)} now"
    now = parameters(named.graph)
    if then.parameters is not None and then.parameters != now:
        yield f"parameters {then.parameters:,} then, {now:,} now"
    flops = call_flops(named.graph, settings, then.batch)
    if then.flops and then.flops != flops:
        yield f"FLOPs {then.flops:,} then, {flops:,} now, at batch {then.batch:,}"


def _settings_text(given: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in given.items()) or "(nothing)"


class Ratio(NamedTuple):
    """How many times as fast as another run a run is.

    `distinct`: whether the intervals do not overlap and the medians differ by more than 1 %; None if one lacks one.
    """

    times: float
    distinct: bool | None


def ratio(run: Run, then: SavedRun) -> Ratio:
    """The speed of a run relative to a saved one, by images per second."""
    return Ratio(run.images / then.images, distinct(run.timing.median, run.timing.interval, then.median, then.interval))


Interval = tuple[float, float]


def distinct(mine: float, interval: Interval | None, other: float, its: Interval | None) -> bool | None:
    """Whether two medians differ by more than their intervals and 1 %; None if one has no interval."""
    if interval is None or its is None:
        return None
    apart = interval[1] < its[0] or its[1] < interval[0]
    return apart and abs(mine - other) > NOTABLE * min(mine, other)


def read_saved(path: Path) -> Saved:
    """Read a benchmark that `--save` wrote.

    Raises:
        UsageError: the file cannot be read, or is not a saved benchmark.
    """
    data = read_file(path, LARGEST_RUN, "a saved benchmark")
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is not JSON: a file that 'cnncalc bench --save' wrote is expected") from None
    try:
        if document["schema"] != SCHEMA:
            raise UsageError(f"{path}: its schema is {document['schema']}, not {SCHEMA}: save the run again")
        return Saved(
            str(path), dict(document["environment"]), dict(document["settings"]), tuple(map(_run, document["runs"]))
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise UsageError(f"{path} is not a benchmark that 'cnncalc bench --save' wrote") from None


def _run(run: Mapping[str, Any]) -> SavedRun:
    seconds = run["seconds"]
    interval = None if seconds["low"] is None else (float(seconds["low"]), float(seconds["high"]))
    inputs = {str(name): tuple(map(int, shape)) for name, shape in run["inputs"].items()}
    batch, images = int(run["batch"]), float(run["images_per_second"])
    times = (images, float(seconds["median"]), *(interval or ()))
    if not all(isfinite(number) and number > 0 for number in times):
        raise ValueError("a time or a speed is not above 0")
    count = run.get("parameters")
    given = run.get("set")
    return SavedRun(
        str(run["network"]), inputs, batch, float(seconds["median"]), interval, images, int(run.get("flops") or 0),
        None if count is None else int(count), None if given is None else {str(k): str(v) for k, v in given.items()},
    )  # fmt: skip
