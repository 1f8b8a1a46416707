"""The results of one measurement: a network at a batch, its times, memory and share of the roofline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cnncalc.pytorch.bench.devices.device import Peaks
from cnncalc.pytorch.bench.devices.sensors import Sensors
from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.timing.latency import Latency
from cnncalc.pytorch.bench.timing.layers import LayerTime
from cnncalc.pytorch.bench.timing.phases import Phases
from cnncalc.pytorch.bench.timing.queueing import Queueing
from cnncalc.pytorch.bench.timing.timing import Timing


class Peak(NamedTuple):
    """Peaks in bytes, including what persists between calls; None if unknown.

    `tensors` counts PyTorch's tensors, `allocated` is the device's own count; the difference is library workspaces.
    `predicted` is the peak of our memory model.
    """

    tensors: int | None
    allocated: int | None
    predicted: int | None

    @property
    def measured(self) -> int | None:
        """The measured figure closest to `predicted`: the tensors, or the device's own count."""
        return self.tensors if self.tensors is not None else self.allocated


class DeviceMemory(NamedTuple):
    """The device's own peaks over a whole measurement, and the parts that no tensor of the network takes, in bytes.

    `graph` is the private pool of a CUDA graph, `buckets` is where ranks exchange gradients, and `workspaces` is what
    libraries allocate.
    """

    peaks: Peaks
    graph: int
    buckets: int
    workspaces: int | None


class Setup(NamedTuple):
    """Seconds before the first timed call to compile (including that first call) and to capture; None if not done."""

    compile: float | None = None
    capture: float | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """Further measurements of a run; None if the device or the settings do not provide them."""

    parameters: int | None = None
    given: Mapping[str, Any] = field(default_factory=dict)  # the values from --set
    bytes: int | None = None  # read and written by one call, each layer by itself; None for training
    memory: DeviceMemory | None = None
    queueing: Queueing | None = None
    latency: Latency | None = None
    phases: Phases | None = None
    kernels: int | None = None  # launched by one call
    setup: Setup = field(default_factory=Setup)
    alone: float | None = None  # seconds of a step without the other ranks
    ranks: int = 1
    sensors: tuple[Sensors, Sensors] | None = None  # before the warm-up, at the end of measuring
    sheet: float | None = None  # FLOP/s of the data sheet
    cache: int | None = None  # bytes of the shared cache


@dataclass(frozen=True, slots=True)
class Run:
    """One network at one batch; `images` per second counts all ranks, times are those of rank 0."""

    network: str
    inputs: Mapping[str, tuple[int, ...]]
    batch: int
    timing: Timing
    images: float  # per second
    flops: int  # of one call: 2 per multiply-accumulate, including any backward pass
    ceilings: Ceilings
    floor: float | None  # least seconds under the roofline; None for training
    peak: Peak
    layers: tuple[LayerTime, ...] = ()
    notes: tuple[str, ...] = ()
    details: Details = field(default_factory=Details)

    @property
    def rate(self) -> float:
        """Achieved FLOP/s of one rank."""
        return self.flops / self.timing.median

    @property
    def share(self) -> float:
        """The achieved share of the roofline's bound at inference, or of the matrix rate in training."""
        if self.floor is None:
            return self.rate / self.ceilings.rate
        return self.floor / self.timing.median

    @property
    def bandwidth(self) -> float | None:
        """Achieved bytes per second."""
        return None if self.details.bytes is None else self.details.bytes / self.timing.median

    @property
    def intensity(self) -> float | None:
        """Operations per byte: memory limits the network below the ridge point, the matrix rate above it."""
        return self.flops / self.details.bytes if self.details.bytes else None

    @property
    def utilization(self) -> float | None:
        """The achieved share of the data sheet's rate (MFU)."""
        return self.rate / self.details.sheet if self.details.sheet else None

    @property
    def waiting(self) -> float | None:
        """The share of a call in which the device waits for the host."""
        queueing = self.details.queueing
        return None if queueing is None else queueing.waiting(self.timing.median)

    @property
    def scaling(self) -> float | None:
        """Images per second of all ranks, relative to the same number of devices that train independently."""
        alone = self.details.alone
        return None if alone is None else self.images / (self.details.ranks * self.batch / alone)

    @property
    def device_peak(self) -> int | None:
        """Peak bytes of tensors and workspaces on the device; of tensors alone if the device keeps no count."""
        memory = self.details.memory
        return self.peak.measured if memory is None else memory.peaks.allocated
