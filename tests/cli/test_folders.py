"""Specs in folders: no file stops the others, and none that was meant to be a spec is left out in silence."""

import os

import pytest

NET = "input: 3x8x8\nlayers: [relu]\n"
GOOD = "input: 3x8x8\nlayers: [relu]\nexpect: {params: 0}\n"
BAD = b"input: 3x8x8\nlayers:\n  - relu  # \xff\nexpect: {params: 3}\n"
posix = pytest.mark.skipif(os.name == "nt", reason="files of POSIX")


@pytest.mark.parametrize(
    "data",
    [
        BAD,
        b"\xff" + BAD,
        b"# caf\xe9\ninput: 3x8x8\nlay\xffers: [relu]\n",
        BAD.decode("latin-1").encode("utf-16"),
        BAD.decode("latin-1").encode("utf-16-le"),
        b"input: 3\0x8x8\nlayers: [relu]\n",
    ],
)
def test_a_spec_that_is_not_utf_8_is_a_fault(cnncalc, tmp_path, data):
    (tmp_path / "a.yaml").write_bytes(data)
    (tmp_path / "b.yaml").write_text(GOOD)
    for arguments in (["check", "."], ["check", "*.yaml"], ["check", "--skip-others", "a.yaml", "b.yaml"], ["shapes"]):
        done = cnncalc(*arguments)
        assert done.code == 2, arguments
        assert "a.yaml: not UTF-8 text" in done.err or "a.yaml: a binary file, not text" in done.err
        assert "1 spec, 1 network" in done.out or "\nb " in done.out, arguments
    assert cnncalc("fmt", ".").code == 2


@posix
def test_what_is_no_file_gets_a_sentence_and_stops_nothing(cnncalc, tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "lost.yaml").symlink_to("nowhere.yaml")
    (tmp_path / ".#net.yaml").symlink_to("somebody@somewhere.1234")
    (tmp_path / "folder.yaml").mkdir()
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(3 << 30)
    (tmp_path / "net.yaml").write_text(GOOD)
    done = cnncalc("check", ".")
    assert (done.code, done.out) == (0, "1 spec, 1 network: nothing found\n")
    assert done.err.splitlines() == [
        "cnncalc: big.yaml: larger than 4 MiB, the limit for a spec: skipped",
        "cnncalc: loop.yaml: cannot be read: too many levels of symbolic links: skipped",
        "cnncalc: lost.yaml: no such file: skipped",
        "cnncalc: pipe.yaml: not a regular file; use '-' to read from standard input: skipped",
        "cnncalc: zero.yaml: not a regular file; use '-' to read from standard input: skipped",
    ]
    for arguments in (["shapes"], ["fmt", "."]):
        again = cnncalc(*arguments)
        assert (again.code, again.err.count("skipped")) == (0, 5)


def test_a_large_file_that_begins_as_a_spec_is_a_fault(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text(NET + "# \n" * 2_000_000)
    done = cnncalc("check", ".")
    assert done.code == 2
    assert "net.yaml: larger than 4 MiB, the limit for a spec" in done.err


@posix
@pytest.mark.parametrize("what", ["/dev/zero", "pipe", "pyproject.toml", "."])
def test_a_pyproject_that_cannot_be_read_is_reported_and_ignored(cnncalc, tmp_path, what):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pyproject.toml").symlink_to(what)
    (tmp_path / "net.yaml").write_text(GOOD)
    for arguments in (["check"], ["shapes"], ["check", "net.yaml"]):
        done = cnncalc(*arguments)
        assert done.code == 0
        assert done.out
    done = cnncalc("check")
    assert "1 spec, 1 network: nothing found\n" in done.out


@posix
def test_that_pyproject_is_named_once(cnncalc, tmp_path):
    (tmp_path / "pyproject.toml").symlink_to("/dev/zero")
    (tmp_path / "net.yaml").write_text(GOOD)
    expected = "cnncalc: pyproject.toml: not a regular file; use '-' to read from standard input: ignored\n"
    assert cnncalc("check") == (0, "1 spec, 1 network: nothing found\n", expected)


@pytest.mark.parametrize("data", [b"[tool.cnncalc]\n# \xff\n", b"[tool.cnncalc]\nx = " + b"9" * 5000])
def test_a_pyproject_at_fault_is_a_sentence(cnncalc, tmp_path, data):
    (tmp_path / "pyproject.toml").write_bytes(data)
    (tmp_path / "net.yaml").write_text(GOOD)
    done = cnncalc("check")
    assert done.code == 2
    assert done.err.startswith("cnncalc: pyproject.toml: ")
