"""A file is replaced as a whole or left as it is, its permissions and links kept."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnncalc.errors import UsageError
from cnncalc.source.replacing import BOM, replace_file, replace_text, replacing_together


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
    with pytest.raises(UsageError, match=r"cannot be written: no such file|a folder: not written"):
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
from cnncalc.source.replacing import BOM, replace_file, replace_text, replacing_together
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


posix = pytest.mark.skipif(os.name == "nt", reason="files of POSIX")


@pytest.fixture(params=["nameless", "named"])
def path(tmp_path, request, monkeypatch):
    """A file, on a system with files that have no name, and on one without."""
    if request.param == "named":
        monkeypatch.setattr("cnncalc.source.temporary._open_nameless", lambda _: None)
    path = tmp_path / "net.yaml"
    path.write_text("old")
    yield path
    assert {each.name for each in tmp_path.iterdir()} <= {"net.yaml", "other.yaml"}


def test_with_a_name_or_without(path):
    replace_text(path, "new", b"old")
    assert path.read_text() == "new"
    path.unlink()
    replace_file(path, b"newer")
    assert path.read_text() == "newer"


def test_a_byte_order_mark_stays(path):
    path.write_bytes(BOM + b"old")
    replace_text(path, "new")
    assert path.read_bytes() == BOM + b"new"
    replace_text(path, "\ufeffnewer")
    assert path.read_bytes() == BOM + b"newer"
    replace_file(path, b"bytes")
    assert path.read_bytes() == b"bytes"


@posix
def test_hard_links_stay_one_file(path):
    other = path.with_name("other.yaml")
    other.hardlink_to(path)
    for text in ("longer than before", "short", "", "longer again"):
        replace_text(path, text)
        assert other.read_text() == text
        assert path.samefile(other)


@posix
def test_a_full_disk_changes_no_hard_link(path, monkeypatch):
    path.with_name("other.yaml").hardlink_to(path)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(UsageError, match="no space left on device"):
        replace_text(path, "much longer than before")
    assert path.read_text() == "old"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_and_the_permissions_stay(path):
    os.chown(path, 1234, 4321)
    path.chmod(0o4751)
    replace_text(path, "new")
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 4321, 0o4751)


@posix
def test_a_file_whose_owner_cannot_be_kept_is_overwritten_in_place(path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", refuse)
    inode = path.stat().st_ino
    replace_text(path, "new")
    assert (path.read_text(), path.stat().st_ino) == ("new", inode)


@posix
def test_a_file_in_a_folder_without_room_for_another_is_overwritten_in_place(path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("cnncalc.source.replacing.new_file", refuse)
    replace_text(path, "new", b"old")
    assert path.read_text() == "new"
    with pytest.raises(UsageError, match="permission denied"):
        replace_text(path.with_name("other.yaml"), "new")


def test_extended_attributes_stay(path):
    try:
        os.setxattr(path, "user.author", b"me")
    except (AttributeError, OSError):
        pytest.skip("this file system has none")
    replace_text(path, "new")
    assert os.getxattr(path, "user.author") == b"me"


@posix
def test_devices_and_pipes_are_written_to(tmp_path):
    replace_file("/dev/null", b"text")
    with pytest.raises(UsageError, match="/dev/null: not a regular file: not written"):
        replace_file("/dev/null", b"text", b"")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="cannot be written: no such device"):  # nobody reads it
        replace_file(tmp_path / "pipe", b"text")
    reading, writing = os.pipe()
    replace_file(f"/dev/fd/{writing}", b"text")
    assert os.read(reading, 10) == b"text"
    os.close(reading)
    os.close(writing)
    if Path("/dev/full").exists():
        with pytest.raises(UsageError, match="no space left on device"):
            replace_file("/dev/full", b"text")


FULL = """
import resource, sys
from cnncalc.source.replacing import replace_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    replace_file(sys.argv[1], b"x" * 2000)
except Exception as error:
    print(type(error).__name__, str(error).rpartition(": ")[2])
"""


@posix
def test_where_there_is_no_room_the_old_file_stays(path):
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, text=True, check=True)
    assert done.stdout == "UsageError file too large\n"
    assert path.read_text() == "old"


def test_files_that_belong_together(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_text("old")
    with replacing_together(path) as new:
        new.write_text("new")
        new.with_name("net.onnx.data").write_text("weights")
        assert path.read_text() == "old"
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "net.onnx": "new",
        "net.onnx.data": "weights",
    }
    with pytest.raises(UsageError, match="no such file"), replacing_together(path) as new:
        (new / "inside").write_text("half")
    assert path.read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="a killed process leaves no file where files need no name")
def test_a_killed_process_leaves_nothing(tmp_path):
    code = (
        "import os, signal, sys\nfrom cnncalc.source.replacing import replace_text\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\nreplace_text(sys.argv[1], 'new')"
    )
    path = tmp_path / "net.yaml"
    path.write_text("old")
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "old"
