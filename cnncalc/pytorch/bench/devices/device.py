"""What every device can do for a benchmark, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.settings import Settings

Call = Callable[[], object]


class Memory(NamedTuple):
    """Bytes that are free, and all that the device has."""

    free: int
    total: int


class Device(Protocol):
    """The few calls that differ from device to device; times in seconds, memory in bytes."""

    name: str  # as PyTorch names it: cpu, cuda:1, mps
    place: str  # where tensors are made
    largest_matrix: int  # the largest square product that measures the matrix rate
    copied_bytes: int  # what a copy moves to measure the bandwidth: far more than caches hold
    guard: float | None  # the share of the free memory that a search may fill; None: to ask for too much does no harm

    def prepare(self, settings: Settings) -> None:
        """Set the precision; refuse what this device cannot do, with a UsageError."""

    def facts(self) -> Mapping[str, str]:
        """What it is, its driver, its libraries."""

    def durations(self, call: Call, calls: int, count: int) -> list[float]:
        """Seconds per call of `count` samples in a row, each of `calls` calls; all work is done when this returns."""

    def mark(self) -> object:
        """A point in the device's time, now, in the order of its work."""

    def between(self, marks: Sequence[object]) -> list[float]:
        """Seconds from each mark to the next; waits for the last."""

    def head_start(self, seconds: float) -> None:
        """Keep the device busy for so long, so that the work queued meanwhile follows without gaps."""

    def memory(self) -> Memory | None:
        """What is free now; None where nothing tells."""

    def peak(self, call: Call) -> int | None:
        """The most bytes that one call took at once, beyond what was there before; None where nothing tells."""

    def release(self) -> None:
        """Give back what nobody holds any more."""

    def captured(self, call: Call) -> Call:
        """The call as one graph of the device, to be replayed; a UsageError where it has none."""


def parse_device(text: str) -> tuple[str, int | None]:
    """`cuda:1` → cuda, 1.

    Raises:
        UsageError: no such kind of device.
    """
    kind, colon, index = text.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (colon and not (kind == "cuda" and index.isdecimal() and len(index) < 4)):
        raise UsageError(f"--device: expected cpu, cuda, cuda:1 or mps, got '{text}'")
    return kind, int(index) if colon else None
