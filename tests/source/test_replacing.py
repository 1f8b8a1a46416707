"""A file is replaced as a whole or left as it is, its permissions and links kept."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from cnncalc.errors import UsageError
from cnncalc.source.replacing import replace_text


def test_replaces_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_bytes(b"old\r\n")
    path.chmod(0o640)
    replace_text(str(path), "n\u00ebw\r\n", b"old\r\n")
    assert path.read_bytes() == "n\u00ebw\r\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_makes_a_file_that_is_not_there(tmp_path):
    replace_text(str(tmp_path / "net.yaml"), "new")
    (tmp_path / "other").write_text("")
    assert (tmp_path / "net.yaml").read_text() == "new"
    assert (tmp_path / "net.yaml").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "inside").mkdir()
    target, link = tmp_path / "inside" / "net.yaml", tmp_path / "link.yaml"
    target.write_text("old")
    link.symlink_to(target)
    replace_text(str(link), "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("mode", [0o444, 0o400])
def test_read_only(tmp_path, mode):
    path = tmp_path / "net.yaml"
    path.write_text("old")
    path.chmod(mode)
    with pytest.raises(UsageError, match="read-only: not written"):
        replace_text(str(path), "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_changed_meanwhile(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("someone else's")
    with pytest.raises(UsageError, match="changed in the meantime: not written"):
        replace_text(str(path), "new", b"old")
    assert path.read_text() == "someone else's"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("where", ["no/such/net.yaml", "."])
def test_what_cannot_be_written_is_a_sentence(tmp_path, where):
    with pytest.raises(UsageError, match=r"cannot be written: no such file|not a regular file: not written"):
        replace_text(str(tmp_path / where), "new")


@pytest.mark.parametrize(
    ("error", "raised", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), UsageError, "cannot be written: no space left on device"),
        (KeyboardInterrupt(), KeyboardInterrupt, None),
    ],
)
def test_what_ends_the_writing_leaves_the_old_file_alone(tmp_path, monkeypatch, error, raised, message):
    path = tmp_path / "net.yaml"
    path.write_text("old")

    def ended(descriptor: int) -> None:
        raise error

    monkeypatch.setattr("cnncalc.source.replacing.os.fsync", ended)
    with pytest.raises(raised, match=message):
        replace_text(str(path), "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


LOOP = """
import sys
from cnncalc.source.replacing import replace_text
path, texts = sys.argv[1], ["a" * 200_000, "b" * 200_000]
print("ready", flush=True)
while True:
    for text in texts:
        replace_text(path, text)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_at_any_moment_one_of_the_two_texts_stands_whole(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("a" * 200_000)
    for turn in range(8):
        process = subprocess.Popen([sys.executable, "-c", LOOP, str(path)], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.002 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert path.read_text() in ("a" * 200_000, "b" * 200_000)
