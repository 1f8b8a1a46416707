"""Reads the index of a checkpoint in several files: `model.safetensors.index.json`, `pytorch_model.bin.index.json`.

Shards of safetensors that lie beside it give shapes and dtypes; otherwise only names are known. Source: Transformers'
documentation, "Sharded checkpoints": `weight_map`, name → file, and `metadata.total_size`, in bytes.
"""

from __future__ import annotations

from pathlib import Path

from cnncalc.checkpoints.checkpoint import Checkpoint, Tensor
from cnncalc.checkpoints.header import read_header
from cnncalc.checkpoints.parsing import parse_object
from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_HEADER, MOST_SHARDS
from cnncalc.source.files import exists, read_file

MAP = "weight_map"
ENDING = ".safetensors"


def read_index(path: Path) -> Checkpoint:
    """Return the tensors that an index lists.

    Raises:
        UsageError: it cannot be read, is not an index, or a shard contradicts it.
    """
    content = parse_object(read_file(path, LARGEST_HEADER, "an index of a checkpoint"), str(path))
    places = content.get(MAP)
    if not isinstance(places, dict) or not all(isinstance(file, str) for file in places.values()):
        raise UsageError(f"{path}: not an index of a checkpoint: it has no {MAP} from names to files")
    shards = dict.fromkeys(places.values())
    if len(shards) > MOST_SHARDS:
        raise UsageError(f"{path}: more than {MOST_SHARDS:,} files, the limit for a checkpoint")
    known: dict[str, dict[str, Tensor]] = {}
    for shard in shards:
        if Path(shard).name != shard or "\\" in shard or shard in ("", ".", ".."):
            raise UsageError(f"{path}: '{shard[:80]}' is not the name of a file beside it")
        place = path.parent / shard
        if shard.endswith(ENDING) and exists(place):
            known[shard] = read_header(place)
    tensors: dict[str, Tensor] = {}
    for name, shard in places.items():
        if shard in known and name not in known[shard]:
            raise UsageError(f"{path}: {shard} has no tensor '{name[:200]}'")
        tensors[name] = known[shard][name] if shard in known else Tensor()
    metadata = content.get("metadata")
    total = metadata.get("total_size") if isinstance(metadata, dict) else None
    return Checkpoint((str(path),), tensors, total if type(total) is int and total >= 0 else None)
