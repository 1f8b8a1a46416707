"""Pairs of specs: what counts as changed, renamed, added and removed."""

import shutil
from pathlib import Path

import pytest

from cnncalc import UsageError
from cnncalc.revisions import pairs as module
from cnncalc.revisions.pairs import changed_pairs
from cnncalc.revisions.sides import open_sides
from cnncalc.source.repository import find_repository

from ..repositories import git, start_repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

LINES = [f"  - conv: {{out_channels: {width}, kernel_size: 3}}" for width in range(1, 9)]
SPEC = "\n".join(["input: 3x64x64", "layers:", *LINES, ""])
OTHER = SPEC.replace("conv", "relu").replace("3x64x64", "7x7")


def write(texts):
    for path, text in texts.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    folder = start_repository(tmp_path, monkeypatch)
    write({"a.yaml": SPEC, "nets/b.yml": OTHER, "compose.yaml": "services: {}\n", "notes.txt": SPEC})
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return folder


def pairs(revision="main", *paths):
    return [(pair.before, pair.after) for pair in changed_pairs(open_sides(revision, find_repository()), paths)]


def test_nothing_changed():
    assert pairs() == []
    write({"a.yaml": SPEC.replace("\n", "\r\n"), "compose.yaml": "services: {a: {}}\n", "notes.txt": ""})
    assert pairs() == [], "line ends, and files that are not specs"


def test_changed_added_and_removed():
    write(
        {
            "a.yaml": f"# more\n{SPEC}",
            "new/c.yaml": "input: 3x8x8\nlayers: [tanh]\n",
            ".gitignore": "no.yaml\n",
            "no.yaml": SPEC,
        }
    )
    Path("nets/b.yml").unlink()
    assert pairs() == [("a.yaml", "a.yaml"), ("nets/b.yml", None), (None, "new/c.yaml")]
    assert pairs("main", "nets") == [("nets/b.yml", None)]
    assert pairs("main", "nets/", "*.yaml") == [("a.yaml", "a.yaml"), ("nets/b.yml", None), (None, "new/c.yaml")]


@pytest.mark.parametrize("most", [module.MOST_COMPARISONS, 0])
def test_renamed(monkeypatch, most):
    monkeypatch.setattr(module, "MOST_COMPARISONS", most)
    git("mv", "a.yaml", "c.yaml")
    git("mv", "nets/b.yml", "b.yaml")
    write({"b.yaml": OTHER.replace("7x7", "8x8")})
    changed = [("nets/b.yml", "b.yaml")] if most else [(None, "b.yaml")]
    gone = [] if most else [("nets/b.yml", None)]
    assert pairs() == [*changed, ("a.yaml", "c.yaml"), *gone]


def test_a_folder_that_is_renamed_keeps_its_names(monkeypatch):
    write({f"nets/{name}.yaml": SPEC for name in "xyz"})
    git("add", ".")
    git("commit", "-qm", "copies")
    Path("nets").rename("models")
    write({"models/y.yaml": SPEC.replace("3x64x64", "3x32x32")})
    monkeypatch.setattr(module, "MOST_COMPARISONS", 1)
    assert pairs() == [("nets/b.yml", "models/b.yml")] + [
        (f"nets/{name}.yaml", f"models/{name}.yaml") for name in "xyz"
    ]


def test_the_most_similar_files_are_paired():
    Path("a.yaml").unlink()
    write(
        {
            "x.yaml": SPEC.replace("3x64x64", "3x32x32").replace("kernel_size: 3", "kernel_size: 5", 3),
            "y.yaml": f"{SPEC}  - relu\n",
        }
    )
    assert pairs() == [(None, "x.yaml"), ("a.yaml", "y.yaml")]


def test_a_spec_that_is_one_on_one_side_alone():
    write({"a.yaml": "nothing: here\n", "nets/b.yml": b"layers: \xff\n", "compose.yaml": SPEC})
    found = changed_pairs(open_sides("main", find_repository()))
    assert [pair.path for pair in found] == ["a.yaml", "compose.yaml", "nets/b.yml"]
    assert str(found[2].new_file.text) == "nets/b.yml: not UTF-8 text (byte 9 is 0xff)"
    write({"new.yaml": b"layers: [relu] # \xff\n", "data.yaml": b"\xff"})
    assert [pair.path for pair in changed_pairs(open_sides("main", find_repository()), ["*.yaml"])][-1] == "new.yaml"


def test_what_is_not_a_file_of_the_repository(folder):
    Path("link.yaml").symlink_to("a.yaml")
    Path("a.yaml").unlink()
    Path("a.yaml").mkdir()
    assert pairs() == [("a.yaml", None)]


def test_a_sparse_checkout_removes_nothing():
    git("update-index", "--skip-worktree", "a.yaml")
    Path("a.yaml").unlink()
    assert pairs() == []


def test_two_revisions():
    git("checkout", "-q", "-b", "side")
    write({"a.yaml": SPEC + "  - relu\n"})
    git("commit", "-qam", "side")
    git("checkout", "-q", "main")
    write({"nets/b.yml": OTHER + "  - relu\n"})
    git("commit", "-qam", "main")
    assert pairs("main..side") == [("a.yaml", "a.yaml"), ("nets/b.yml", "nets/b.yml")]
    assert pairs("main...side") == [("a.yaml", "a.yaml")]
    assert pairs("side...") == [("nets/b.yml", "nets/b.yml")]
    assert pairs("..side") == pairs("main..side")


def test_from_a_folder_within(monkeypatch, folder):
    write({"nets/b.yml": f"# more\n{OTHER}", "a.yaml": f"# more\n{SPEC}"})
    monkeypatch.chdir("nets")
    assert pairs() == [("a.yaml", "a.yaml"), ("nets/b.yml", "nets/b.yml")]
    assert pairs("main", "b.yml") == pairs("main", ".") == pairs("main", "*.yml") == [("nets/b.yml", "nets/b.yml")]
    assert pairs("main", "../a.yaml") == pairs("main", str(folder / "a.yaml")) == [("a.yaml", "a.yaml")]


def test_a_repository_of_sha256(tmp_path, monkeypatch):
    Path("inner").mkdir()
    monkeypatch.chdir("inner")
    git("init", "-q", "-b", "main", "--object-format=sha256")
    write({"a.yaml": SPEC})
    git("add", ".")
    git("commit", "-q", "-m", "first")
    assert pairs() == []
    write({"a.yaml": OTHER})
    assert pairs() == [("a.yaml", "a.yaml")]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("net", "no YAML file at 'net', in main or in the working tree"),
        ("notes.txt", "no YAML file at 'notes.txt'"),
        ("../a.yaml", "'../a.yaml' is outside of the repository"),
        ("/a.yaml", "'/a.yaml' is outside of the repository"),
        ("a\n.yaml", r"no YAML file at 'a\n.yaml'"),
    ],
)
def test_paths_at_fault(path, message):
    with pytest.raises(UsageError) as error:
        pairs("main", path)
    assert message in str(error.value)
