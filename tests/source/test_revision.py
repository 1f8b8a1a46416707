import os
import shutil
import subprocess
import sys

import pytest

from cnncalc import UsageError, load
from cnncalc.loading.names import is_revision
from cnncalc.source import repository as repository_module
from cnncalc.source.revision import read_revision

from ..repositories import git_in as git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    (folder / "specs").mkdir(parents=True)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.delenv("GIT_DIR", raising=False)
    git(folder, "init", "-q", "-b", "main")
    for text in ("first", "second"):
        (folder / "specs" / "net.yaml").write_text(f"name: {text}\ninput: 3x8x8\nlayers: [relu]\n")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", text)
    git(folder, "tag", "v1", "HEAD~1")
    (folder / "link.yaml").symlink_to("specs/net.yaml")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git(folder, "add", "link.yaml")
    git(folder, "commit", "-q", "-m", "third")
    git(folder, "update-ref", "refs/remotes/origin/feature", "HEAD")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HEAD:specs/net.yaml", "second"),
        ("HEAD:specs//../specs/net.yaml", "second"),
        ("HEAD~2:specs/net.yaml", "first"),
        ("v1:specs/net.yaml", "first"),
        ("main:specs/net.yaml", "second"),
        ("@:specs/net.yaml", "second"),
        ("HEAD^{/first}:specs/net.yaml", "first"),
    ],
)
def test_revisions(repository, name, text):
    source = read_revision(name)
    assert source.text.startswith(f"name: {text}\n")
    assert source.name == name


def test_the_index_and_the_folder_one_is_in(repository, monkeypatch):
    (repository / "specs" / "net.yaml").write_text("name: third\n")
    git(repository, "add", ".")
    assert read_revision(":specs/net.yaml").text == "name: third\n"
    assert read_revision(":0:specs/net.yaml").text == "name: third\n"
    monkeypatch.chdir(repository / "specs")
    for name in ("HEAD:net.yaml", "HEAD:./net.yaml", "HEAD:../specs/net.yaml", "HEAD:specs/net.yaml"):
        assert read_revision(name).text.startswith("name: second\n")
    assert read_revision(":net.yaml").text == "name: third\n"
    with pytest.raises(UsageError, match=r"no file './specs/net.yaml' in revision HEAD"):
        read_revision("HEAD:./specs/net.yaml")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("HEAD:specs/no.yaml", "HEAD:specs/no.yaml: no file 'specs/no.yaml' in revision HEAD"),
        ("HEAD:specs", "HEAD:specs: 'specs' is a folder in revision HEAD, not a file"),
        ("HEAD:specs/net.yaml/x", "no file 'specs/net.yaml/x' in revision HEAD"),
        ("HEAD:link.yaml", "'link.yaml' is a symbolic link in revision HEAD: name the file to which it points"),
        ("HEAD:sub/net.yaml", "'sub' is a submodule in revision HEAD: its files are in its own repository"),
        ("HEAD:sub", "'sub' is a submodule in revision HEAD"),
        (":sub/net.yaml", "'sub' is a submodule in the index"),
        ("HEAD:../net.yaml", "no file '../net.yaml' in revision HEAD"),
        ("HEAD:no\n\x1b.yaml", r"no file 'no\n\x1b.yaml' in revision HEAD"),
        ("HEAD:no\udcff.yaml", r"no file 'no\xff.yaml' in revision HEAD"),
        ("mian:specs/net.yaml", "git does not know the revision 'mian' (did you mean 'main'?)"),
        ("feature:specs/net.yaml", "git does not know the revision 'feature' (did you mean 'origin/feature'?)"),
        ("nothing:specs/net.yaml", "git does not know the revision 'nothing'"),
        ("no\n\x1bthing:specs/net.yaml", r"git does not know the revision 'no\n\x1bthing'"),
        (":no.yaml", "no file 'no.yaml' in the index"),
        ("HEAD:", "expected a revision and a path, such as HEAD~1:net.yaml"),
        ("--output=x:net.yaml", "expected a revision and a path"),
        ("-p:net.yaml", "expected a revision and a path"),
        ("HEAD\0:net.yaml", "expected a revision and a path"),
        ("$(touch x):net.yaml", "git does not know the revision '$(touch x)'"),
        ("HEAD; touch x:net.yaml", "git does not know the revision 'HEAD; touch x'"),
    ],
)
def test_faults_are_sentences(repository, name, message):
    with pytest.raises(UsageError) as error:
        read_revision(name)
    assert message in str(error.value)
    assert sorted(path.name for path in repository.iterdir()) == [".git", "link.yaml", "specs"]


