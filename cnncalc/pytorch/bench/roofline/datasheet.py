"""The FLOP/s of dense matrix products that the data sheet of a device gives."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.devices.catalog import device_named
from cnncalc.devices.device import Device
from cnncalc.pytorch.bench.settings import Dtype

COMPLETE = ("all figures", "all rates")  # what `checked` says where the rates of all data types are among them


def sheet_rate(facts: Mapping[str, str], dtype: Dtype) -> float | None:
    """FLOP/s of a device, by its name in `facts`; None if its sheet is not known, or for a part of a device (MIG)."""
    device = _device(facts)
    return None if device is None else device.peak(dtype)


def sheet_note(facts: Mapping[str, str], dtype: Dtype) -> list[str]:
    """A note if not all rates of the sheet were compared with another page; none otherwise."""
    device = _device(facts)
    if device is None or device.peak(dtype) is None or any(each in (device.checked or "") for each in COMPLETE):
        return []
    return [f"data sheet of {device.key}: {device.source_text}"]


def _device(facts: Mapping[str, str]) -> Device | None:
    if facts.get("mig") == "on" or "MIG" in facts.get("device", ""):
        return None
    return device_named(facts.get("device", ""))
