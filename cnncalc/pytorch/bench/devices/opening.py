"""A device by its name, made sure to be there."""

from __future__ import annotations

from cnncalc.pytorch.bench.devices.device import Device, parse_device


def open_device(text: str, index: int | None = None) -> Device:
    """The device of a name, made sure to be there; `index` is taken where the name has none.

    Raises:
        UsageError: it is not there; how to fix that.
    """
    kind, named = parse_device(text)
    if kind == "cuda":
        from cnncalc.pytorch.bench.devices.cuda import open_cuda

        return open_cuda(named if named is not None else index or 0)
    if kind == "mps":
        from cnncalc.pytorch.bench.devices.mps import open_mps

        return open_mps()
    from cnncalc.pytorch.bench.devices.cpu import Cpu

    return Cpu()
