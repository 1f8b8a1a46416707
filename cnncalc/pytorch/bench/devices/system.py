"""What the system says about CUDA devices: driver, cuDNN, visible devices, whether they share the host's memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

KERNEL = Path("/proc/sys/kernel/osrelease")
DRIVER = Path("/proc/driver/nvidia/version")


def driver_version(path: Path = DRIVER) -> str:
    """The version of NVIDIA's driver: the first word of the system's file that looks like 570.86; empty if unknown."""
    try:
        words = path.read_text("utf-8").split()
    except OSError:
        return ""
    return next((word for word in words if word[:1].isdigit() and word.count(".") in (1, 2)), "")


def cudnn_version() -> str:
    """cuDNN's version, such as "91002"; empty if it is missing or not the one that PyTorch was built for."""
    try:
        return str(torch.backends.cudnn.version() or "")  # type: ignore[no-untyped-call]
    except (RuntimeError, OSError, ImportError):
        return ""


def shares_memory(properties: Any, kernel: Path = KERNEL, system: str = os.name) -> bool:  # noqa: ANN401
    """Whether a batch that is too large takes the host's memory instead of being refused.

    This is so on devices that are integrated with the processor (Jetson, GB10), and under Windows and WSL, where the
    driver moves what does not fit into the system's memory.
    """
    if getattr(properties, "is_integrated", 0) or system == "nt":
        return True
    try:
        return "microsoft" in kernel.read_text("utf-8").lower()
    except OSError:
        return False


def visible_devices(environment: Mapping[str, str] = os.environ) -> str | None:
    """The value of CUDA_VISIBLE_DEVICES; None if it is not set."""
    return environment.get("CUDA_VISIBLE_DEVICES")


def hides_all_devices(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether CUDA_VISIBLE_DEVICES hides every device: it is empty or starts with -1."""
    visible = visible_devices(environment)
    return visible is not None and (not visible.strip() or visible.strip().startswith("-"))


def shows_one_device(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether CUDA_VISIBLE_DEVICES names exactly one device, as SLURM sets it for each rank."""
    visible = visible_devices(environment)
    return (
        visible is not None
        and len([part for part in visible.split(",") if part.strip()]) == 1
        and not hides_all_devices(environment)
    )
