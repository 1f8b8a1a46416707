"""Every fault has a fixture with its whole message; every fixture has near misses that pass."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

import cnncalc
from cnncalc.errors import Fault, SpecError, UsageError

SPECS = Path(__file__).parents[1] / "specs"
FAULTY = sorted((SPECS / "err").glob("*.yaml"))
SILENT = sorted((SPECS / "ok").glob("*.yaml"))
UPDATE = os.environ.get("CNNCALC_UPDATE")


def stem(path: Path) -> str:
    return path.stem


def hold_to_output(path: Path, text: str) -> None:
    """A text is that of the `.out` beside a fixture, which CNNCALC_UPDATE writes anew."""
    expected = path.with_suffix(".out")
    if UPDATE:
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("path", FAULTY, ids=stem)
def test_fault_is_explained(path):
    with pytest.raises(SpecError) as caught:
        cnncalc.parse(path.read_text(), path.name).analyze()
    hold_to_output(path, f"{caught.value}\n")
    stand_in_the_order_of_the_text_each_once(caught.value.faults)
    read_well(caught.value.faults)


def stand_in_the_order_of_the_text_each_once(faults: Sequence[Fault]) -> None:
    places = [(fault.span.line, fault.span.column) for fault in faults]
    assert places == sorted(places)
    assert len(set(faults)) == len(faults)


def read_well(faults: Sequence[Fault]) -> None:
    """House style: no capital letter, no full stop, nothing of Python's insides, at most two lines wide."""
    for fault in faults:
        for text in filter(None, (fault.message, fault.hint)):
            assert not text.endswith("."), text
            assert len(text) < 240, text
            for inside in ("Traceback", "Error", "object at", "None of", "Fraction(", "<class", "NoneType"):
                assert inside not in text, text


@pytest.mark.parametrize("path", SILENT, ids=stem)
def test_near_miss_passes(path):
    cnncalc.parse(path.read_bytes().decode(), path.name).analyze().to_dict()


def test_every_message_belongs_to_a_fixture():
    assert {path.stem for path in (SPECS / "err").glob("*.out")} == {path.stem for path in FAULTY}


FILES = {
    "empty": (b"", "the file is empty"),
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00\x00", "a binary file, not text"),
    "picture": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "not UTF-8 text (byte 1 is 0xff)"),
    "latin1": ("name: Grö\xdfe".encode("latin-1"), "not UTF-8 text"),
    "nul": (b"input: 3x32x32\x00\nlayers: [relu]", "a binary file, not text"),
    "utf16": ("input: 3x32x32".encode("utf-16"), "not UTF-8 text"),
}


@pytest.mark.parametrize("name", FILES)
def test_file_that_is_no_text(tmp_path, name):
    content, expected = FILES[name]
    path = tmp_path / f"{name}.yaml"
    path.write_bytes(content)
    with pytest.raises((SpecError, UsageError)) as caught:
        cnncalc.load(path)
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)


def test_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "bom.yaml"
    path.write_bytes("input: 3x32x32\nlayers: [relu]\n".encode("utf-8-sig"))
    assert cnncalc.load(path).analyze().outputs == {"output": (3, 32, 32)}


def test_folder(tmp_path):
    with pytest.raises(UsageError, match="a folder, not a file"):
        cnncalc.load(tmp_path)


def test_missing_file():
    with pytest.raises(UsageError) as caught:
        cnncalc.load("alxnet.yaml")
    assert str(caught.value) == "no such file or shipped network: alxnet.yaml (did you mean 'alexnet'?)"


def test_missing_variant():
    with pytest.raises(UsageError) as caught:
        cnncalc.load("resnet@51")
    assert (
        str(caught.value) == "ResNet has no variant '51': it has 18, 34, 50, 101, 152, 50_v1, 101_v1, 152_v1, plain34"
    )


def test_hundred_megabytes_are_not_read(tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(UsageError, match="larger than 4 MiB, the limit for a spec"):
        cnncalc.load(path)


def test_four_megabytes_of_layers_are_refused_in_time():
    text = "input: 3x32x32\nlayers:\n" + "  - relu\n" * 400_000
    with pytest.raises(SpecError, match="more than 200,000 nodes"):
        cnncalc.parse(text)


def test_deep_nesting():
    with pytest.raises(SpecError, match="nested more than 64 deep"):
        cnncalc.parse("input: 3x32x32\nlayers: " + "[" * 10_000 + "]" * 10_000)
    with pytest.raises(SpecError, match="nested more than 50 deep"):
        cnncalc.parse(f"input: 3x32x32\nlayers: [dropout: '{'(' * 400}0.5{')' * 400}']")


ROUNDS = sorted((Path(__file__).parents[1] / "data" / "student").glob("*.yaml"))


@pytest.mark.parametrize("path", ROUNDS, ids=stem)
def test_a_students_first_alexnet_is_led_by_the_messages_alone(path):
    """Each round does no more than what the messages of the round before say; the last has none."""
    try:
        said = f"{cnncalc.parse(path.read_text(), 'first.yaml').analyze().outputs}\n"
    except SpecError as error:
        said = f"{error}\n"
    hold_to_output(path, said)
    assert ("'output': (1000,)" in said) is (path == ROUNDS[-1])
