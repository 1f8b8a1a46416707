"""What every device can do for a benchmark, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices.sensors import Sensors
from cnncalc.pytorch.bench.settings import Settings

Call = Callable[[], object]


class Memory(NamedTuple):
    """Bytes that are free, and all that the device has."""

    free: int
    total: int


class Peaks(NamedTuple):
    """The device's own count since `begin_peaks`, in bytes.

    `allocated` and `reserved` are the most that tensors took and that the allocator kept; `outside` is what is taken of
    the device beyond the allocator: the context, kernels that libraries load, other processes. `idle` is what the
    allocator keeps now and no tensor holds: behind a capture, whose beginning gives idle blocks back, CUDA graph pool.
    """

    allocated: int
    reserved: int
    outside: int
    idle: int = 0


class Device(Protocol):
    """The few calls that differ from device to device; times in seconds, memory in bytes."""

    name: str  # as PyTorch names it: cpu, cuda:1, mps
    place: str  # where tensors are made
    largest_matrix: int  # the largest square product that measures the matrix rate
    copied_bytes: int  # what a copy moves to measure the bandwidth: far more than caches hold
    guard: float | None  # the share of the free memory that a search may fill; None: to ask for too much does no harm
    most_numbers: int | None  # the most numbers of a tensor that every kernel can index; None: no such limit
    cache: int | None  # bytes of the cache that all of the device shares, where maps may stay; None: not considered
    queues: bool  # whether work is queued, so that the host may be what the device waits for

    def prepare(self, settings: Settings) -> None:
        """Set the precision; refuse what this device cannot do, with a UsageError."""

    def facts(self) -> Mapping[str, str]:
        """What it is, its driver, its libraries."""

    def sensors(self) -> Sensors | None:
        """Clock, power, temperature now; None where nothing tells."""

    def now(self) -> float:
        """The host's clock."""

    def wait(self) -> None:
        """Until all work is done."""

    def answers(self) -> bool:
        """Whether the device still works after a fault."""

    def durations(self, call: Call, calls: int, count: int) -> list[float]:
        """Seconds per call of `count` samples in a row, each of `calls` calls; all work is done when this returns."""

    def mark(self) -> object:
        """A point in the device's time, now, in the order of its work."""

    def between(self, marks: Sequence[object]) -> list[float]:
        """Seconds from each mark to the next; waits for the last."""

    def head_start(self, seconds: float) -> None:
        """Keep the device busy for so long, so that the work queued meanwhile follows without gaps."""

    def clear_cache(self) -> None:
        """Put other bytes into the shared cache, in the order of the device's work."""

    def memory(self) -> Memory | None:
        """What is free now; None where nothing tells."""

    def peak(self, call: Call) -> int | None:
        """The most bytes that one call took at once, beyond what was there before; None where nothing tells."""

    def begin_peaks(self) -> None:
        """Begin to count `peaks` anew."""

    def peaks(self) -> Peaks | None:
        """The most since `begin_peaks`; None where the device keeps no count."""

    def release(self) -> None:
        """Give back what nobody holds any more; a device that has failed gives nothing back, and raises nothing."""

    def without_algorithm_search(self) -> AbstractContextManager[None]:
        """Meanwhile no library tries its algorithms: a trial of a batch is not worth that."""

    def captured(self, call: Call) -> Call:
        """The call as one graph of the device, to be replayed; a UsageError where it has none."""

    def kernels(self, call: Call) -> int | None:
        """How many kernels a call launches; None where nothing tells."""


def parse_device(text: str) -> tuple[str, int | None]:
    """`cuda:1` → cuda, 1.

    Raises:
        UsageError: no such kind of device.
    """
    kind, colon, index = text.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (colon and not (kind == "cuda" and index.isdecimal() and len(index) < 4)):
        raise UsageError(f"--device: expected cpu, cuda, cuda:1 or mps, got '{text}'")
    return kind, int(index) if colon else None
