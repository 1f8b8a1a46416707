"""Measure the two ceilings of the roofline: the rate of a matrix product and the bandwidth of a copy."""

from __future__ import annotations

import torch

from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.roofline.bounds import Ceilings

SMALLEST_MATRIX = 512
LONG = 0.03  # seconds of one product above which larger ones are not tried
ROOM = 8  # a tensor takes at most 1/ROOM of the free memory
SECONDS = 0.3  # to measure one size


def measure_ceilings(device: Device, dtype: torch.dtype) -> Ceilings:
    """Measure the ceilings for a data type on random numbers, since zeros draw less power and run faster."""
    ceilings = Ceilings(matrix_rate(device, dtype), bandwidth(device))
    device.release()
    return ceilings


def matrix_rate(device: Device, dtype: torch.dtype) -> float:
    """FLOP/s of the product of two square matrices, at the fastest size."""
    best, size = 0.0, SMALLEST_MATRIX
    while size <= device.largest_matrix and 3 * size * size * dtype.itemsize <= room(device):
        left, right = (torch.randn(size, size, device=device.place).to(dtype) for _ in range(2))
        product = torch.empty_like(left)
        seconds = fastest(device, lambda a=left, b=right, out=product: torch.mm(a, b, out=out))  # type: ignore[misc]
        best = max(best, 2 * size**3 / seconds)
        if seconds > LONG:
            break
        size *= 2
    return best


def bandwidth(device: Device) -> float:
    """Bytes per second of a copy within the device, read and written together."""
    size = min(device.copied_bytes, room(device))
    source = torch.randn(size // 4, device=device.place)
    target = torch.empty_like(source)
    return 2 * source.nbytes / fastest(device, lambda: target.copy_(source))


def fastest(device: Device, call: Call) -> float:
    """The fewest seconds that a call takes: a ceiling is the best rate, not the usual one."""
    device.durations(call, 1, 2)
    (once,) = device.durations(call, 1, 1)
    calls = max(1, int(SECONDS / 10 / max(once, 1e-9)))
    return min(device.durations(call, calls, 10 if once < SECONDS else 3))


def room(device: Device) -> int:
    """Bytes that one tensor may take."""
    memory = device.memory()
    return device.copied_bytes if memory is None else memory.free // ROOM
