"""A CUDA device: events for time, the allocator's own count for memory, graphs of calls.

All of CUDA is reached through `api`, which is `torch.cuda`; the tests put a stand-in there, with a clock that runs
behind the host's, a memory that ends, and a driver that fails.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices.device import Call, Memory
from cnncalc.pytorch.bench.faults import faults_of
from cnncalc.pytorch.bench.settings import Settings

INSTALL = "install a build for CUDA (pytorch.org/get-started), or take --device cpu"
TENSOR_CORES = {"tf32": (8, 0), "bf16": (8, 0)}  # compute capability from which a type is the hardware's own
CYCLES_A_SECOND = 2_000_000_000  # about what clocks run at: a head start needs no precision
WARM_CALLS = 3  # before a capture, as PyTorch's documentation has it
REQUESTED = "requested_bytes.all"  # what tensors asked for, without the allocator's rounding


class Cuda:
    """One CUDA device, by number."""

    largest_matrix = 16384
    copied_bytes = 1 << 30
    guard: float | None = None  # what does not fit is refused, and nothing is lost

    def __init__(self, index: int = 0, api: Any = torch.cuda, place: str | None = None) -> None:  # noqa: ANN401
        self.name = f"cuda:{index}"
        self.place = place or self.name
        self._api = api
        self._index = index

    def prepare(self, settings: Settings) -> None:
        """Set the precision of float32 products, and let cuDNN try its algorithms: sizes do not change here."""
        needed = TENSOR_CORES.get(settings.dtype)
        if needed is not None and tuple(self._api.get_device_capability(self._index)) < needed:
            raise UsageError(f"{self.name} ({self._model()}) has no {settings.dtype}: take --dtype fp16 or fp32")
        self._api.set_device(self._index)
        allowed = settings.dtype == "tf32"
        torch.set_float32_matmul_precision("high" if allowed else "highest")
        torch.backends.cudnn.allow_tf32 = allowed
        torch.backends.cudnn.benchmark = True

    def facts(self) -> Mapping[str, str]:
        """The model, its memory and capability, the driver, the libraries."""
        properties = self._api.get_device_properties(self._index)
        found = {
            "device": self._model(),
            "memory": f"{properties.total_memory / 2**30:.1f} GiB",
            "capability": ".".join(map(str, self._api.get_device_capability(self._index))),
            "multiprocessors": str(properties.multi_processor_count),
            "driver": driver(),
            "cuda": torch.version.cuda or torch.version.hip or "",
            "cudnn": str(torch.backends.cudnn.version() or ""),  # type: ignore[no-untyped-call]
            "threads": str(torch.get_num_threads()),
        }
        return {name: value for name, value in found.items() if value}

    def durations(self, call: Call, calls: int, count: int) -> list[float]:
        """By events between samples that follow each other without a wait, so that the device never runs dry."""
        self._api.synchronize(self._index)
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
        self._api.synchronize(self._index)
        return [sooner.elapsed_time(later) / 1e3 for sooner, later in pairwise(marks)]

    def head_start(self, seconds: float) -> None:
        """Let the device sleep, where this PyTorch can."""
        sleep = getattr(self._api, "_sleep", None)
        if sleep is not None:
            sleep(int(seconds * CYCLES_A_SECOND))

    def memory(self) -> Memory | None:
        """Free of the device, and what this process's allocator keeps but nobody holds."""
        free, total = self._api.mem_get_info(self._index)
        idle = self._api.memory_reserved(self._index) - self._api.memory_allocated(self._index)
        return Memory(free + idle, total)

    def peak(self, call: Call) -> int | None:
        """By the allocator: tensors and what libraries take through it for the time of a call."""
        self._api.synchronize(self._index)
        self._api.reset_peak_memory_stats(self._index)
        before = self._api.memory_stats(self._index).get(f"{REQUESTED}.current")
        call()
        self._api.synchronize(self._index)
        peak = self._api.memory_stats(self._index).get(f"{REQUESTED}.peak")
        return None if before is None or peak is None else int(peak - before)

    def release(self) -> None:
        """Break the cycles that hold tensors, and give the allocator's idle blocks back."""
        gc.collect()
        self._api.empty_cache()

    def captured(self, call: Call) -> Call:
        """One graph of the call, captured after warm calls on a stream aside, as PyTorch's documentation has it."""
        aside = self._api.Stream(self._index)
        aside.wait_stream(self._api.current_stream(self._index))
        with self._api.stream(aside):
            for _ in range(WARM_CALLS):
                call()
        self._api.current_stream(self._index).wait_stream(aside)
        graph = self._api.CUDAGraph()
        with self._api.graph(graph):
            call()
        replay: Call = graph.replay
        return replay

    def _model(self) -> str:
        return str(self._api.get_device_name(self._index))


def open_cuda(index: int, api: Any = torch.cuda) -> Cuda:  # noqa: ANN401
    """The device of this number.

    Raises:
        UsageError: PyTorch is built without CUDA, the driver does not answer, or there are fewer.
    """
    name = f"cuda:{index}"
    if not built():
        raise UsageError(f"no {name}: this PyTorch ({torch.__version__}) is built without CUDA: {INSTALL}")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        there = api.is_available()
        count = api.device_count() if there else 0
    if not there:
        said = f" ({str(told[0].message).partition('.')[0]})" if told else ""
        raise UsageError(f"no {name}: the driver shows no device{said}: see nvidia-smi, or take --device cpu")
    if index >= count:
        raise UsageError(f"no {name}: this machine has {', '.join(f'cuda:{i}' for i in range(count))}")
    with faults_of(name, "starting it"):
        api.init()
    return Cuda(index, api)


def built() -> bool:
    """Whether this PyTorch can speak to CUDA (or ROCm, which answers to the same name)."""
    return bool(torch.version.cuda or torch.version.hip)


def driver(path: Path = Path("/proc/driver/nvidia/version")) -> str:
    """The version of NVIDIA's driver, where the system tells: the first word of its line that begins like 570.86."""
    try:
        words = path.read_text("utf-8").split()
    except OSError:
        return ""
    return next((word for word in words if word[:1].isdigit() and word.count(".") in (1, 2)), "")
