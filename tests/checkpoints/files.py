"""Safetensors files and indices, written without a library."""

from __future__ import annotations

import json
import struct
from math import prod

WIDTHS = {"F32": 4, "F16": 2, "I64": 8, "I8": 1}


def header(tensors):
    """The header of tensors, name → shape or (shape, dtype), and the number of bytes of their data."""
    entries, end = {}, 0
    for name, given in tensors.items():
        shape, dtype = (
            given if isinstance(given[-1:], tuple) and given and isinstance(given[-1], str) else (given, "F32")
        )
        begin, end = end, end + prod(shape) * WIDTHS[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}
    return entries, end


def write(path, entries, data=0):
    """Write a file with this header: an object, or bytes."""
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(data))
    return str(path)


def save(path, tensors):
    """Write a checkpoint of zeros."""
    return write(path, *header(tensors))


def save_index(path, places, **metadata):
    """Write an index, name → file."""
    path.write_text(json.dumps({"metadata": metadata, "weight_map": places}), "utf-8")
    return str(path)
