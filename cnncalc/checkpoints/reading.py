"""Reads what the option `--weights` names: headers and indices. What only unpickling would open is refused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cnncalc.checkpoints.checkpoint import Checkpoint, Tensor
from cnncalc.checkpoints.header import read_header
from cnncalc.checkpoints.index import read_index
from cnncalc.errors import UsageError
from cnncalc.source.files import exists, read_beginning

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".tar")
USUAL = ("model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json")  # in a folder of a model
BEGINNINGS = (b"PK\3\4", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")  # a zip of torch.save, and pickles


def read_checkpoint(paths: Iterable[str]) -> Checkpoint:
    """Return the tensors of all these files: safetensors, or indices of sharded checkpoints.

    Raises:
        UsageError: one of them cannot be read, or two of them have a tensor of the same name.
    """
    read = [_read(path) for path in paths]
    tensors: dict[str, Tensor] = {}
    for checkpoint in read:
        twice = next((name for name in checkpoint.tensors if name in tensors), None)
        if twice is not None:
            raise UsageError(f"--weights: {checkpoint.files[0]}: '{twice[:200]}' is in another of the files too")
        tensors.update(checkpoint.tensors)
    sizes = [checkpoint.bytes for checkpoint in read if checkpoint.bytes is not None]
    files = tuple(file for checkpoint in read for file in checkpoint.files)
    return Checkpoint(files, tensors, sum(sizes) if sizes and len(sizes) == len(read) else None)


def _read(name: str) -> Checkpoint:
    if not name:
        raise UsageError("--weights: expected the name of a file")
    path = Path(name)
    if (inside := next((each for each in USUAL if exists(path / each)), None)) is not None:
        raise UsageError(f"{name}: a folder: name the file in it, {path / inside}")
    if path.suffix.lower() == ".json":
        return read_index(path)
    begins = read_beginning(path, 4)
    if path.suffix.lower() in PICKLES or begins.startswith(BEGINNINGS):
        raise UsageError(
            f"{name}: a pickle can run code when it is read, so it is not: save it with "
            "safetensors.torch.save_file, or name its .index.json"
        )
    return Checkpoint((name,), read_header(path))
