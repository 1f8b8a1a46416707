"""The FLOP/s of dense matrix products from NVIDIA's data sheets, without sparsity, at the boost clock.

If a sheet gives only the rate with sparsity, the table has half of it. The figures do not apply to a part of a device
(MIG), which has less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.pytorch.bench.settings import Dtype


class Sheet(NamedTuple):
    """TFLOP/s by data type; None if the hardware has no such unit."""

    fp32: float
    tf32: float | None
    half: float  # fp16 and bf16, accumulated in float32
    bf16: bool = True


# The words of a device's name → its sheet; the first entry with words that all occur in the name applies.
SHEETS: tuple[tuple[tuple[str, ...], Sheet], ...] = (
    (("GB200",), Sheet(80, 1250, 2500)),
    (("B200",), Sheet(75, 1125, 2250)),
    (("GH200",), Sheet(67, 494.7, 989.5)),
    (("H200", "NVL"), Sheet(60, 417.5, 835.5)),
    (("H200",), Sheet(67, 494.7, 989.5)),
    (("H100", "NVL"), Sheet(60, 417.5, 835.5)),
    (("H100", "PCIe"), Sheet(51, 378, 756)),
    (("H100",), Sheet(67, 494.7, 989.5)),
    (("H800",), Sheet(67, 494.7, 989.5)),
    (("A100",), Sheet(19.5, 156, 312)),
    (("A800",), Sheet(19.5, 156, 312)),
    (("A30",), Sheet(10.3, 82, 165)),
    (("A40",), Sheet(37.4, 74.8, 149.7)),
    (("A10G",), Sheet(31.2, 35, 70)),
    (("A10",), Sheet(31.2, 62.5, 125)),
    (("A6000",), Sheet(38.7, 77.4, 154.8)),
    (("L40S",), Sheet(91.6, 183, 362)),
    (("L40",), Sheet(90.5, 90.5, 181)),
    (("L4",), Sheet(30.3, 60, 121)),
    (("4090",), Sheet(82.6, 82.6, 165.2)),
    (("3090",), Sheet(35.6, 35.6, 71)),
    (("V100", "SXM2"), Sheet(15.7, None, 125, bf16=False)),
    (("V100", "PCIE"), Sheet(14, None, 112, bf16=False)),
    (("T4",), Sheet(8.1, None, 65, bf16=False)),
)


def sheet_rate(facts: Mapping[str, str], dtype: Dtype) -> float | None:
    """FLOP/s of a device, by its name in `facts`; None if its sheet is not in the table, or for a part of a device."""
    if facts.get("mig") == "on" or "MIG" in facts.get("device", ""):
        return None
    words = facts.get("device", "").upper().replace("-", " ").split()
    for names, sheet in SHEETS:
        if all(name.upper() in words for name in names):
            return _rate(sheet, dtype)
    return None


def _rate(sheet: Sheet, dtype: Dtype) -> float | None:
    rates = {
        "fp32": sheet.fp32,
        "tf32": sheet.tf32,
        "fp16": sheet.half,
        "bf16": sheet.half if sheet.bf16 else None,
    }
    rate = rates[dtype]
    return None if rate is None else rate * 1e12
