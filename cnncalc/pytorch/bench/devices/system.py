"""What the system tells of CUDA devices: the driver, cuDNN, which of them are visible, whether memory is the host's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

KERNEL = Path("/proc/sys/kernel/osrelease")
DRIVER = Path("/proc/driver/nvidia/version")


def driver_version(path: Path = DRIVER) -> str:
    """The version of NVIDIA's driver, where the system tells: the first word of its line that begins like 570.86."""
    try:
        words = path.read_text("utf-8").split()
    except OSError:
        return ""
    return next((word for word in words if word[:1].isdigit() and word.count(".") in (1, 2)), "")


def cudnn_version() -> str:
    """cuDNN's number, "91002"; empty where it is missing or not the one that PyTorch was built for."""
    try:
        return str(torch.backends.cudnn.version() or "")  # type: ignore[no-untyped-call]
    except (RuntimeError, OSError, ImportError):
        return ""


def shares_memory(properties: Any, kernel: Path = KERNEL, system: str = os.name) -> bool:  # noqa: ANN401
    """Whether too large a batch takes the host's memory in place of being refused.

    So it is on devices that are part of the processor (Jetson, GB10), and under Windows and WSL, whose driver moves
    what does not fit into the system's memory.
    """
    if getattr(properties, "is_integrated", 0) or system == "nt":
        return True
    try:
        return "microsoft" in kernel.read_text("utf-8").lower()
    except OSError:
        return False


def visible_devices(environment: Mapping[str, str] = os.environ) -> str | None:
    """What CUDA_VISIBLE_DEVICES says; None where it is not set."""
    return environment.get("CUDA_VISIBLE_DEVICES")


def hides_all_devices(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether CUDA_VISIBLE_DEVICES hides every device: empty, or -1 first."""
    visible = visible_devices(environment)
    return visible is not None and (not visible.strip() or visible.strip().startswith("-"))


def shows_one_device(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether CUDA_VISIBLE_DEVICES names one device, as SLURM gives each rank its own."""
    visible = visible_devices(environment)
    return (
        visible is not None
        and len([part for part in visible.split(",") if part.strip()]) == 1
        and not hides_all_devices(environment)
    )
