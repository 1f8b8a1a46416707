"""Apple's GPU, timed by the host's clock."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

import torch

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices.cpu import processor
from cnncalc.pytorch.bench.devices.device import Call, Memory
from cnncalc.pytorch.bench.devices.host import HostClock
from cnncalc.pytorch.bench.settings import Settings


class Mps(HostClock):
    """Metal through `api`, which is `torch.mps`; it shares the machine's memory."""

    name = "mps"
    place = "mps"
    largest_matrix = 8192
    copied_bytes = 1 << 28
    guard: float | None = 0.8
    most_numbers: int | None = 2**31 - 1  # Metal's kernels index with 32 bits

    def __init__(self, api: Any = torch.mps) -> None:  # noqa: ANN401
        super().__init__(api.synchronize)
        self._api = api

    def prepare(self, settings: Settings) -> None:
        """Refuse settings that Metal does not support, with a UsageError."""
        settings.refuse_cuda()
        if settings.dtype == "bf16" and not bf16_on_metal():
            raise UsageError("bf16 on mps needs macOS 14: use --dtype fp16")
        if settings.dtype == "tf32":
            raise UsageError("tf32 is a mode of CUDA devices: use --dtype fp32 or fp16 on mps")

    def facts(self) -> Mapping[str, str]:
        """The name of the chip, and the number of threads that PyTorch uses."""
        return {"device": f"{processor()} (mps)", "threads": str(torch.get_num_threads())}

    def memory(self) -> Memory | None:
        """The total that Metal recommends, and how much of it is free, in bytes."""
        total = int(self._api.recommended_max_memory())
        return Memory(max(0, total - int(self._api.driver_allocated_memory())), total)

    def peak(self, call: Call) -> int | None:
        """None: Metal keeps no peak."""
        return None

    def release(self) -> None:
        """Collect the reference cycles that hold tensors, and release idle blocks."""
        gc.collect()
        self._api.empty_cache()

    def captured(self, call: Call) -> Call:
        """Refuse: Metal has no graphs."""
        raise UsageError("--cuda-graph needs --device cuda")


def bf16_on_metal() -> bool:
    """Whether this version of macOS supports bfloat16."""
    return bool(torch.backends.mps.is_macos_or_newer(14, 0))


def open_mps() -> Mps:
    """Apple's GPU.

    Raises:
        UsageError: it is not available.
    """
    if not torch.backends.mps.is_built():
        raise UsageError("mps is not available: this PyTorch is built without Apple's Metal: use --device cpu")
    if not torch.backends.mps.is_available():
        raise UsageError("mps is not available: it needs an Apple GPU and macOS 12.3 or later: use --device cpu")
    return Mps()
