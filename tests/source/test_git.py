"""git in a repository that sets traps: plain git runs the trap's program, cnncalc does not."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import cnncalc
from cnncalc import UsageError
from cnncalc.cli.main import main
from cnncalc.source import git as module
from cnncalc.source.git import run_git
from cnncalc.source.repository import find_repository
from cnncalc.source.revision import read_revision

pty = pytest.importorskip("pty")
pytestmark = pytest.mark.skipif(shutil.which("git") is None or os.name == "nt", reason="git and a shell are needed")

SPEC = "input: 3x8x8\nlayers: [relu]\n"
PERSON = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]


def plain_git(*arguments, folder=".", env=None):
    """Run git as anyone would; a trap may make it fail."""
    return subprocess.run(["git", *PERSON, *arguments], cwd=folder, capture_output=True, check=False, env=env)


def make_repository(folder):
    folder.mkdir(parents=True)
    (folder / "net.yaml").write_text(SPEC)
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"]):
        assert plain_git(*arguments, folder=folder).returncode == 0


class Trap:
    """A program that leaves a file where it ran, and the repository in which it is set."""

    def __init__(self, folder):
        self.mark = folder / "sprung"
        self.program = folder / "programs" / "trap"
        self.program.parent.mkdir()
        self.program.write_text(f"#!/bin/sh\ntouch {self.mark}\ncat >/dev/null 2>&1 </dev/null\nexit 1\n")
        self.program.chmod(0o755)

    def config(self, *settings, folder="."):
        for setting in settings:
            name, _, value = setting.partition("=")
            assert plain_git("config", name, value.replace("TRAP", str(self.program)), folder=folder).returncode == 0

    def sprung(self):
        was = self.mark.exists()
        self.mark.unlink(missing_ok=True)
        return was


@pytest.fixture
def trap(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.delenv("GIT_DIR", raising=False)
    make_repository(tmp_path / "repository")
    monkeypatch.chdir(tmp_path / "repository")
    return Trap(tmp_path)


def use_all():
    """Everything that cnncalc asks of git."""
    assert read_revision("HEAD:net.yaml").text == SPEC
    assert read_revision(":net.yaml").text == SPEC
    repository = find_repository()
    assert "net.yaml" in repository.working_files()[0]
    assert [entry.path for entry in repository.entries(repository.tree("HEAD"), "net.yaml")] == ["net.yaml"]
    assert repository.merge_base("HEAD", "main")
    with pytest.raises(UsageError):
        repository.tree("mian")
    assert main(["diff", "HEAD"]) == main(["diff", "HEAD..main"]) == 0


CONFIGURED = {
    "a file system monitor": (["core.fsmonitor=TRAP"], "", ["status"]),
    "the monitor of an included file": (["include.path=../more"], "", ["status"]),
    "an external diff": (["diff.external=TRAP"], "", ["diff", "HEAD"]),
    "a diff driver": (["diff.trap.command=TRAP"], "diff=trap", ["diff", "HEAD"]),
    "textconv": (["diff.trap.textconv=TRAP"], "diff=trap", ["diff", "HEAD"]),
    "a clean filter": (["filter.trap.clean=TRAP"], "filter=trap", ["status"]),
    "a smudge filter": (["filter.trap.smudge=TRAP"], "filter=trap", ["cat-file", "--filters", "HEAD:net.yaml"]),
    "a filter process": (["filter.trap.process=TRAP"], "filter=trap", ["cat-file", "--filters", "HEAD:net.yaml"]),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_programs_in_the_configuration(trap, name):
    settings, attributes, command = CONFIGURED[name]
    Path("more").write_text(f"[core]\nfsmonitor = {trap.program}\n")
    trap.config(*settings)
    if attributes:
        Path(".gitattributes").write_text(f"*.yaml {attributes}\n")
    Path("net.yaml").write_text(SPEC.replace("relu", "gelu"))
    plain_git(*command)
    assert trap.sprung(), "plain git runs it"
    use_all()
    assert not trap.sprung()


@pytest.mark.parametrize("place", [".git/hooks", "hooks"])
@pytest.mark.parametrize("hook", ["post-index-change", "reference-transaction"])
def test_hooks(trap, place, hook):
    Path(place).mkdir(exist_ok=True)
    shutil.copy(trap.program, Path(place, hook))
    if place == "hooks":
        trap.config("core.hooksPath=hooks")
    os.utime("net.yaml", (1, 1))
    plain_git(*(["status"] if hook == "post-index-change" else ["update-ref", "refs/heads/other", "HEAD"]))
    assert trap.sprung()
    os.utime("net.yaml", (2, 2))
    use_all()
    assert not trap.sprung()


def on_a_terminal(command):
    """Run a command whose standard output is a terminal."""
    mine, its = pty.openpty()
    subprocess.run(command, stdout=its, stderr=subprocess.DEVNULL, check=False, env={**os.environ, "TERM": "xterm"})
    os.close(its)
    os.close(mine)


def test_pagers(trap):
    trap.config("core.pager=TRAP", *(f"pager.{name}=TRAP" for name in ("cat-file", "ls-tree", "ls-files", "rev-parse")))
    on_a_terminal(["git", "cat-file", "blob", "HEAD:net.yaml"])
    assert trap.sprung()
    on_a_terminal([sys.executable, "-m", "cnncalc", "shapes", "HEAD:net.yaml"])
    assert not trap.sprung()


REMOTES = {
    "upload-pack": ["remote.origin.url=..", "remote.origin.uploadpack=TRAP"],
    "ext": ["remote.origin.url=ext::TRAP", "protocol.ext.allow=always"],
    "ssh": ["remote.origin.url=ssh://host/x", "core.sshCommand=TRAP", "ssh.variant=simple"],
    "proxy": ["remote.origin.url=git://host/x", "core.gitProxy=TRAP"],
}


@pytest.mark.parametrize("missing", ["HEAD:net.yaml", "HEAD^{tree}", "HEAD"])
@pytest.mark.parametrize("name", REMOTES)
def test_missing_objects_are_not_fetched(trap, name, missing):
    named = plain_git("rev-parse", missing).stdout.decode().strip()
    object_file = Path(".git/objects", named[:2], named[2:])
    object_file.chmod(stat.S_IRWXU)
    object_file.unlink()
    promise = ["extensions.partialClone=origin", "remote.origin.promisor=true", "core.repositoryFormatVersion=1"]
    trap.config(*promise, *REMOTES[name])
    plain_git("cat-file", "blob", "HEAD:net.yaml")
    assert trap.sprung()
    with pytest.raises(UsageError, match=r"HEAD:net.yaml: .* missing or damaged here"):
        read_revision("HEAD:net.yaml")
    Path("net.yaml").write_text(SPEC + "#")
    assert main(["diff", "HEAD"]) == 2
    assert not trap.sprung()


def test_a_bare_repository_in_a_folder(trap, monkeypatch):
    shutil.copytree(".git", "models/inner", ignore=shutil.ignore_patterns("hooks"))
    config = f"[core]\nrepositoryformatversion = 0\nbare = false\nworktree = .\nfsmonitor = {trap.program}\n"
    Path("models/inner/config").write_text(config)
    os.chdir("models/inner")
    plain_git("status")
    assert trap.sprung()
    with pytest.raises(UsageError, match=r"HEAD:net.yaml: .*: this folder is a bare repository"):
        read_revision("HEAD:net.yaml")
    monkeypatch.delitem(module._OVERRIDES, "safe.bareRepository")  # as for a git that does not know it
    with pytest.raises(UsageError, match=r"HEAD:net.yaml: .*: this folder is a bare repository"):
        read_revision("HEAD:net.yaml")
    assert not trap.sprung()


def test_a_working_tree_outside_of_the_folder(trap, tmp_path, capsys):
    (tmp_path / "private.yaml").write_text(SPEC)
    trap.config(f"core.worktree={tmp_path}")
    assert b"private.yaml" in plain_git("ls-files", "--others", "--full-name", ":/").stdout, "plain git looks there"
    assert main(["diff", "HEAD"]) == 2
    done = capsys.readouterr()
    assert "private" not in done.out + done.err
    assert "no working tree in the folder that it is in" in done.err


def test_a_submodule_with_a_monitor(trap, tmp_path):
    make_repository(tmp_path / "other")
    allow = ["-c", "protocol.file.allow=always"]
    assert plain_git(*allow, "submodule", "--quiet", "add", str(tmp_path / "other"), "sub").returncode == 0
    trap.config("core.fsmonitor=TRAP", folder="sub")
    plain_git("status")
    assert trap.sprung()
    use_all()
    assert not trap.sprung()


@pytest.mark.parametrize("entry", ["", ".", "programs"])
def test_a_git_in_the_current_folder(trap, monkeypatch, entry):
    Path("programs").mkdir()
    for folder in (".", "programs"):
        shutil.copy(trap.program, Path(folder, "git"))
    monkeypatch.setenv("PATH", os.pathsep.join([entry, os.environ["PATH"]]))
    plain_git("status")
    assert trap.sprung()
    use_all()
    assert not trap.sprung()


def test_git_is_run_in_one_place():
    package = Path(cnncalc.__file__).parent
    naming = [path.relative_to(package) for path in package.rglob("*.py") if '"git"' in path.read_text("utf-8")]
    assert naming == [Path("source/git.py")]


def test_a_git_that_does_not_answer(trap, monkeypatch):
    trap.program.with_name("git").write_text("#!/bin/sh\nexec sleep 600\n")
    trap.program.with_name("git").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(trap.program.parent), os.environ["PATH"]]))
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with pytest.raises(UsageError, match="git did not answer within"):
        run_git("--version")


def test_a_git_that_writes_too_much(trap, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_GIT_OUTPUT", 3)
    with pytest.raises(UsageError, match="too many files"):
        run_git("--version")


def test_a_git_that_cannot_be_started(trap, monkeypatch):
    trap.program.with_name("git").write_bytes(b"\x7fELF nothing")
    trap.program.with_name("git").chmod(0o755)
    monkeypatch.setenv("PATH", str(trap.program.parent))
    with pytest.raises(UsageError, match="git cannot be started"):
        run_git("--version")
