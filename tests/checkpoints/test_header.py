"""Headers of safetensors: what the format allows is read, and what contradicts itself gets a sentence."""

import json
import random
import struct
from contextlib import suppress

import pytest

from cnncalc.checkpoints.checkpoint import Tensor
from cnncalc.checkpoints.header import read_header
from cnncalc.errors import UsageError

from ..examples import examples
from .files import save, write


def entry(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_names_shapes_and_dtypes_in_the_order_of_the_data(tmp_path):
    entries = {
        "b": entry([], 8, 12),
        "__metadata__": {"format": "pt"},
        "a": entry([2, 2], 0, 8, "F16"),
        "none": entry([0, 3], 12, 12),
        "four bits": entry([3, 2], 12, 15, "F4"),
    }
    found = read_header(write_path(tmp_path, entries, 15))
    assert list(found.items()) == [
        ("a", Tensor((2, 2), "F16")),
        ("b", Tensor((), "F32")),
        ("none", Tensor((0, 3), "F32")),
        ("four bits", Tensor((3, 2), "F4")),
    ]


def write_path(tmp_path, entries, data=0):
    write(tmp_path / "model.safetensors", entries, data)
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize(
    ("entries", "data", "message"),
    [
        (
            {"a": entry([2], 0, 8), "b": entry([2], 4, 12)},
            12,
            r"b: its data overlaps the one before \(data_offsets: \[4",
        ),
        ({"a": entry([2], 0, 8), "b": entry([2], 12, 20)}, 20, "b: its data leaves a hole before it"),
        ({"a": entry([2], 0, 8)}, 20, "describes 8 bytes of data, it has 20"),
        ({"a": entry([2], 0, 8)}, 4, "describes 8 bytes of data, it has 4"),
        ({"a": entry([3], 0, 8)}, 8, r"F32 of shape \[3\] needs 12 bytes"),
        ({"a": entry([-2], 0, 8)}, 8, r"shape: expected at most 8 sizes, got \[-2\]"),
        ({"a": entry([True], 0, 4)}, 4, r"got \[True\]"),
        ({"a": entry([2**62, 2**62], 0, 8)}, 8, "needs 85,070,591,730,234,615,865,843,651,857,942,052,864 bytes"),
        ({"a": entry([2**63], 0, 8)}, 8, "shape: expected at most 8 sizes"),
        ({"a": entry([1] * 9, 0, 4)}, 4, "shape: expected at most 8 sizes"),
        ({"a": entry([2], 8, 0)}, 8, "data_offsets: expected a begin and an end"),
        ({"a": entry([2], 0, 8, "Q7")}, 8, "unknown dtype 'Q7'"),
        ({"a": 3}, 0, "expected an object with dtype, shape and data_offsets"),
        (b"[]", 0, "the header is not a JSON object"),
        (b"{", 0, "the header is not valid JSON"),
        (b"\xff\xfe{}", 0, "the header is not UTF-8"),
        (b'{"a": 1, "b": 2, "a": 1}', 0, "the header has 'a' twice"),
        (b'{"a":' * 100_000, 0, "nested too deeply"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 0, "nested too deeply"),
        (b'{"a":' + b"9" * 100_000 + b"}", 0, "not valid JSON"),
        (b'{"a":[' + b"[]," * 600_000 + b"1]}", 0, "more than 1,000,000 values"),
    ],
)
def test_a_header_that_contradicts_itself(tmp_path, entries, data, message):
    with pytest.raises(UsageError, match=message):
        read_header(write_path(tmp_path, entries, data))


@pytest.mark.parametrize("data", [b"", b"abc", struct.pack("<Q", 2**63) + b"{}", struct.pack("<Q", 100) + b"{}"])
def test_what_is_no_safetensors_file(tmp_path, data):
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="not a safetensors file"):
        read_header(path)


def test_mutated_headers(tmp_path):
    path = tmp_path / "model.safetensors"
    save(path, {"conv1.weight": (4, 3, 3, 3), "conv1.bias": (4,), "n": ((), "I64")})
    good, rng = path.read_bytes(), random.Random(3)
    for _ in range(examples(500)):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data) - 400 if rng.random() < 0.9 else len(data))] = rng.randrange(256)
        path.write_bytes(data[: rng.choice((len(data), rng.randrange(len(data))))])
        with suppress(UsageError):
            read_header(path)


def test_what_the_library_writes(tmp_path):
    save_file = pytest.importorskip("safetensors.numpy").save_file
    numpy = pytest.importorskip("numpy")
    path = tmp_path / "model.safetensors"
    save_file({"a.weight": numpy.zeros((3, 2), "float32"), "n": numpy.zeros((), "int64")}, path, {"format": "pt"})
    assert read_header(path) == {"a.weight": Tensor((3, 2), "F32"), "n": Tensor((), "I64")}
    assert json.loads(path.read_bytes()[8:].partition(b"}}")[0].decode() + "}}")
