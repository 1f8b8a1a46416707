import shutil
import subprocess

import pytest

from cnncalc import UsageError
from cnncalc.loading.names import is_revision
from cnncalc.source import revision
from cnncalc.source.revision import read_revision

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


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
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HEAD:specs/net.yaml", "second"),
        ("HEAD~1:specs/net.yaml", "first"),
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
    monkeypatch.chdir(repository / "specs")
    assert read_revision("HEAD:net.yaml").text == read_revision("HEAD:specs/net.yaml").text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("HEAD:specs/no.yaml", "HEAD:specs/no.yaml: no file 'specs/no.yaml' in revision HEAD"),
        ("HEAD:specs", "no file 'specs' in revision HEAD"),
        ("nothing:specs/net.yaml", "git does not know the revision 'nothing'"),
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
    assert sorted(path.name for path in repository.iterdir()) == [".git", "specs"]


def test_a_binary_or_a_large_file(repository, monkeypatch):
    (repository / "net.bin").write_bytes(b"\0\1")
    git(repository, "add", ".")
    with pytest.raises(UsageError, match="a binary file"):
        read_revision(":net.bin")
    monkeypatch.setattr(revision, "LARGEST_FILE", 10)
    with pytest.raises(UsageError, match="larger than 4 MiB"):
        read_revision("HEAD:specs/net.yaml")


def test_outside_of_a_repository(repository, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="not in a git repository"):
        read_revision("HEAD:net.yaml")


def test_without_git(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="REV:path needs git, which is not installed"):
        read_revision("HEAD:net.yaml")


def test_a_file_with_a_colon_in_its_name_wins(repository):
    assert is_revision("HEAD:net.yaml")
    (repository / "HEAD:net.yaml").write_text("")
    assert not is_revision("HEAD:net.yaml")
    assert not is_revision("net.yaml")
    assert not is_revision("c:/nets/net.yaml")
