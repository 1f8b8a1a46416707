"""The processor as a device."""

from __future__ import annotations

import gc
import platform
from collections.abc import Mapping
from pathlib import Path

import torch

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices.device import Call, Memory
from cnncalc.pytorch.bench.devices.host import HostClock
from cnncalc.pytorch.bench.settings import Settings

KIB = 1024
CGROUP = Path("/sys/fs/cgroup")


class Cpu(HostClock):
    """Work is done when a call returns, and no allocator keeps count."""

    name = "cpu"
    place = "cpu"
    largest_matrix = 4096
    copied_bytes = 1 << 28
    guard: float | None = (
        0.6  # libraries take memory that is not counted, and beyond the last byte the system ends the process
    )

    def prepare(self, settings: Settings) -> None:
        """Refuse what is CUDA's alone."""
        settings.refuse_cuda()
        if settings.dtype == "tf32":
            raise UsageError("tf32 is a mode of CUDA devices: use --dtype fp32 or bf16 on cpu")

    def facts(self) -> Mapping[str, str]:
        """The processor, and the threads that PyTorch runs on."""
        return {"device": processor(), "threads": str(torch.get_num_threads())}

    def memory(self) -> Memory | None:
        """The memory that the system, or the container, has left."""
        return system_memory()

    def peak(self, call: Call) -> int | None:
        """No allocator counts here; what can be told is what the tensors take."""
        return None

    def release(self) -> None:
        """Break the cycles that hold tensors."""
        gc.collect()

    def captured(self, call: Call) -> Call:
        """There are no graphs."""
        raise UsageError("--cuda-graph needs --device cuda")


def processor() -> str:
    """The name of the processor, as well as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def system_memory(meminfo: Path = Path("/proc/meminfo"), cgroup: Path = CGROUP) -> Memory | None:
    """Free and total bytes of the system, or of the container where that has less."""
    try:
        lines = meminfo.read_text("utf-8").splitlines()
        sizes = {name: int(rest.split()[0]) * KIB for name, _, rest in (line.partition(":") for line in lines)}
        found = Memory(sizes["MemAvailable"], sizes["MemTotal"])
    except (OSError, KeyError, ValueError, IndexError):
        return None
    try:
        limit = int((cgroup / "memory.max").read_text("utf-8"))
        used = int((cgroup / "memory.current").read_text("utf-8"))
    except (OSError, ValueError):  # no container, or no limit ("max")
        return found
    return Memory(min(found.free, max(0, limit - used)), min(found.total, limit))
