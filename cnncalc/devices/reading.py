"""Reads the file of a device; a fault names the line, the column, what was expected and the nearest key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Literal, TypeVar

from cnncalc.devices.device import Device, Errors, Fit, Setting
from cnncalc.errors import Fault, Source, SpecError
from cnncalc.quantities.amounts import read_amount
from cnncalc.source import nodes
from cnncalc.source.nodes import Node, Scalar
from cnncalc.source.reading import parse
from cnncalc.suggest import suggest

T = TypeVar("T")
TERA, GIGA = 1e12, 1e9
DTYPES = ("fp32", "tf32", "fp16", "bf16")
KEYS = ("name", "words", "memory", "bandwidth", "queues", "peaks", "source", "date", "checked", "fits")
FIT_KEYS = (
    "mode", "dtype", "layout", "compiled", "software", "source", "terms", "interval", "errors",
)  # fmt: skip
LARGEST = 1e15  # of any number in a device file


def read_device(source: Source, key: str) -> Device:
    """The device that a YAML text describes.

    Raises:
        SpecError: it does not describe one.
    """
    found = _mapping(parse(source), KEYS, ("name", "source", "date"))
    amount = found.get("memory")
    return Device(
        key=key,
        name=_text(found["name"]),
        source=_text(found["source"]),
        date=_text(found["date"]),
        checked=_optional(found, "checked", _checked),
        words=[[_text(word) for word in _items(each)] for each in _items(found.get("words"))],
        memory=None if amount is None else _bytes(amount),
        bandwidth=_optional(found, "bandwidth", lambda node: _number(node) * GIGA),
        queues=_flag(found["queues"]) if "queues" in found else True,
        peaks={name: _number(node) * TERA for name, node in _optional_mapping(found.get("peaks"), DTYPES).items()},
        fits=[_fit(node) for node in _items(found.get("fits"))],
    )


def _checked(node: Node) -> str | Literal[False]:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        if node.value:
            raise _fault(node, "expected false, or the page on which the figures were found")
        return False
    return _text(node)


def _fit(node: Node) -> Fit:
    found = _mapping(node, FIT_KEYS, ("mode", "dtype", "layout", "compiled", "terms", "interval"))
    low, high = _pair(found["interval"])
    terms = _mapping(found["terms"])
    return Fit(
        setting=Setting(_text(found["mode"]), _text(found["dtype"]), _text(found["layout"]), _flag(found["compiled"])),
        software=_optional(found, "software", _text) or "",
        source=_optional(found, "source", _text) or "",
        terms={name: _number(value) * 1e-12 for name, value in terms.items()},
        interval=(low, high),
        errors={name: _errors(value) for name, value in _optional_mapping(found.get("errors")).items()},
    )


def _errors(node: Node) -> Errors:
    found = _mapping(node, Errors._fields, ("runs", "median", "p90"))
    numbers = {name: _number(value) for name, value in found.items()}
    runs = int(numbers.pop("runs"))
    return Errors(runs, **numbers)


def _mapping(node: Node, keys: Sequence[str] = (), needed: Sequence[str] = ()) -> Mapping[str, Node]:
    if not isinstance(node, nodes.Mapping):
        raise _fault(node, f"expected keys and values{f', such as {keys[0]}: …' if keys else ''}")
    for name, (key, _) in node.entries.items():
        if keys and name not in keys:
            raise _fault(key, f"unknown key '{name}'", suggest(name, keys, f"it takes {', '.join(keys)}"))
    if missing := [name for name in needed if name not in node.entries]:
        raise _fault(node, f"missing: {', '.join(missing)}")
    return {name: value for name, (_, value) in node.entries.items()}


def _optional_mapping(node: Node | None, keys: Sequence[str] = ()) -> Mapping[str, Node]:
    return {} if node is None else _mapping(node, keys)


def _optional(found: Mapping[str, Node], name: str, read: Callable[[Node], T]) -> T | None:
    return read(found[name]) if name in found else None


def _items(node: Node | None) -> Sequence[Node]:
    if node is None:
        return ()
    if not isinstance(node, nodes.Sequence):
        raise _fault(node, "expected a list")
    return node.items


def _pair(node: Node) -> tuple[float, float]:
    items = _items(node)
    if len(items) != 2:
        raise _fault(node, "expected two numbers: [0.9, 1.1]")
    low, high = map(_number, items)
    if not low <= high:
        raise _fault(node, f"expected the smaller number first, got {low:g} and {high:g}")
    return low, high


def _number(node: Node) -> float:
    value = node.value if isinstance(node, Scalar) else ""
    if isinstance(value, int | Fraction) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return float(value)
    raise _fault(node, f"expected a number from 0 to {LARGEST:g}")


def _flag(node: Node) -> bool:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    raise _fault(node, "expected true or false")


def _text(node: Node) -> str:
    if isinstance(node, Scalar) and not node.empty:
        return node.text
    raise _fault(node, "expected a text")


def _bytes(node: Node) -> int:
    number = read_amount(_text(node))
    if number is None or number < 1:
        raise _fault(node, "expected a number of bytes, such as 24GiB")
    return int(number)


def _fault(node: Node, message: str, hint: str | None = None) -> SpecError:
    return SpecError([Fault(f"device: {message}", node.span, hint)])
