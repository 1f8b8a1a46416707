"""The FLOP/s of dense matrix products that the data sheet of a device gives."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.devices.catalog import device_named
from cnncalc.pytorch.bench.settings import Dtype


def sheet_rate(facts: Mapping[str, str], dtype: Dtype) -> float | None:
    """FLOP/s of a device, by its name in `facts`; None if its sheet is not known, or for a part of a device (MIG)."""
    if facts.get("mig") == "on" or "MIG" in facts.get("device", ""):
        return None
    device = device_named(facts.get("device", ""))
    return None if device is None else device.peak(dtype)
