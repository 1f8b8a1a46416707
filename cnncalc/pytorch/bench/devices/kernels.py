"""Count the kernels that a call launches, with PyTorch's profiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.pytorch.bench.devices.device import Call

NO_KERNEL = ("memcpy", "memset")  # prefixes of the profiler's events for copies
Profile = Callable[[], Any]


def cuda_profile() -> Any:  # noqa: ANN401
    """A profiler that records only the device."""
    from torch.profiler import ProfilerActivity, profile

    return profile(activities=[ProfilerActivity.CUDA])


def count_kernels(call: Call, wait: Call, profile: Profile = cuda_profile) -> int | None:
    """The number of kernels of one call; None if the profiler may not run (permissions, another profiler) or sees none.

    The profiler hooks into the driver, so use it only after everything that is timed.
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