def test_a_binary_or_a_large_file(repository, monkeypatch):
    (repository / "net.bin").write_bytes(b"\0\1")
    git(repository, "add", ".")
    with pytest.raises(UsageError, match="a binary file"):
        read_revision(":net.bin")
    monkeypatch.setattr(repository_module, "LARGEST_SPEC", 10)
    with pytest.raises(UsageError, match="larger than 4 MiB"):
        read_revision("HEAD:specs/net.yaml")


def test_outside_of_a_repository(repository, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        UsageError, match=r"HEAD:net.yaml: no such file, and no revision to read: not in a git repository"
    ):
        read_revision("HEAD:net.yaml")


def test_without_git(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="git is needed for a revision, but it is not installed"):
        read_revision("HEAD:net.yaml")


def test_a_file_with_a_colon_in_its_name_wins(repository):
    assert is_revision("HEAD:net.yaml")
    (repository / "HEAD:net.yaml").write_text("")
    assert not is_revision("HEAD:net.yaml")
    assert not is_revision("net.yaml")
    assert not is_revision("c:/nets/net.yaml")


@pytest.mark.parametrize(
    "path",
    ['q"uote.yaml', "we\nird.yaml", "tab\t.yaml", "-dash.yaml", "*.yaml", "net[1].yaml", ":(top)x.yaml", "a@b.yaml"],
)
def test_paths_with_odd_characters(repository, path):
    (repository / path).write_text("name: odd\ninput: 3x8x8\nlayers: [relu]\n")
    git(repository, "--literal-pathspecs", "add", "--", path)
    git(repository, "commit", "-q", "-m", "odd")
    assert load(f"HEAD:{path}").name == "odd"
    assert load(f":./{path}").name == "odd"


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="file names are Unicode there")
def test_a_path_that_is_not_utf8(repository):
    (repository / "b\udcff.yaml").write_text("name: odd\ninput: 3x8x8\nlayers: [relu]\n")
    git(repository, "add", ".")
    assert load(":b\udcff.yaml").name == "odd"


def test_a_name_with_braces_is_a_revision_if_it_ends_as_a_file_does(repository):
    assert load("HEAD^{/first}:specs/net.yaml").name == "first"
    assert load("HEAD@{0}:specs/net.yaml").name == "second"
    assert str(load("[relu, tanh]").analyze("3x8x8").outputs["output"]) == "(3, 8, 8)"


def test_a_shallow_clone(repository, tmp_path, monkeypatch):
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    assert read_revision("HEAD:specs/net.yaml").text.startswith("name: second\n")
    with pytest.raises(
        UsageError, match=r"does not know the revision 'HEAD~1' \(a shallow clone: 'git fetch --unshallow'"
    ):
        read_revision("HEAD~1:specs/net.yaml")


def test_a_linked_working_tree_and_a_submodule(repository, tmp_path, monkeypatch):
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository), "inner")
    for folder in (
        tmp_path / "side",
        tmp_path / "side" / "specs",
        repository / "inner",
        repository / "inner" / "specs",
    ):
        monkeypatch.chdir(folder)
        assert read_revision("HEAD~1:specs/net.yaml").text.startswith("name: second\n")


def test_a_repository_of_another_user(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with pytest.raises(
        UsageError, match=r"belongs to another user: if you do, 'git config --global --add safe.directory"
    ):
        read_revision("HEAD:specs/net.yaml")


def test_a_configuration_that_git_cannot_read(repository):
    (repository / ".git" / "config").write_text("[core\n")
    with pytest.raises(UsageError, match=r"HEAD:net.yaml: .* git failed: bad config line 1"):
        read_revision("HEAD:net.yaml")


def test_an_object_that_is_damaged(repository):
    name = subprocess.check_output(["git", "rev-parse", "HEAD:specs/net.yaml"], text=True).strip()
    damaged = repository / ".git" / "objects" / name[:2] / name[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"nothing")
    with pytest.raises(UsageError, match=r"HEAD:specs/net.yaml: .*missing or damaged here"):
        read_revision("HEAD:specs/net.yaml")


def test_a_bare_repository_that_is_named(repository, tmp_path, monkeypatch):
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "bare"))
    assert read_revision("HEAD:specs/net.yaml").text.startswith("name: second\n")
