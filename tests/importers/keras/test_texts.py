"""The JSON of a model in HDF5: one attribute is read, and no weight."""

import json
from contextlib import suppress

import pytest

import cnncalc

from .models import sequential

h5py = pytest.importorskip("h5py")
MODEL = sequential((8, 8, 3), ("Conv2D", {"filters": 4, "kernel_size": 3}), ("Flatten", {}), ("Dense", {"units": 10}))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.h5"


@pytest.mark.parametrize("as_bytes", [True, False])
def test_a_model_of_keras_2(path, as_bytes):
    text = json.dumps(MODEL)
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = text.encode() if as_bytes else text
        file.create_dataset("model_weights/conv/kernel", data=[1.0])
    report = cnncalc.load(path).analyze()
    assert report.outputs == {"output": (10,)}
    assert report.params == 4 * 28 + 10 * 145


def test_weights_alone(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("conv/kernel", data=[1.0])
    with pytest.raises(cnncalc.UsageError, match="it holds weights without a model"):
        cnncalc.load(path)


def test_a_fault_in_the_attribute(path):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(MODEL).replace('"filters": 4', '"filters": 0')
    with pytest.raises(cnncalc.SpecError, match=r"net\.h5:model_config:1:\d+: layer_0 \(Conv2D\): filters"):
        cnncalc.load(path)


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4", b"\x89HDF\r\n\x1a\n" + b"\0" * 100, b"\x89HDF\r\n\x1a\n" + b"\xff" * 5000]
)
def test_what_is_no_hdf5(path, data):
    path.write_bytes(data)
    with pytest.raises(cnncalc.UsageError, match="not a readable HDF5 file"):
        cnncalc.load(path)


def test_mutated_files(path):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(MODEL)
    good = path.read_bytes()
    for number in range(60):
        at = number * len(good) // 60
        path.write_bytes(good[:at] + bytes([255 - good[at]]) + good[at + 1 :])
        with suppress(cnncalc.CnncalcError):
            cnncalc.load(path, warn=lambda sentence: None)
