"""Element types by PyTorch's names, and their common aliases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from cnncalc.errors import UsageError
from cnncalc.suggest import ask, suggest

Name = TypeVar("Name", bound=str)
WIDTHS = {  # bytes per element
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "int8": 1,
    "uint8": 1,
}
FLOATING = tuple(name for name in WIDTHS if "float" in name)
_OTHER_NAMES = {
    "double": "float64", "fp64": "float64", "f64": "float64",
    "float": "float32", "single": "float32", "fp32": "float32", "f32": "float32",
    "half": "float16", "fp16": "float16", "f16": "float16",
    "bf16": "bfloat16",
    "fp8_e4m3fn": "float8_e4m3fn", "fp8_e4m3": "float8_e4m3fn", "float8_e4m3": "float8_e4m3fn",
    "fp8_e5m2": "float8_e5m2", "float8_e5m2fn": "float8_e5m2",
}  # fmt: skip
_PRODUCTS = {"tf32": "float32"}  # modes of multiplication → the type in which the elements are stored


def read_dtype(text: str) -> str:
    """PyTorch's name of a dtype: float16 for `fp16`, `half` and `float16`.

    Raises:
        UsageError: there is no such dtype.
    """
    name = dtype_among(text, WIDTHS)
    if name is None:
        near = _PRODUCTS.get(text.strip().lower())
        hint = ask(near) if near else suggest(text, (*WIDTHS, *_OTHER_NAMES), f"choose from {', '.join(WIDTHS)}")
        raise UsageError(f"unknown dtype '{text[:40]}': {hint}")
    return name


def dtype_among(text: str, choices: Iterable[Name]) -> Name | None:
    """The choice that names the same dtype; None if none does."""
    name = text.strip().lower().removeprefix("torch.")
    meant = _OTHER_NAMES.get(name, name)
    return next((choice for choice in choices if _OTHER_NAMES.get(choice, choice) == meant), None)


def storage_dtype(name: str) -> str:
    """PyTorch's name of the dtype in which elements are stored: float32 for `fp32` and for `tf32`."""
    return _PRODUCTS.get(name) or _OTHER_NAMES.get(name, name)
