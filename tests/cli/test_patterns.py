"""Patterns: what they match, and folders that would never end."""

import os

import pytest

from cnncalc.cli import patterns
from cnncalc.cli.patterns import expand, walk_folders
from cnncalc.errors import UsageError
from cnncalc.loading.names import is_pattern

links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
GOOD = "input: 3x8x8\nlayers: [relu]\nexpect: {params: 0}\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "b.yml", ".c.yaml", "d/e.yaml", "d/f/g.yaml", "d/.h/i.yaml", "x[1].yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(GOOD)
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("*.yaml", "a.yaml x[1].yaml"),
        ("?.y*ml", "a.yaml b.yml"),
        (".*.yaml", ".c.yaml"),
        ("[ab].*", "a.yaml b.yml"),
        ("**/*.yaml", "a.yaml d/e.yaml d/f/g.yaml x[1].yaml"),
        ("**/**/*.yaml", "a.yaml d/e.yaml d/f/g.yaml x[1].yaml"),
        ("d/**/*.yaml", "d/e.yaml d/f/g.yaml"),
        ("*/*.yaml", "d/e.yaml"),
        ("d/**", "d d/f"),
        ("d/../*.yml", "d/../b.yml"),
        ("d/.h/*", "d/.h/i.yaml"),
        ("a.yaml/*", ""),
        ("none/**/*.yaml", ""),
        ("*.onnx", ""),
    ],
)
def test_what_a_pattern_matches(tree, pattern, matched):
    assert [path.as_posix() for path in expand(pattern)] == matched.split()
    assert [path.as_posix() for path in expand(str(tree / pattern))] == [
        (tree / path).as_posix() for path in matched.split()
    ]


def test_a_file_is_no_pattern(tree):
    assert not is_pattern("x[1].yaml")
    assert is_pattern("x[12].yaml")


@links
def test_folders_linked_within_themselves_end_with_a_sentence(tree, capsys, cnncalc):
    for name in ("d/up", "d/f/top", "d/f/again"):
        (tree / name).symlink_to(tree / "d")
    (tree / "other").symlink_to(tree / "d" / "f")  # not within itself
    assert [path.as_posix() for path in expand("**/*.yaml")] == ["a.yaml", "d/e.yaml", "d/f/g.yaml", "x[1].yaml"]
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"cnncalc: {name}: a link to a folder that contains it: skipped" for name in ("d/f/again", "d/f/top", "d/up")
    ]
    done = cnncalc("check", "**/**/**/*.yaml")
    assert (done.code, done.out) == (0, "4 specs, 4 networks: nothing found\n")
    (tree / "pyproject.toml").write_text('[tool.cnncalc]\nspecs = ["**/*.yaml"]\n')
    assert cnncalc("check")[:2] == (0, "4 specs, 4 networks: nothing found\n")


def test_too_many_files_are_a_sentence(tree, monkeypatch):
    monkeypatch.setattr(patterns, "MOST_FILES", 5)
    with pytest.raises(UsageError, match=r"'\*\*/\*.yaml' covers more than 5 files: name a folder closer"):
        expand("**/*.yaml")


def test_a_folder_that_cannot_be_read_is_named(tree, monkeypatch, capsys):
    real = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("f"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert list(walk_folders(tree / "d")) == [tree / "d"]
    assert capsys.readouterr().err == f"cnncalc: {tree / 'd' / 'f'}: cannot be read: permission denied: skipped\n"
