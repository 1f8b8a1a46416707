"""Reads `expect: {time: {rtx4090: at most 2ms}}`: the most time that a network may take on a shipped device."""

from __future__ import annotations

import re

from cnncalc.devices.catalog import LONGEST, device_names, find_device, is_device
from cnncalc.devices.reading import LARGEST
from cnncalc.document.reader import Reader
from cnncalc.document.types import ExpectedTime
from cnncalc.source.reading import Node, Scalar
from cnncalc.suggest import suggest

UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6}
TIME = r"(?:at most|<=|≤)\s*([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*(ms|us|µs|s)"
LIKE = "write 'at most 2ms'; the units are s, ms and us"


def device_of(reader: Reader, key: Scalar, what: str) -> str | None:
    """The shipped device that a key names; a spec reads no device files. None after a fault."""
    if is_device(key.text) and "." not in key.text:
        return find_device(key.text).key
    hint = suggest(key.text[:LONGEST], device_names(), "`cnncalc time --devices` lists them")
    reader.fault(f"{what}: no shipped device named '{key.text[:LONGEST]}'", key.span, hint)
    return None


def read_time(reader: Reader, node: Node, device: str, what: str) -> ExpectedTime | None:
    """The bound on a time; None after a fault."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    match = re.fullmatch(TIME, text)
    if match is None or not 0 < float(match[1]) < LARGEST:
        reader.fault(f"{what}: expected the most time that it may take", node.span, LIKE)
        return None
    return ExpectedTime(device, float(match[1]) * UNITS[match[2]], node.span, text)
