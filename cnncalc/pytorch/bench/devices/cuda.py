"""A CUDA device: events for time, the allocator's own count for memory, graphs of calls.

All of CUDA is reached through `api`, which is `torch.cuda`; the tests put a stand-in there, with a clock that runs
behind the host's, a queue that fills, a memory that ends, and a driver that fails and stays so.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any

import torch

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices.device import Call, Memory, Peaks
from cnncalc.pytorch.bench.devices.host import Clock
from cnncalc.pytorch.bench.devices.kernels import Profile, count_kernels, cuda_profile
from cnncalc.pytorch.bench.devices.sensors import Sensors, open_nvml
from cnncalc.pytorch.bench.devices.system import cudnn_version, driver_version, shares_memory
from cnncalc.pytorch.bench.faults import CaptureError
from cnncalc.pytorch.bench.settings import Settings

TENSOR_CORES = {"tf32": (8, 0), "bf16": (8, 0)}  # compute capability from which a type is the hardware's own
CYCLES_A_SECOND = 2_000_000_000  # of a clock that this PyTorch does not know
WARM_CALLS = 3  # before a capture, as PyTorch's documentation has it
REQUESTED = "requested_bytes.all"  # what tensors asked for, without the allocator's rounding
SHARED_GUARD = 0.8  # of the free memory, where it is also the host's
LEAST_CLEARED = 1 << 25  # bytes that are written to clear a cache whose size is not known


class Cuda:
    """One CUDA device, by number."""

    largest_matrix = 16384
    copied_bytes = 1 << 30
    queues = True
    most_numbers: int | None = 2**31 - 1  # many kernels of PyTorch and cuDNN index with 32 bits

    def __init__(
        self,
        index: int = 0,
        api: Any = torch.cuda,  # noqa: ANN401
        place: str | None = None,
        clock: Clock = time.perf_counter,
        nvml: Any = None,  # noqa: ANN401
        profile: Profile = cuda_profile,
    ) -> None:
        self.name = f"cuda:{index}"
        self.place = place or self.name
        self._api = api
        self._index = index
        self._clock = clock
        self._profile = profile
        self._properties = api.get_device_properties(index)
        self.cache: int | None = getattr(self._properties, "L2_cache_size", None) or None
        self.guard = SHARED_GUARD if shares_memory(self._properties) else None  # else what does not fit is refused
        uuid = getattr(self._properties, "uuid", None)
        self._cycles = 1000 * (getattr(self._properties, "clock_rate", 0) or 0)  # a second, at the highest clock
        self._nvml = open_nvml(None if uuid is None else str(uuid), nvml)
        self._clearing: torch.Tensor | None = None

    def prepare(self, settings: Settings) -> None:
        """Set the precision of float32 products, and let cuDNN try its algorithms: sizes do not change here."""
        needed = TENSOR_CORES.get(settings.dtype)
        if needed is not None and tuple(self._api.get_device_capability(self._index)) < needed:
            raise UsageError(f"{self.name} ({self._model()}) has no {settings.dtype}: use --dtype fp16 or fp32")
        self._api.set_device(self._index)
        allowed = settings.dtype == "tf32"
        torch.set_float32_matmul_precision("high" if allowed else "highest")
        torch.backends.cudnn.allow_tf32 = allowed
        torch.backends.cudnn.benchmark = True

    def facts(self) -> Mapping[str, str]:
        """The model, its memory and capability, the driver, the libraries, what NVML tells."""
        found = {
            "device": self._model(),
            "memory": f"{self._properties.total_memory / 2**30:.1f} GiB",
            "capability": ".".join(map(str, self._api.get_device_capability(self._index))),
            "multiprocessors": str(self._properties.multi_processor_count),
            "l2": "" if self.cache is None else f"{self.cache / 2**20:.0f} MiB",
            "driver": driver_version(),
            "cuda": torch.version.cuda or torch.version.hip or "",
            "cudnn": cudnn_version(),
            "threads": str(torch.get_num_threads()),
            **(self._nvml.facts() if self._nvml is not None else {}),
        }
        return {name: value for name, value in found.items() if value}

    def sensors(self) -> Sensors | None:
        """By NVML, where it is installed."""
        return None if self._nvml is None else self._nvml.read()

    def now(self) -> float:
        """The host's clock."""
        return self._clock()

    def wait(self) -> None:
        """Until all that was queued is done."""
        self._api.synchronize(self._index)

    def answers(self) -> bool:
        """Whether a small piece of work still succeeds: after an illegal access none ever does in this process."""
        try:
            self.wait()
            torch.zeros(1, device=self.place).add_(1)
            self.wait()
        except RuntimeError:
            return False
        return True

    def durations(self, call: Call, calls: int, count: int) -> list[float]:
        """By events between samples that follow each other without a wait, so that the device never runs dry."""
        self.wait()
        marks = [self.mark()]
        for _ in range(count):
            for _ in range(calls):
                call()
            marks.append(self.mark())
        return [seconds / calls for seconds in self.between(marks)]

    def mark(self) -> object:
        """An event behind the work queued so far."""
        event = self._api.Event(enable_timing=True)
        event.record()
        return event

    def between(self, marks: Sequence[Any]) -> list[float]:
        """Events count milliseconds."""
        self.wait()
        return [sooner.elapsed_time(later) / 1e3 for sooner, later in pairwise(marks)]

    def head_start(self, seconds: float) -> None:
        """Let the device sleep, where this PyTorch can: so long at its highest clock, longer at a lower one."""
        sleep = getattr(self._api, "_sleep", None)
        if sleep is not None:
            sleep(int(seconds * (self._cycles or CYCLES_A_SECOND)))

    def clear_cache(self) -> None:
        """Write twice as many bytes as the L2 holds."""
        if self._clearing is None:
            size = max(2 * (self.cache or 0), LEAST_CLEARED)
            self._clearing = torch.empty(size, dtype=torch.uint8, device=self.place)
        self._clearing.zero_()

    def memory(self) -> Memory | None:
        """Free of the device, and what this process's allocator keeps but nobody holds."""
        free, total = self._api.mem_get_info(self._index)
        idle = self._api.memory_reserved(self._index) - self._api.memory_allocated(self._index)
        return Memory(free + idle, total)

    def peak(self, call: Call) -> int | None:
        """By the allocator: tensors and what libraries take through it for the time of a call."""
        self.wait()
        self._api.reset_peak_memory_stats(self._index)
        before = self._api.memory_stats(self._index).get(f"{REQUESTED}.current")
        call()
        self.wait()
        peak = self._api.memory_stats(self._index).get(f"{REQUESTED}.peak")
        return None if before is None or peak is None else int(peak - before)

    def begin_peaks(self) -> None:
        """The allocator begins anew."""
        self._api.reset_peak_memory_stats(self._index)

    def peaks(self) -> Peaks | None:
        """The allocator's peaks without the buffer that clears the L2, and what of the device lies beyond it."""
        free, total = self._api.mem_get_info(self._index)
        reserved = int(self._api.memory_reserved(self._index))
        clearing = 0 if self._clearing is None else self._clearing.nbytes
        return Peaks(
            max(0, int(self._api.max_memory_allocated(self._index)) - clearing),
            max(0, int(self._api.max_memory_reserved(self._index)) - clearing),
            max(0, total - free - reserved),
            reserved - int(self._api.memory_allocated(self._index)),
        )

    def release(self) -> None:
        """Break the cycles that hold tensors, and give the allocator's idle blocks back.

        After a fault that stays, every call to CUDA raises it again: it has been reported, and must not replace that
        report.
        """
        self._clearing = None
        gc.collect()
        with suppress(RuntimeError):
            self._api.empty_cache()

    @contextmanager
    def without_algorithm_search(self) -> Iterator[None]:
        """Without cuDNN's search, which runs every algorithm at each new batch."""
        before = torch.backends.cudnn.benchmark
        torch.backends.cudnn.benchmark = False
        try:
            yield
        finally:
            torch.backends.cudnn.benchmark = before

    def captured(self, call: Call) -> Call:
        """One graph of the call, captured after warm calls on a stream aside, as PyTorch's documentation has it.

        Raises:
            CaptureError: the call cannot be captured, or memory ended; from what was raised.
        """
        aside = self._api.Stream(self._index)
        aside.wait_stream(self._api.current_stream(self._index))
        with self._api.stream(aside):
            for _ in range(WARM_CALLS):
                call()
        self._api.current_stream(self._index).wait_stream(aside)
        graph = self._api.CUDAGraph()
        try:
            with self._api.graph(graph):
                call()
        except RuntimeError as error:
            raise CaptureError(str(error)) from error
        replay: Call = graph.replay
        return replay

    def kernels(self, call: Call) -> int | None:
        """By the profiler."""
        return count_kernels(call, self.wait, self._profile)

    def _model(self) -> str:
        return str(self._api.get_device_name(self._index))
