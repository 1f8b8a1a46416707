"""Indices of checkpoints in several files: names, the sizes that they state, and the shards that lie beside them."""

import pytest

from cnncalc.checkpoints.checkpoint import Tensor
from cnncalc.checkpoints.index import read_index
from cnncalc.errors import UsageError

from .files import save, save_index

NAME = "pytorch_model.bin.index.json"


def test_names_alone(tmp_path):
    save_index(tmp_path / NAME, {"a.weight": "one.bin", "b.weight": "two.bin"}, total_size=96)
    (tmp_path / "one.bin").write_bytes(b"PK\3\4")  # is not looked at
    found = read_index(tmp_path / NAME)
    assert found.tensors == {"a.weight": Tensor(), "b.weight": Tensor()}
    assert found.bytes == 96


def test_shards_of_safetensors_give_shapes(tmp_path):
    save(tmp_path / "one.safetensors", {"a.weight": (2, 3)})
    save_index(tmp_path / NAME, {"a.weight": "one.safetensors", "b.weight": "gone.safetensors"})
    found = read_index(tmp_path / NAME)
    assert found.tensors == {"a.weight": Tensor((2, 3), "F32"), "b.weight": Tensor()}
    assert found.bytes is None


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ({"a": "../one.safetensors"}, "'../one.safetensors' is not the name of a file beside it"),
        ({"a": "/etc/passwd"}, "not the name of a file beside it"),
        ({"a": ""}, "not the name of a file beside it"),
        ({"a": "..\\x"}, "not the name of a file beside it"),
        ({"a": 3}, "it has no weight_map"),
        ([], "it has no weight_map"),
        ({"b": "one.safetensors"}, "one.safetensors has no tensor 'b'"),
        ({f"{n}": f"{n}.bin" for n in range(1001)}, "more than 1,000 files"),
    ],
)
def test_a_bad_index(tmp_path, places, message):
    save(tmp_path / "one.safetensors", {"a": (2,)})
    save_index(tmp_path / NAME, places)
    with pytest.raises(UsageError, match=message):
        read_index(tmp_path / NAME)
