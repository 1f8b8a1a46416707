"""Reads the JSON out of the files in which Keras keeps a model: alone, in a zip, or as an attribute of HDF5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnncalc.errors import Source, UsageError
from cnncalc.importers.keras.archive import read_member
from cnncalc.limits import LARGEST_KERAS
from cnncalc.source.files import read_file, require_file

MEMBER, ATTRIBUTE = "config.json", "model_config"
ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_text(path: Path) -> Source:
    """Return the JSON of a model.

    Raises:
        UsageError: the file cannot be read, holds no model, or its JSON is larger than the limit.
    """
    suffix = path.suffix.lower()
    if suffix == ".keras":
        return _source(f"{path}:{MEMBER}", read_member(path, MEMBER, LARGEST_KERAS, "the config of a Keras model"))
    if suffix in (".h5", ".hdf5"):
        return _source(f"{path}:{ATTRIBUTE}", _attribute(path))
    return _source(str(path), read_file(path, LARGEST_KERAS, "a Keras model"))


def _source(name: str, data: bytes) -> Source:
    encoding = next((encoding for mark, encoding in ENCODINGS if data.startswith(mark)), "utf-8-sig")
    return Source(name, data.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n"))


def _attribute(path: Path) -> bytes:
    """The attribute of an HDF5 file that holds the config; nothing else of the file is read."""
    import h5py

    require_file(path)
    try:
        with h5py.File(path, "r") as file:
            value: Any = file.attrs.get(ATTRIBUTE)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, MemoryError) as error:
        raise UsageError(f"{path}: not a readable HDF5 file: {str(error).splitlines()[0][:200]}") from None
    if value is None:
        raise UsageError(f"{path}: it holds weights without a model: name the JSON of the model, or export it to ONNX")
    data = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    if len(data) > LARGEST_KERAS:
        raise UsageError(f"{path}: its config is larger than {LARGEST_KERAS >> 20} MiB, the limit for a Keras model")
    return data
