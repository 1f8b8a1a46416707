"""Read a device's clock, power, temperature and throttle reasons with NVIDIA's management library.

Install it with `pip install nvidia-ml-py`; without it, or if a query fails, the readings are None.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

SM_CLOCK = 1  # NVML_CLOCK_SM
GPU_TEMPERATURE = 0  # NVML_TEMPERATURE_GPU
# Bits of nvmlDeviceGetCurrentClocksEventReasons that throttle the clock; being idle and a fixed clock do not count.
REASONS = (
    (0x004, "power cap"),
    (0x008, "hardware slowdown"),
    (0x020, "temperature (driver)"),
    (0x040, "temperature (hardware)"),
    (0x080, "power brake"),
    (0x100, "display clock"),
)


class Sensors(NamedTuple):
    """One reading: MHz of the multiprocessors, watts, °C, reasons that throttle the clock; None if unknown."""

    clock: int | None
    power: float | None
    temperature: int | None
    throttled: tuple[str, ...] | None = ()


class Nvml:
    """One device of the library, looked up by the UUID that PyTorch reports."""

    def __init__(self, library: Any, uuid: str) -> None:  # noqa: ANN401
        self._library = library
        library.nvmlInit()
        self._handle = library.nvmlDeviceGetHandleByUUID(uuid if uuid.startswith(("GPU-", "MIG-")) else f"GPU-{uuid}")

    def read(self) -> Sensors:
        """Read the sensors."""
        milliwatts = self._ask("nvmlDeviceGetPowerUsage")
        return Sensors(
            self._ask("nvmlDeviceGetClockInfo", SM_CLOCK),
            None if milliwatts is None else milliwatts / 1e3,
            self._ask("nvmlDeviceGetTemperature", GPU_TEMPERATURE),
            self._throttle_reasons(),
        )

    def facts(self) -> Mapping[str, str]:
        """Power limit, highest clock, error-correcting memory (ECC) and partitioning (MIG), as far as known."""
        limit, clock = self._ask("nvmlDeviceGetEnforcedPowerLimit"), self._ask("nvmlDeviceGetMaxClockInfo", SM_CLOCK)
        ecc, mig = self._ask("nvmlDeviceGetEccMode"), self._ask("nvmlDeviceGetMigMode")
        facts = {
            "power limit": None if limit is None else f"{limit / 1e3:.0f} W",
            "highest SM clock": None if clock is None else f"{clock} MHz",
            "ecc": None if ecc is None else "on" if ecc[0] else "off",
            "mig": None if mig is None else "on" if mig[0] else "off",
        }
        return {name: text for name, text in facts.items() if text is not None}

    def _throttle_reasons(self) -> tuple[str, ...] | None:
        bits = self._ask("nvmlDeviceGetCurrentClocksEventReasons")
        if bits is None:
            bits = self._ask("nvmlDeviceGetCurrentClocksThrottleReasons")  # the name in older versions
        return None if bits is None else tuple(reason for bit, reason in REASONS if bits & bit)

    def _ask(self, name: str, *arguments: object) -> Any:  # noqa: ANN401
        """Call one function of the library; None if the library or the device does not support it."""
        function: Callable[..., Any] | None = getattr(self._library, name, None)
        if function is None:
            return None
        try:
            return function(self._handle, *arguments)
        except self._library.NVMLError:
            return None


def open_nvml(uuid: str | None, library: Any = None) -> Nvml | None:  # noqa: ANN401
    """The device with this UUID; None if the library is not installed or does not know it."""
    if not uuid:
        return None
    try:
        library = library or importlib.import_module("pynvml")
        return Nvml(library, uuid)
    except Exception:  # the library is optional: a broken one must not fail the benchmark
        return None
