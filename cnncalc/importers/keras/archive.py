"""Reads one member of a zip file, and nothing else of it: nothing is unpacked, and no name in it is a path.

Only the end of the file, its list of members and the member are read, each within a limit. zipfile would build an
object for each of a million members first. Source: PKWARE, APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_LIST
from cnncalc.source.files import opened, size_text

END = struct.Struct("<4s4H2LH")  # signature, disks, entries, size and offset of the list, length of the comment
LOCATOR = struct.Struct("<4sLQL")
END_64 = struct.Struct("<4sQ2H2L4Q")
ENTRY = struct.Struct("<4s4B4HL2L5H2L")
HEADER = struct.Struct("<4s5HL2L2H")
OPEN = 0xFFFFFFFF  # a size that stands in the 64-bit fields
STORED, DEFLATED = 0, 8


def read_member(path: Path, name: str, limit: int, what: str) -> bytes:
    """Return the content of a member of a zip file.

    Args:
        path: the file.
        name: the member.
        limit: the most bytes that it may have, unpacked.
        what: what the limit is for.

    Raises:
        UsageError: it is not a zip file, has no such member, or one that is too large or encrypted.
    """
    with opened(path) as descriptor:
        try:
            found = _find(descriptor, path, name.encode())
            if found is None:
                raise UsageError(f"{path}: it has no {name}: not a model that Keras saved")
            method, packed, offset = found
            if method not in (STORED, DEFLATED):
                raise UsageError(f"{path}: {name} is packed by method {method}, which is not read")
            data = _unpack(_content(descriptor, offset, min(packed, limit + 1)), method, limit + 1)
        except (struct.error, zlib.error, OverflowError) as error:
            raise UsageError(f"{path}: a damaged zip file: {str(error)[:100]}") from None
    if len(data) > limit:
        raise UsageError(f"{path}: larger than {size_text(limit)}, the limit for {what}")
    return data


def _unpack(data: bytes, method: int, most: int) -> bytes:
    return data if method == STORED else zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, most)


def _read(descriptor: int, offset: int, most: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    chunks = []
    while most > 0 and (chunk := os.read(descriptor, min(most, 1 << 20))):
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)


def _content(descriptor: int, offset: int, most: int) -> bytes:
    header = HEADER.unpack(_read(descriptor, offset, HEADER.size))
    if header[0] != b"PK\3\4":
        raise struct.error("the member is not where the list says")
    return _read(descriptor, offset + HEADER.size + header[-2] + header[-1], most)


def _list(descriptor: int, path: Path) -> bytes:
    """The list of members."""
    size = os.fstat(descriptor).st_size
    begin = max(0, size - END.size - 0xFFFF)
    tail = _read(descriptor, begin, END.size + 0xFFFF)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < END.size:
        raise UsageError(f"{path}: not a zip file, as Keras saves models since 2022, or a truncated one")
    length, offset = END.unpack_from(tail, at)[5:7]
    if OPEN in (length, offset) and at >= LOCATOR.size:
        where = LOCATOR.unpack_from(tail, at - LOCATOR.size)
        if where[0] == b"PK\6\7":
            length, offset = END_64.unpack(_read(descriptor, where[2], END_64.size))[-2:]
    if length > LARGEST_LIST:
        raise UsageError(
            f"{path}: its list of members is larger than {size_text(LARGEST_LIST)}, the limit for a zip file"
        )
    return _read(descriptor, offset, length)


def _find(descriptor: int, path: Path, name: bytes) -> tuple[int, int, int] | None:
    """Method, packed size and offset of a member."""
    members, at = _list(descriptor, path), 0
    while at + ENTRY.size <= len(members):
        entry = ENTRY.unpack_from(members, at)
        lengths = entry[12:15]
        start = at + ENTRY.size
        if entry[0] != b"PK\1\2":
            break
        if members[start : start + lengths[0]] == name:
            if entry[5] & 1:
                raise UsageError(f"{path}: {name.decode()} is encrypted")
            extra = members[start + lengths[0] : start + lengths[0] + lengths[1]]
            return entry[6], *_wide(entry[10], entry[11], entry[18], extra)
        at = start + sum(lengths)
    return None


def _wide(packed: int, size: int, offset: int, extra: bytes) -> tuple[int, int]:
    """Packed size and offset, from the 64-bit fields where they do not fit."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            fields = iter(struct.unpack_from(f"<{min(length, 24) // 8}Q", extra, at + 4))
            size = next(fields, size) if size == OPEN else size
            packed = next(fields, packed) if packed == OPEN else packed
            offset = next(fields, offset) if offset == OPEN else offset
        at += 4 + length
    return packed, offset
