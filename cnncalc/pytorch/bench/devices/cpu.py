"""The CPU as a device."""

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
    """The CPU: work is done when a call returns, and no allocator keeps statistics."""

    name = "cpu"
    place = "cpu"
    largest_matrix = 4096
    copied_bytes = 1 << 28
    guard: float | None = (
        0.6  # libraries allocate memory that is not counted, and the system kills a process that runs out of it
    )

    def prepare(self, settings: Settings) -> None:
        """Refuse settings that only CUDA supports, with a UsageError."""
        settings.refuse_cuda()
        if settings.dtype == "tf32":
            raise UsageError("tf32 is a mode of CUDA devices: use --dtype fp32 or bf16 on cpu")

    def facts(self) -> Mapping[str, str]:
        """The name of the processor, and the number of threads that PyTorch uses."""
        return {"device": processor(), "threads": str(torch.get_num_threads())}

    def memory(self) -> Memory | None:
        """Free and total bytes of the system, or of the container."""
        return system_memory()

    def peak(self, call: Call) -> int | None:
        """None: no allocator keeps statistics here."""
        return None

    def release(self) -> None:
        """Collect the reference cycles that hold tensors."""
        gc.collect()

    def captured(self, call: Call) -> Call:
        """Refuse: the CPU has no graphs."""
        raise UsageError("--cuda-graph needs --device cuda")


def processor() -> str:
    """The name of the processor, as precise as the system reports it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def system_memory(meminfo: Path = Path("/proc/meminfo"), cgroup: Path = CGROUP) -> Memory | None:
    """Free and total bytes of the system, or of the container if it has less; None if unknown."""
    try:
        lines = meminfo.read_text("utf-8").splitlines()
        sizes = {name: int(rest.split()[0]) * KIB for name, _, rest in (line.partition(":") for line in lines)}
        memory = Memory(sizes["MemAvailable"], sizes["MemTotal"])
    except (OSError, KeyError, ValueError, IndexError):
        return None
    try:
        limit = int((cgroup / "memory.max").read_text("utf-8"))
        used = int((cgroup / "memory.current").read_text("utf-8"))
    except (OSError, ValueError):  # no container, or no limit ("max")
        return memory
    return Memory(min(memory.free, max(0, limit - used)), min(memory.total, limit))
