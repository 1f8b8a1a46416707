import shutil
from pathlib import Path

import pytest

from cnncalc import UsageError
from cnncalc.source import repository as module
from cnncalc.source.repository import find_repository, quote, read_objects

from ..repositories import git, start_repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def commit(**texts):
    for name, text in texts.items():
        Path(f"{name}.yaml").write_text(text)
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "more")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    folder = start_repository(tmp_path, monkeypatch)
    commit(a="first", b="other")
    return folder


def test_entries_and_their_bytes():
    repository = find_repository()
    entries = list(repository.entries(repository.tree("main")))
    assert [(entry.path, entry.mode) for entry in entries] == [("a.yaml", "100644"), ("b.yaml", "100644")]
    assert list(repository.staged()) == entries
    assert read_objects(entry.object for entry in entries) == {
        entries[0].object: b"first", entries[1].object: b"other",
    }  # fmt: skip
    assert read_objects([]) == {}


def test_an_object_that_is_too_large_and_one_that_is_missing(monkeypatch):
    repository = find_repository()
    (entry,) = repository.entries(repository.tree("main"), "a.yaml")
    monkeypatch.setattr(module, "LARGEST_SPEC", 4)
    assert read_objects([entry.object]) == {entry.object: None}
    with pytest.raises(UsageError, match="missing or damaged here"):
        read_objects(["1" * 40])


def test_working_files_are_those_that_git_does_not_ignore(folder, monkeypatch):
    commit(**{".gitignore": "", "gone": "x"})
    Path(".gitignore").write_text("ignored*\n")
    Path("gone.yaml").unlink()
    Path("ignored.yaml").write_text("")
    Path("nets").mkdir()
    Path("nets/new\n.yaml").write_text("")
    monkeypatch.chdir("nets")
    repository = find_repository()
    assert (repository.root, repository.folder) == (str(folder.resolve()), "nets")
    paths, left_out = repository.working_files()
    assert sorted(paths) == [".gitignore", ".gitignore.yaml", "a.yaml", "b.yaml", "nets/new\n.yaml"]
    assert not left_out
    assert [repository.shown(path) for path in ("a.yaml", "nets/b.yaml")] == ["../a.yaml", "b.yaml"]


def test_folders_and_files_behind_links_are_not_working_files(tmp_path):
    Path("nets").mkdir()
    commit(**{"nets/a": "x"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.yaml").write_text("private")
    Path("nets/a.yaml").unlink()
    Path("nets").rmdir()
    Path("nets").symlink_to(tmp_path / "elsewhere")
    Path("b.yaml").unlink()
    Path("b.yaml").symlink_to("a.yaml")
    assert find_repository().working_files() == (["a.yaml"], set())


def test_many_objects_are_read_in_batches(monkeypatch):
    commit(**{f"n{index}": f"{index}" * 50 for index in range(9)})
    repository = find_repository()
    names = {entry.object: entry.path for entry in repository.entries(repository.tree("main"))}
    monkeypatch.setattr(module, "LARGEST_GIT_OUTPUT", 800)
    texts = {names[name]: data for name, data in read_objects(names).items()}
    assert texts["n7.yaml"] == b"7" * 50
    assert len(texts) == 11


def test_without_commits(tmp_path, monkeypatch):
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    git("init", "-q", "-b", "main")
    with pytest.raises(UsageError, match="git does not know the revision 'HEAD'"):
        find_repository().tree("HEAD")


def test_a_folder_with_an_odd_name(tmp_path, monkeypatch):
    folder = tmp_path / "we\nird '\""
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q", "-b", "main")
    commit(a="first")
    repository = find_repository()
    assert repository.root == str(folder.resolve())
    assert repository.working_files()[0] == ["a.yaml"]


def test_a_sparse_checkout_leaves_files_out():
    git("update-index", "--skip-worktree", "a.yaml")
    Path("a.yaml").unlink()
    assert find_repository().working_files() == (["b.yaml"], {"a.yaml"})


def test_a_merge_base_and_none():
    first = git("rev-parse", "HEAD")
    git("checkout", "-q", "-b", "side")
    commit(a="second")
    git("checkout", "-q", "main")
    commit(b="third")
    repository = find_repository()
    assert repository.merge_base("main", "side") == first
    git("checkout", "-q", "--orphan", "apart")
    commit(c="c")
    with pytest.raises(UsageError, match="'main' and 'apart' have no common commit"):
        repository.merge_base("main", "apart")
    with pytest.raises(UsageError, match="git does not know the revision 'aprt'"):
        repository.merge_base("aprt", "main")


def test_without_a_working_tree(tmp_path, monkeypatch):
    git("clone", "-q", "--bare", ".", "../bare")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "bare"))
    repository = find_repository()
    assert repository.root is None
    assert [entry.path for entry in repository.entries(repository.tree("main"))] == ["a.yaml", "b.yaml"]
    with pytest.raises(
        UsageError, match="this repository has no working tree in the folder that it is in: name two revisions"
    ):
        repository.working_files()


@pytest.mark.parametrize("revision", ["", "-p", "--output=x", "a\0b"])
def test_what_cannot_be_a_revision(revision):
    with pytest.raises(UsageError, match="expected a revision, such as main"):
        find_repository().tree(revision)
    assert not Path("x").exists()


def test_names_that_cannot_be_printed():
    assert quote("a\nb\x1b\u202e\udcffö ") == r"'a\nb\x1b\u202e\xffö '"
    assert quote("a") == "'a'"
