"""Bad files get a sentence with the place: truncated, mutated, too deep, hostile zips. Never a traceback."""

import io
import json
import random
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest

import cnncalc
from cnncalc.importers.keras import read_keras

from ...examples import examples
from .models import functional, layer, sequential

CONV = ("Conv2D", {"filters": 4, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same"})
GOOD = sequential((16, 16, 3), CONV, ("Flatten", {}), ("Dense", {"units": 10}))


def read(tmp_path, data, name="net.json"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_keras(path)


@pytest.mark.parametrize(
    ("change", "message", "column"),
    [
        (
            ('"filters": 4', '"filters": "4"'),
            "layer_0 (Conv2D): filters: expected a whole number of at least 1, got 4",
            '"4"',
        ),
        (('"filters": 4', '"filters": 0'), "filters: expected a whole number of at least 1, got 0", None),
        (('"filters": 4', '"filters": 99999999999999999999'), "filters: expected a whole number", None),
        (('"filters": 4, ', ""), "layer_0 (Conv2D): no filters", None),
        (("[2, 2]", "[2, 2, 2]"), "strides: expected one number or 2", None),
        (("[2, 2]", "[2, null]"), "strides: expected a whole number of at least 1, got null", "null"),
        (('"same"', '"sane"'), "padding: expected 'valid' or 'same'", '"sane"'),
        (('"Conv2D"', '"Conv2d"'), "unknown layer class 'Conv2d'", '"Conv2d"'),
        (('"Conv2D"', '"Conv3D"'), "it needs 3 spatial axes and channels, got 3 axes", None),
        (("[3, 3]", "[[3], 3]"), "kernel_size: expected a whole number", None),
        (('"units": 10', '"units": null'), "units: expected a whole number", None),
        (('"layers": [', '"layers": ["x", '), "expected an object, got x", '"x"'),
        (("16, 16, 3]", "16, 16, -3]"), "batch_input_shape: expected a whole number or null", "-3"),
        (('"Sequential"', '"MyModel"'), "neither a Sequential nor a functional model", '"MyModel"'),
    ],
)
def test_a_fault_and_its_place(tmp_path, change, message, column):
    text = json.dumps(GOOD).replace(*change)
    assert text != json.dumps(GOOD)
    with pytest.raises(cnncalc.SpecError) as caught:
        read(tmp_path, text)
    (fault,) = caught.value.faults
    assert message in fault.message
    assert fault.span.line == 1
    if column is not None:
        at = fault.span.column - 1
        assert text[at : at + fault.span.width] == column


def test_what_reads_nothing_that_exists(tmp_path):
    entry = layer("InputLayer", "x", batch_input_shape=[None, 8])
    with pytest.raises(cnncalc.SpecError, match=r"reads 'dens'(.|\n)*did you mean 'dense'"):
        read(tmp_path, json.dumps(functional([entry, layer("Dense", "dense", "x", units=3)], ["x"], ["dens"])))
    circle = [entry, layer("Add", "a", "x", "b"), layer("Add", "b", "x", "a")]
    with pytest.raises(cnncalc.SpecError, match="reads its own output"):
        read(tmp_path, json.dumps(functional(circle, ["x"], ["b"])))


@pytest.mark.parametrize("text", ['{"class_name": ' + "[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_depth(tmp_path, text):
    with pytest.raises(cnncalc.SpecError, match=r"nested too deeply|truncated"):
        read(tmp_path, text)


def test_nested_models(tmp_path):
    model = GOOD
    for number in range(40):
        inner = {**model, "config": {**model["config"], "name": f"inner_{number}"}}
        model = {"class_name": "Sequential", "config": {"name": "outer", "layers": [inner]}}
    with pytest.raises(cnncalc.SpecError, match="nested more than 32 deep"):
        read(tmp_path, json.dumps(model))


def test_calls_that_multiply(tmp_path):
    model = sequential((4,), ("Dense", {"units": 4}))
    model = functional(
        [layer("InputLayer", "x", batch_input_shape=[None, 4]), layer("Dense", "d", "x", units=4)], ["x"], ["d"]
    )
    for number in range(20):
        entry = layer("InputLayer", "x", batch_input_shape=[None, 4])
        inner = {**model, "name": f"m{number}", "inbound_nodes": [[["x", 0, 0, {}]], [[f"m{number}", 0, 0, {}]]]}
        model = functional([entry, inner], ["x"], [])
        model["config"]["output_layers"] = [[f"m{number}", 1, 0]]
    with pytest.raises(cnncalc.SpecError, match="more than 10,000 layers"):
        read(tmp_path, json.dumps(model))


def test_mutations(tmp_path):
    """A text cut, or with bytes exchanged, gives a network or a sentence; `CNNCALC_EXAMPLES=100` tries 100,000."""
    rng = random.Random(0)
    text = json.dumps(GOOD).encode()
    pieces = [
        b"null",
        b"-1",
        b"1e400",
        b"[]",
        b"{}",
        b'""',
        b"9" * 30,
        b"NaN",
        b"true",
        b"\xff",
        b'"same"',
        b"[[",
        b"0.5",
    ]
    for _ in range(examples(1000)):
        data = bytearray(text)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 6)] = rng.choice(pieces)
        with suppress(cnncalc.CnncalcError):
            read(tmp_path, bytes(data))


def archive(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return file.getvalue()


def test_a_zip(tmp_path):
    text = json.dumps(GOOD)
    made = read(tmp_path, archive({"metadata.json": "{}", "../../config.json": "x", "config.json": text}), "net.keras")
    assert made.nodes[-1].output == (10,)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a zip file"),
        (b"PK\5\6", "not a zip file"),
        (archive({"../config.json": "{}"}), "it has no config.json"),
        (archive({"config.json": b"0" * (5 << 20)}), "larger than 4 MiB"),
        (archive({"config.json": "{}"}).replace(b"PK\3\4", b"PK\3\5"), "a damaged zip file"),
        (archive({f"{number}" * 100: "" for number in range(9000)}), "list of members is larger than 1 MiB"),
    ],
)
def test_a_bad_zip(tmp_path, data, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        read(tmp_path, data, "net.keras")


def test_mutated_zips(tmp_path):
    rng, good = random.Random(1), archive({"config.json": json.dumps(GOOD)})
    for _ in range(examples(300)):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with suppress(cnncalc.CnncalcError):
            read(tmp_path, bytes(data[: rng.choice([len(data), rng.randrange(len(data))])]), "net.keras")


def test_a_bomb_is_not_unpacked(tmp_path):
    """A member of 4 GiB in 4 MiB; its list says that it has 2 bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(b"0" * (1 << 20)) for _ in range(64)) + packer.flush()
    name = b"config.json"
    header = struct.pack("<4s5HL2L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), 2, len(name), 0) + name + packed
    entry = struct.pack(
        "<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, 0, 0, 8, 0, 0, 0, len(packed), 2, len(name), 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry) + len(name), len(header), 0)
    with pytest.raises(cnncalc.UsageError, match="larger than 4 MiB"):
        read(tmp_path, header + entry + name + end, "net.keras")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": "graph-model", "modelTopology": {}}', "graph model"),
        ('{"modelTopology": {"node": []}}', "graph model"),
        ('{"class_name": "Sequential"}', "neither a Sequential nor a functional"),
        ('{"class_name": "Sequential", "config": []}', "no layers"),
        ('{"class_name": 3, "config": {}}', "not a Keras model"),
        ('{"config": {"layers": [], "output_layers": []}}', "no layers"),
        ('["class_name"]', "expected an object"),
        ('{"class_name": "Sequential", "config": [', "truncated"),
        ('{"class_name" "Sequential"}', "not valid JSON: expecting ':' delimiter"),
    ],
)
def test_what_is_no_model(tmp_path, text, message):
    with pytest.raises(cnncalc.SpecError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("fields", [{"class_name": "N" * 10_000}, {"name": "N" * 10_000, "units": 0}])
def test_long_names_are_cut(tmp_path, fields):
    model = sequential((4,), ("Dense", {"units": 3}))
    entry = model["config"]["layers"][1]
    entry["class_name"] = fields.pop("class_name", "Dense")
    entry["config"] |= fields
    with pytest.raises(cnncalc.SpecError) as caught:
        read(tmp_path, json.dumps(model))
    assert len(str(caught.value)) < 1000
