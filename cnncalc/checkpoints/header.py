"""Reads the header of a safetensors file, which gives the name, dtype and shape of every tensor.

Format: the length of the header in 8 bytes, little-endian; the header, a JSON object; the data, without holes.
Source: https://github.com/huggingface/safetensors, README.md ("Format"), and its tensor.rs, which refuses the same.
"""

from __future__ import annotations

import os
import struct
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncalc.checkpoints.checkpoint import Tensor
from cnncalc.checkpoints.parsing import parse_object
from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_HEADER, LARGEST_NUMBER, MOST_AXES
from cnncalc.source.files import opened, read_beginning, size_text

if TYPE_CHECKING:
    from typing import TypeGuard

PREFIX = 8  # bytes of the length
METADATA = "__metadata__"
BITS = {
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "I64": 64, "U64": 64, "F64": 64, "C64": 64,
}  # fmt: skip
"""Dtype → bits of an element."""


def read_header(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file, in the order of their data.

    Raises:
        UsageError: it cannot be read, is not a safetensors file, or its header contradicts itself or the file.
    """
    with opened(path) as descriptor:
        size = os.fstat(descriptor).st_size
    start = read_beginning(path, PREFIX)
    if len(start) < PREFIX:
        raise UsageError(f"{path}: {size} bytes: not a safetensors file")
    (length,) = struct.unpack("<Q", start)
    if length > size - PREFIX:
        raise UsageError(
            f"{path}: not a safetensors file, or a truncated one: its header would have {length:,} bytes, the file has "
            f"{size:,}"
        )
    if length > LARGEST_HEADER:
        raise UsageError(f"{path}: its header is larger than {size_text(LARGEST_HEADER)}, the limit for a checkpoint")
    header = parse_object(read_beginning(path, PREFIX + length)[PREFIX:], f"{path}: the header")
    header.pop(METADATA, None)
    entries = [(_entry(f"{path}: {name[:200]}", value), name) for name, value in header.items()]
    entries.sort(key=lambda entry: entry[0][0])
    end = 0
    for (begin, after, _), name in entries:
        if begin != end:
            how = "overlaps the one before" if begin < end else "leaves a hole before it"
            raise UsageError(f"{path}: {name[:200]}: its data {how} (data_offsets: [{begin}, {after}])")
        end = after
    if end != size - PREFIX - length:
        raise UsageError(
            f"{path}: a truncated file, or one with more behind it: its header describes {end:,} bytes of data, it has "
            f"{size - PREFIX - length:,}"
        )
    return {name: tensor for (_, _, tensor), name in entries}


def _entry(where: str, value: Any) -> tuple[int, int, Tensor]:  # noqa: ANN401
    """Begin and end of the data of a tensor, and what is known of it."""
    if not isinstance(value, dict):
        raise UsageError(f"{where}: expected an object with dtype, shape and data_offsets")
    dtype, shape, offsets = value.get("dtype"), value.get("shape"), value.get("data_offsets")
    if not isinstance(dtype, str) or dtype not in BITS:
        raise UsageError(f"{where}: unknown dtype {str(dtype)[:40]!r}")
    if not _are_sizes(shape) or len(shape) > MOST_AXES:
        raise UsageError(f"{where}: shape: expected at most {MOST_AXES} sizes, got {str(shape)[:80]}")
    if not _are_sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise UsageError(f"{where}: data_offsets: expected a begin and an end, got {str(offsets)[:80]}")
    bits = prod(shape) * BITS[dtype]
    if bits != 8 * (offsets[1] - offsets[0]):
        raise UsageError(f"{where}: {dtype} of shape {shape} needs {-(-bits // 8):,} bytes, data_offsets: {offsets}")
    return offsets[0], offsets[1], Tensor(tuple(shape), dtype)


def _are_sizes(value: Any) -> TypeGuard[list[int]]:  # noqa: ANN401
    return isinstance(value, list) and all(type(size) is int and 0 <= size < LARGEST_NUMBER for size in value)
