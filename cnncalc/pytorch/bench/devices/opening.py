"""Open a device by its name, after checking that it is available."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

import torch

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices.device import Device, parse_device
from cnncalc.pytorch.bench.devices.system import hides_all_devices, shows_one_device, visible_devices
from cnncalc.pytorch.bench.faults import faults_of

INSTALL = "install a CUDA build (pytorch.org/get-started), or use --device cpu"


def open_device(text: str, rank: int | None = None) -> Device:
    """Open the device with this name; a CUDA device without an index gets the rank of this process on its machine.

    Raises:
        UsageError: the device is not available; the message says what to do.
    """
    kind, named = parse_device(text)
    if kind == "cuda":
        return open_cuda(named) if named is not None else open_cuda(rank or 0, own=rank is not None)
    if kind == "mps":
        from cnncalc.pytorch.bench.devices.mps import open_mps

        return open_mps()
    from cnncalc.pytorch.bench.devices.cpu import Cpu

    return Cpu()


def open_cuda(
    index: int,
    api: Any = torch.cuda,  # noqa: ANN401
    own: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> Device:
    """Open the CUDA device with this index; `own`: the index is that of a rank, which may see only its own device.

    Raises:
        UsageError: PyTorch is built without CUDA, the driver does not respond, or there is no such device.
    """
    from cnncalc.pytorch.bench.devices.cuda import Cuda

    name = f"cuda:{index}"
    if not built():
        raise UsageError(
            f"{name} is not available: this PyTorch ({torch.__version__}) is built without CUDA: {INSTALL}"
        )
    count = _count_devices(name, api, environment)
    if own and count == 1 and shows_one_device(environment):
        index, name = 0, "cuda:0"
    if index >= count:
        raise UsageError(f"{name} is not available: {_describe_visible(count, environment)}")
    with faults_of(name, "starting it"):
        api.init()
        return Cuda(index, api)


def _count_devices(name: str, api: Any, environment: Mapping[str, str]) -> int:  # noqa: ANN401
    """The number of devices that this process sees; a UsageError if there are none."""
    if hides_all_devices(environment):
        visible = visible_devices(environment)
        raise UsageError(
            f"{name} is not available: CUDA_VISIBLE_DEVICES={visible or '(empty)'} hides every device: unset it"
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        count = int(api.device_count()) if api.is_available() else 0
    if not count:
        reason = f" ({str(caught[0].message).partition('.')[0]})" if caught else ""
        raise UsageError(
            f"{name} is not available: the driver shows no device{reason}: see nvidia-smi, or use --device cpu"
        )
    return count


def _describe_visible(count: int, environment: Mapping[str, str]) -> str:
    names = ", ".join(f"cuda:{i}" for i in range(count))
    visible = visible_devices(environment)
    return f"this machine has {names}" if visible is None else f"CUDA_VISIBLE_DEVICES={visible} leaves {names}"


def built() -> bool:
    """Whether this PyTorch is built with CUDA, or with ROCm, which it exposes under the same name."""
    return bool(torch.version.cuda or torch.version.hip)
