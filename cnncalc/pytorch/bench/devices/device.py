"""The protocol of all devices of a benchmark, and the parser of their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices.sensors import Sensors
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.quantities.numerals import natural

Call = Callable[[], object]


class Memory(NamedTuple):
    """Free and total bytes of a device."""

    free: int
    total: int


class Peaks(NamedTuple):
    """The device's own statistics since `begin_peaks`, in bytes.

    `allocated` and `reserved` are the peaks of what tensors took and of what the allocator held. `outside` is memory
    that the device uses outside the allocator: the context, kernels that libraries load, other processes. `idle` is
    what the allocator holds now without a tensor in it: after a capture, which first releases idle blocks, this is the
    pool of the CUDA graph.
    """

    allocated: int
    reserved: int
    outside: int
    idle: int = 0


class Device(Protocol):
    """The operations that differ between devices; times in seconds, memory in bytes."""

    name: str  # as PyTorch names it: cpu, cuda:1, mps
    place: str  # PyTorch's device for tensors
    largest_matrix: int  # the side of the largest square product that measures the matrix rate
    copied_bytes: int  # bytes to copy to measure the bandwidth: far more than caches hold
    guard: float | None  # the share of the free memory that a search may use; None: asking for too much does no harm
    most_numbers: int | None  # the most elements of a tensor that every kernel can index; None: no limit
    cache: int | None  # bytes of the cache that the whole device shares, which may hold feature maps; None: ignored
    queues: bool  # whether work is queued, so that the device may have to wait for the host

    def prepare(self, settings: Settings) -> None:
        """Set the precision; refuse settings that this device does not support, with a UsageError."""

    def facts(self) -> Mapping[str, str]:
        """The name of the device, and versions of its driver and libraries, by name of the fact."""

    def sensors(self) -> Sensors | None:
        """The current clock, power and temperature; None if they cannot be read."""

    def now(self) -> float:
        """Seconds by the host's clock."""

    def wait(self) -> None:
        """Wait until all work is done."""

    def answers(self) -> bool:
        """Whether the device still works after a fault."""

    def durations(self, call: Call, calls: int, count: int) -> list[float]:
        """Seconds per call of `count` samples in a row, each of `calls` calls; all work is done when this returns."""

    def mark(self) -> object:
        """A timestamp after the work queued so far, for `between`."""

    def between(self, marks: Sequence[object]) -> list[float]:
        """Seconds from each mark to the next; waits for the last mark."""

    def head_start(self, seconds: float) -> None:
        """Keep the device busy for `seconds`, so that work queued meanwhile runs without gaps."""

    def clear_cache(self) -> None:
        """Queue an overwrite of the shared cache."""

    def memory(self) -> Memory | None:
        """Free and total bytes now; None if unknown."""

    def peak(self, call: Call) -> int | None:
        """The peak in bytes of one call, beyond what was allocated before it; None if unknown."""

    def begin_peaks(self) -> None:
        """Reset the statistics that `peaks` returns."""

    def peaks(self) -> Peaks | None:
        """The statistics since `begin_peaks`; None if the device keeps none."""

    def release(self) -> None:
        """Release memory that is no longer in use; never raises, even on a device that has failed."""

    def without_algorithm_search(self) -> AbstractContextManager[None]:
        """Disable the libraries' algorithm searches within the context: they cost more than the trial of a batch."""

    def captured(self, call: Call) -> Call:
        """The call captured as a graph, which the result replays; a UsageError if the device has no graphs."""

    def kernels(self, call: Call) -> int | None:
        """The number of kernels that a call launches; None if unknown."""


def parse_device(text: str) -> tuple[str, int | None]:
    """The kind and the index of a device: `cuda:1` → cuda, 1; the index is None if not given.

    Raises:
        UsageError: there is no such kind of device.
    """
    kind, colon, index = text.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (colon and not (kind == "cuda" and natural(index, 999) is not None)):
        raise UsageError(f"--device: expected cpu, cuda, cuda:1 or mps, got '{text}'")
    return kind, int(index) if colon else None
