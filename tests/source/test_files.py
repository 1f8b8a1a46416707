"""Every file is a regular file, opened once and read up to its limit; an open pipe is read as standard input is."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.errors import UsageError
from cnncalc.source.files import exists, is_stream, read_beginning, read_file

from ..effort import peak_memory

PACKAGE = Path(__file__).parents[2] / "cnncalc"
posix = pytest.mark.skipif(os.name == "nt", reason="files of POSIX")


def refusal(path, limit=100):
    with pytest.raises(UsageError) as raised:
        read_file(path, limit, "a test")
    return str(raised.value)


def test_a_file_is_read_up_to_its_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100)
    assert read_file(str(path), 100, "a test") == b"x" * 100
    assert refusal(path, 99) == f"{path}: larger than 0 MiB, the limit for a test"
    assert read_beginning(path, 7) == b"x" * 7


def test_the_size_of_a_file_does_not_matter(tmp_path):
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(3 << 30)
    assert peak_memory(lambda: refusal(path, 4 << 20)) < 1 << 20
    assert "larger than 2 GiB" in refusal(path, 2 << 30)


@posix
def test_only_regular_files_are_opened(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        (tmp_path / "zero").symlink_to("/dev/zero")
        (tmp_path / "loop").symlink_to("loop")
        for name in ("pipe", "socket", "zero"):
            assert refusal(Path(name)) == f"{name}: not a regular file; use '-' to read from standard input"
    assert refusal(tmp_path).endswith(": a folder, not a file")
    assert "too many levels" in refusal(tmp_path / "loop")
    assert refusal(tmp_path / "none").endswith(": no such file")


@posix
def test_a_pipe_that_takes_the_place_of_a_file_is_refused_without_waiting(tmp_path, monkeypatch):
    path = tmp_path / "a"
    os.mkfifo(path)
    regular = ((tmp_path / "b").write_text("") and None) or (tmp_path / "b").stat()
    monkeypatch.setattr(Path, "stat", lambda self, **_: regular)
    assert "not a regular file" in refusal(path)


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="a file of Linux")
def test_a_file_that_would_wait_for_content_does_not():
    code = (
        "from cnncalc.source.files import read_file\n"
        "try: read_file('/proc/kmsg', 1 << 22, 'a test')\nexcept Exception as error: print(type(error).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout in ("UsageError\n", "")


@posix
def test_a_stream_is_a_name_that_a_person_types(tmp_path):
    assert all(map(is_stream, ("-", "/dev/stdin", "/dev/fd/63", "/proc/self/fd/0")))
    assert not any(map(is_stream, (Path("-"), Path("/dev/stdin"), "/dev/zero", "/dev/fd/../zero", "/dev/fd/")))
    reading, writing = os.pipe()
    os.write(writing, b"some text")
    os.close(writing)
    assert read_file(f"/dev/fd/{reading}", 100, "a test") == b"some text"
    assert "not a regular file" in refusal(Path(f"/dev/fd/{reading}"))
    os.close(reading)


@posix
@pytest.mark.parametrize("command", ["cat a | {} /dev/stdin", "cat a | {} -", "{} <(cat a)", "{} /dev/stdin < a"])
def test_streams_from_a_shell(tmp_path, command):
    (tmp_path / "a").write_text("input: 3x8x8\nlayers: [relu]\n")
    call = f"{sys.executable} -m cnncalc shapes --format csv"
    for line in (command.format(call), command.format(call.replace("shapes", "check").replace("csv", "json"))):
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_what_cannot_be_a_name_does_not_exist(tmp_path):
    assert not any(map(exists, ("a\0b", "a" * 5000)))
    assert exists(tmp_path)


def test_no_other_module_opens_what_a_person_or_a_folder_names():
    """What the system says of itself (/proc, /sys), and our own source and pages, are read elsewhere."""
    own = {
        "cli/output.py",
        "exporters/source/file.py",
        "importers/ultralytics/library.py",
        "page/html.py",
        "manual.py",
        "budget.py",  # /proc
        "source/files.py",
        "source/replacing.py",
        "cli/signals.py",  # the null device
        "source/temporary.py",
    }
    opens = re.compile(r"\.read_bytes\(\)|\.read_text\(|(?<!webbrowser)\.open\((?!\))|(?<!def) open\(")
    readers = {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if opens.search(path.read_text("utf-8"))
    }
    assert {name for name in readers - own if not name.startswith("pytorch/bench/devices/")} == set()
