"""A CUDA device: times by events, memory by the allocator's statistics, graphs of calls.

CUDA is accessed only through `api`, which is `torch.cuda`; the tests pass a fake with a clock that lags behind the
host's, a queue that fills up, memory that runs out, and a driver that fails and does not recover.
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

TENSOR_CORES = {"tf32": (8, 0), "bf16": (8, 0)}  # the lowest compute capability with hardware support for a data type
CYCLES_A_SECOND = 2_000_000_000  # assumed if PyTorch does not report the clock rate
WARM_CALLS = 3  # before a capture, as in PyTorch's documentation
REQUESTED = "requested_bytes.all"  # bytes that tensors requested, without the allocator's rounding
SHARED_GUARD = 0.8  # the share of the free memory to use if the host shares it
LEAST_CLEARED = 1 << 25  # bytes to write to clear a cache of unknown size


class Cuda:
    """One CUDA device, identified by its index."""

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
        self.guard = SHARED_GUARD if shares_memory(self._properties) else None  # None: CUDA refuses what won't fit
        uuid = getattr(self._properties, "uuid", None)
        self._cycles = 1000 * (getattr(self._properties, "clock_rate", 0) or 0)  # per second, at the highest clock
        self._nvml = open_nvml(None if uuid is None else str(uuid), nvml)
        self._clearing: torch.Tensor | None = None

    def prepare(self, settings: Settings) -> None:
        """Set the precision of float32 products, and enable cuDNN's algorithm search, since sizes do not change.

        Raises:
            UsageError: the device does not support the data type.
        """
        needed = TENSOR_CORES.get(settings.dtype)
        if needed is not None and tuple(self._api.get_device_capability(self._index)) < needed:
            raise UsageError(f"{self.name} ({self._model()}) has no {settings.dtype}: use --dtype fp16 or fp32")
        self._api.set_device(self._index)
        allowed = settings.dtype == "tf32"
        torch.set_float32_matmul_precision("high" if allowed else "highest")
        torch.backends.cudnn.allow_tf32 = allowed
        torch.backends.cudnn.benchmark = True

    def facts(self) -> Mapping[str, str]:
        """The model, its memory and compute capability, the versions of driver and libraries, and NVML's facts."""
        facts = {
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
        return {name: value for name, value in facts.items() if value}

    def sensors(self) -> Sensors | None:
        """A reading through NVML; None if it is not installed."""
        return None if self._nvml is None else self._nvml.read()

    def now(self) -> float:
        """Seconds by the host's clock."""
        return self._clock()

    def wait(self) -> None:
        """Wait until all queued work is done."""
        self._api.synchronize(self._index)

    def answers(self) -> bool:
        """Whether a small operation still succeeds; after an illegal memory access none does in this process."""
        try:
            self.wait()
            torch.zeros(1, device=self.place).add_(1)
            self.wait()
        except RuntimeError:
            return False
        return True

    def durations(self, call: Call, calls: int, count: int) -> list[float]:
        """Seconds per call, by events between samples queued without waiting, so that the device is never idle."""
        self.wait()
        marks = [self.mark()]
        for _ in range(count):
            for _ in range(calls):
                call()
            marks.append(self.mark())
        return [seconds / calls for seconds in self.between(marks)]

    def mark(self) -> object:
        """An event after the work queued so far."""
        event = self._api.Event(enable_timing=True)
        event.record()
        return event

    def between(self, marks: Sequence[Any]) -> list[float]:
        """Seconds from each event to the next, converted from milliseconds."""
        self.wait()
        return [sooner.elapsed_time(later) / 1e3 for sooner, later in pairwise(marks)]

    def head_start(self, seconds: float) -> None:
        """Let the device sleep, if PyTorch supports it, for `seconds` at its highest clock; longer at a lower one."""
        sleep = getattr(self._api, "_sleep", None)
        if sleep is not None:
            sleep(int(seconds * (self._cycles or CYCLES_A_SECOND)))

    def clear_cache(self) -> None:
        """Overwrite the L2 cache by writing twice its size."""
        if self._clearing is None:
            size = max(2 * (self.cache or 0), LEAST_CLEARED)
            self._clearing = torch.empty(size, dtype=torch.uint8, device=self.place)
        self._clearing.zero_()

    def memory(self) -> Memory | None:
        """Bytes in all, and bytes free: on the device, and in blocks that this process's allocator holds idle."""
        free, total = self._api.mem_get_info(self._index)
        idle = self._api.memory_reserved(self._index) - self._api.memory_allocated(self._index)
        return Memory(free + idle, total)

    def peak(self, call: Call) -> int | None:
        """Peak bytes of a call by the allocator: tensors, and what libraries allocate through it during the call."""
        self.wait()
        self._api.reset_peak_memory_stats(self._index)
        before = self._api.memory_stats(self._index).get(f"{REQUESTED}.current")
        call()
        self.wait()
        peak = self._api.memory_stats(self._index).get(f"{REQUESTED}.peak")
        return None if before is None or peak is None else int(peak - before)

    def begin_peaks(self) -> None:
        """Reset the allocator's peak statistics."""
        self._api.reset_peak_memory_stats(self._index)

    def peaks(self) -> Peaks | None:
        """The allocator's peaks, excluding the buffer that clears the L2, and the memory used outside it."""
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
        """Collect the reference cycles that hold tensors, and release the allocator's idle blocks.

        After a permanent fault every call to CUDA raises it again. It has been reported already, and must not replace
        that report.
        """
        self._clearing = None
        gc.collect()
        with suppress(RuntimeError):
            self._api.empty_cache()

    @contextmanager
    def without_algorithm_search(self) -> Iterator[None]:
        """Disable cuDNN's algorithm search, which runs every algorithm at each new batch, within the context."""
        before = torch.backends.cudnn.benchmark
        torch.backends.cudnn.benchmark = False
        try:
            yield
        finally:
            torch.backends.cudnn.benchmark = before

    def captured(self, call: Call) -> Call:
        """The call as a CUDA graph, captured after warm calls on a side stream, as in PyTorch's documentation.

        Raises:
            CaptureError: the call cannot be captured, or memory ran out; its cause is the original exception.
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
        """The number of kernels that a call launches, by the profiler; None if it is not permitted."""
        return count_kernels(call, self.wait, self._profile)

    def _model(self) -> str:
        return str(self._api.get_device_name(self._index))
