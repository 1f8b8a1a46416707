"""How many kernels a call launches, by PyTorch's profiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.pytorch.bench.devices.device import Call

NO_KERNEL = ("memcpy", "memset")  # how the profiler's events of copies begin
Profile = Callable[[], Any]


def cuda_profile() -> Any:  # noqa: ANN401
    """A profiler of the device alone."""
    from torch.profiler import ProfilerActivity, profile

    return profile(activities=[ProfilerActivity.CUDA])


def count_kernels(call: Call, wait: Call, profile: Profile = cuda_profile) -> int | None:
    """Kernels of one call; None where the profiler is not allowed to look (permissions, another profiler).

    The profiler hooks itself into the driver: it belongs behind all that is timed.
    """
    try:
        wait()
        with profile() as watched:
            call()
            wait()
        events = list(watched.events())
    except RuntimeError:
        return None
    kernels = [event for event in events if "CUDA" in str(event.device_type)]
    return sum(not event.name.lower().startswith(NO_KERNEL) for event in kernels) or None
