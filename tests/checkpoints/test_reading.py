"""What `--weights` names: several files make one checkpoint, and no pickle is opened."""

import pickle

import pytest

from cnncalc.checkpoints.checkpoint import Checkpoint
from cnncalc.checkpoints.reading import read_checkpoint
from cnncalc.errors import UsageError

from .files import save, save_index


def test_several_files_are_one_checkpoint(tmp_path):
    one = save(tmp_path / "one.safetensors", {"a": (2,)})
    two = save_index(tmp_path / "two.index.json", {"b": "two.bin"}, total_size=8)
    found = read_checkpoint([one, two])
    assert [*found.tensors] == ["a", "b"]
    assert found.files == (one, two)
    assert found.bytes is None
    assert found.name == f"{one} and 1 more"


def test_a_tensor_in_two_files(tmp_path):
    files = [save(tmp_path / f"{name}.safetensors", {"a.weight": (2,)}) for name in ("one", "two")]
    with pytest.raises(UsageError, match=r"two.safetensors: 'a.weight' is in another of the files too"):
        read_checkpoint(files)


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


@pytest.mark.parametrize("name", ["model.pt", "pytorch_model.bin", "model.ckpt", "without_suffix", "model.safetensors"])
def test_a_pickle_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(UsageError, match="a pickle can run code when it is read, so it is not"):
        read_checkpoint([str(tmp_path / name)])


def test_what_torch_saves_is_refused(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"a": torch.zeros(2)}, tmp_path / "weights")
    with pytest.raises(UsageError, match="a pickle can run code"):
        read_checkpoint([str(tmp_path / "weights")])


def test_what_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_checkpoint([str(tmp_path / "model.safetensors")])
    with pytest.raises(UsageError, match="expected the name of a file"):
        read_checkpoint([""])


def test_a_folder_of_a_model(tmp_path):
    save(tmp_path / "model.safetensors", {"a": (2,)})
    with pytest.raises(UsageError, match=r"a folder: name the file in it, .*model\.safetensors"):
        read_checkpoint([str(tmp_path)])


def test_files_that_are_missing_of_a_set():
    names = ("model-00001-of-00003.safetensors", "model-00003-of-00003.safetensors")
    assert Checkpoint(names, {}).lacking_files == 1
    assert Checkpoint(("model.safetensors",), {}).lacking_files == 0
