"""A format is recognised by the suffix of a file, and by a mark in it where other files have that suffix too."""

import pytest

from cnncalc.importers import BEGINNING, Format

MARKED = Format("net.toy", "toy:read_toy", suffixes=(".toy", ".play"), mark=r"(?m)^toys\s*:")


@pytest.mark.parametrize(
    ("name", "text", "recognised"),
    [
        ("a.toy", "x: 1\ntoys: 2", True),
        ("a.PLAY", "toys: 2", True),
        ("a.toy", "x: 1\n  toys: 2", False),
        ("a.toy", "", False),
        ("a.txt", "toys: 2", False),
        ("late.toy", "x" * BEGINNING + "\ntoys: 2", False),
        ("\ud800.toy", None, False),
        ("missing.toy", None, False),
    ],
)
def test_a_mark(tmp_path, name, text, recognised):
    if text is not None:
        (tmp_path / name).write_text(text)
    assert MARKED.recognises(str(tmp_path / name)) is recognised
    assert MARKED.recognises(tmp_path / name) is recognised


def test_a_folder_has_no_mark(tmp_path):
    (tmp_path / "a.toy").mkdir()
    assert not MARKED.recognises(tmp_path / "a.toy")
