"""The types of numbers by PyTorch's names, and by the other names that people have for them."""

from __future__ import annotations

from collections.abc import Collection

from cnncalc.errors import UsageError
from cnncalc.suggest import ask, suggest

WIDTHS = {  # bytes per number
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
_PRODUCTS = {"tf32": "float32"}  # a way to multiply: the numbers are stored as these


def read_dtype(text: str, choices: Collection[str] = WIDTHS, what: str = "dtype") -> str:
    """The choice that a name means: `fp16`, `half` and `float16` are one type, by whichever name it is a choice.

    Raises:
        UsageError: none of the choices is meant.
    """
    name = text.strip().lower().removeprefix("torch.")
    meant = stored_as(name) if name not in _PRODUCTS else name
    for choice in choices:
        if name == choice or (choice not in _PRODUCTS and meant == stored_as(choice)):
            return choice
    if name in _PRODUCTS and _PRODUCTS[name] in choices:
        hint = ask(_PRODUCTS[name])
    elif name in WIDTHS or name in _OTHER_NAMES:
        hint = f"choose from {', '.join(choices)}"
    else:
        hint = suggest(name, choices) or suggest(name, _OTHER_NAMES, f"choose from {', '.join(choices)}")
    raise UsageError(f"unknown {what} '{text[:40]}': {hint}")


def stored_as(name: str) -> str:
    """PyTorch's name of the type in which numbers of a type are stored: float32 for `fp32`, and for `tf32`."""
    return _PRODUCTS.get(name) or _OTHER_NAMES.get(name, name)
