"""`cnncalc fmt`: in place, to the standard output, or only asked."""

import os
import stat

import pytest

from cnncalc.cli.main import main

LOOSE = "layers: [relu]\ninput: 3x8x8   # small\n"
TIDY = "input: 3x8x8   # small\nlayers: [relu]\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(LOOSE)
    (tmp_path / "b.yaml").write_text(TIDY)
    return tmp_path


def test_in_place_and_only_where_something_changes(folder, capsys):
    (folder / "a.yaml").chmod(0o640)
    before = (folder / "b.yaml").stat().st_mtime_ns
    assert main(["fmt"]) == 0
    assert (folder / "a.yaml").read_text() == TIDY
    if os.name == "posix":
        assert stat.S_IMODE((folder / "a.yaml").stat().st_mode) == 0o640
    assert (folder / "b.yaml").stat().st_mtime_ns == before
    assert capsys.readouterr() == ("", "formatted a.yaml\n")
    assert main(["fmt"]) == 0
    assert capsys.readouterr() == ("", "")


def test_check_names_the_files_and_leaves_them(folder, capsys):
    assert main(["fmt", ".", "--check"]) == 1
    said = "cnncalc: 1 spec not in the canonical style: 'cnncalc fmt' applies it, '--diff' shows the changes\n"
    assert capsys.readouterr() == ("a.yaml\n", said)
    assert (folder / "a.yaml").read_text() == LOOSE
    assert main(["fmt", "b.yaml", "--check"]) == 0
    assert capsys.readouterr() == ("", "")
    (folder / "c.yaml").write_text(LOOSE)
    assert main(["fmt", "--check", "--diff"]) == 1
    assert capsys.readouterr().err.startswith("cnncalc: 2 specs not in the canonical style: ")


def test_diff_shows_and_leaves_them(folder, capsys):
    assert main(["fmt", "a.yaml", "--diff"]) == 0
    assert capsys.readouterr().out == (
        "--- a.yaml\n+++ a.yaml formatted\n@@ -1,2 +1,2 @@\n"
        "+input: 3x8x8   # small\n layers: [relu]\n-input: 3x8x8   # small\n"
    )
    assert (folder / "a.yaml").read_text() == LOOSE
    assert main(["fmt", "--diff", "--check"]) == 1


def test_a_faulty_file_is_told_and_the_others_are_done(folder, capsys):
    (folder / "0.yaml").write_text("input: 3x8x8\nlayers: [rellu]\n")
    assert main(["fmt"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("0.yaml:2:10: unknown layer 'rellu'")
    assert said.endswith("formatted a.yaml\n")
    assert (folder / "a.yaml").read_text() == TIDY


def test_a_byte_order_mark_is_kept(folder):
    (folder / "a.yaml").write_bytes(b"\xef\xbb\xbf" + LOOSE.encode())
    assert main(["fmt", "a.yaml"]) == 0
    assert (folder / "a.yaml").read_bytes().decode() == "\ufeff" + TIDY


@pytest.mark.parametrize(
    ("path", "said"),
    [("none.yaml", "no such file"), ("empty", "no spec in this folder (a YAML file with a top-level 'layers:')")],
)
def test_what_is_not_there_is_a_sentence(folder, capsys, path, said):
    (folder / "empty").mkdir()
    assert main(["fmt", path]) == 2
    assert capsys.readouterr().err == f"cnncalc: {path}: {said}\n"
