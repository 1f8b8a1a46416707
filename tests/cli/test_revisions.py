"""`cnncalc diff REV`: all specs of a repository that changed."""

import csv
import io
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from ..repositories import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

SPEC = """input: 3x8x8
params: {width: 4}
variants: {wide: {width: 8}}
layers:
  - conv: {out_channels: width, kernel_size: 1}
  - relu
"""


def edit(path, old, new):
    Path(path).write_text(Path(path).read_text().replace(old, new))


@pytest.fixture
def repository(cnncalc, tmp_path, monkeypatch):
    """A repository with a spec of each fate, all in the working tree."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.delenv("GIT_DIR", raising=False)
    Path("specs").mkdir()
    for name in ("edited", "named", "commented", "gone", "broken", "repaired", "old", "same"):
        Path(f"specs/{name}.yaml").write_text(f"# {name}\n{SPEC}")
    edit("specs/repaired.yaml", "relu", "reluu")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "first")
    edit("specs/edited.yaml", "kernel_size: 1", "kernel_size: 2")
    edit("specs/named.yaml", "  - relu\n", "  - relu: {}\n    name: last\n")
    edit("specs/commented.yaml", "# commented", "# with another comment")
    edit("specs/broken.yaml", "relu", "reluu")
    edit("specs/repaired.yaml", "reluu", "relu")
    Path("specs/gone.yaml").unlink()
    git("mv", "specs/old.yaml", "moved.yaml")
    Path("new.yaml").write_text("input: 3x8x8\nlayers: [tanh, tanh, tanh]\n")
    return tmp_path


def test_a_line_for_each_network(cnncalc, repository):
    done = cnncalc("diff", "main")
    assert (done.code, done.err) == (2, "")
    title, _, head, _, *rows = done.out.splitlines()
    assert title == "Networks changed since main"
    assert re.split("  +", head) == ["network", "change", "parameters", "MACs", "peak memory"]
    cells = [re.split("  +", row)[:3] for row in rows[: rows.index("")]]
    assert cells == [
        ["moved.yaml", "renamed from specs/old.yaml; network unchanged", "16"],
        ["moved.yaml@wide", "renamed from specs/old.yaml; network unchanged", "32"],
        ["new.yaml", "added", "0"],
        ["specs/broken.yaml", "broken", "16"],
        ["specs/commented.yaml", "network unchanged", "16"],
        ["specs/commented.yaml@wide", "network unchanged", "32"],
        ["specs/edited.yaml", "output 4×8×8 → 4×7×7; 1 layer edited", "16 → 52 (+225%)"],
        ["specs/edited.yaml@wide", "output 8×8×8 → 8×7×7; 1 layer edited", "32 → 104 (+225%)"],
        ["specs/gone.yaml", "removed", "16"],
        ["specs/gone.yaml@wide", "removed", "32"],
        ["specs/named.yaml", "1 layer renamed; totals unchanged", "16"],
        ["specs/named.yaml@wide", "1 layer renamed; totals unchanged", "32"],
        ["specs/repaired.yaml", "was broken before", "16"],
        ["specs/repaired.yaml@wide", "was broken before", "32"],
    ]
    assert rows[rows.index("") + 1 :] == [
        "specs/broken.yaml:7:5: unknown layer 'reluu'", "14 networks of 8 changed specs",
    ]  # fmt: skip


def test_paths_and_no_change(cnncalc, repository):
    out = cnncalc("diff", "main", "--", "specs/named.yaml", "new.yaml").out
    assert "3 networks of 2 changed specs" in out
    assert cnncalc("diff", "main", "specs").out == cnncalc("diff", "main", "--", "specs/").out
    done = cnncalc("diff", "main", "--", "specs/same.yaml")
    assert done == (0, "Networks changed since main\n\nno spec changed since main\n", "")
    assert cnncalc("diff", "main", "-f", "csv", "--", "specs/same.yaml") == (0, "", "")
    assert json.loads(cnncalc("diff", "main", "-f", "json", "--", "specs/same.yaml").out)["networks"] == []
    comment = cnncalc("diff", "main", "-f", "markdown", "--", "specs/same.yaml").out
    assert comment == "## Networks changed since main\n\n- no spec changed since main\n"


def test_limits_apply_to_each_network(cnncalc, repository):
    paths = ("--", "specs/edited.yaml", "specs/gone.yaml", "specs/repaired.yaml", "new.yaml")
    done = cnncalc("diff", "main", "--fail-over", "params=+5%,params=60", *paths)
    assert done.code == 1
    assert re.findall("limit exceeded: (.*)", done.out) == [
        "specs/edited.yaml: params: 16 → 52 (+225.0%), but +5% allows 16",
        "specs/edited.yaml@wide: params: 32 → 104 (+225.0%), but +5% allows 33",
        "specs/edited.yaml@wide: params: 32 → 104 (+225.0%), but 60 allows 60",
    ]
    assert cnncalc("diff", "main", "--fail-over", "params=+300%,params=104", *paths).code == 0
    done = cnncalc("diff", "main", "--fail-over", "params=60", "-f", "csv", *paths)
    assert (done.code, done.err) == (
        1, "cnncalc: limit exceeded: specs/edited.yaml@wide: params: 32 → 104 (+225.0%), but 60 allows 60\n",
    )  # fmt: skip
    assert cnncalc("diff", "main", "--fail-over", "params=60").code == 2, "a broken spec weighs more"


def test_markdown_is_one_comment_with_the_details_folded(cnncalc, repository):
    out = cnncalc("diff", "main", "--format", "markdown", "--fail-over", "params=+5%").out
    head, *details = out.split("\n<details>\n<summary><code>")
    assert head.startswith("## Networks changed since main\n\n| network | change | parameters | MACs | peak memory |\n")
    assert "| **specs/edited.yaml** | output 4×8×8 → 4×7×7; 1 layer edited | **16 → 52 (+225%)** |" in head
    assert "- **limit exceeded: specs/edited.yaml: params: 16 → 52 (+225.0%), but +5% allows 16**" in head
    assert [each.partition("</summary>")[0] for each in details] == [
        "specs/broken.yaml</code>: broken",
        "specs/edited.yaml</code>: output 4×8×8 → 4×7×7; 1 layer edited",
        "specs/edited.yaml@wide</code>: output 8×8×8 → 8×7×7; 1 layer edited",
        "specs/named.yaml</code>: 1 layer renamed; totals unchanged",
        "specs/named.yaml@wide</code>: 1 layer renamed; totals unchanged",
    ]
    assert "```text\nspecs/broken.yaml:7:5: unknown layer 'reluu'\n  7 │   - reluu\n" in details[0]
    assert "| **parameters** | 16 | 52 | **+36** | **+225%** |" in details[1]
    assert "| \\~ conv1 | kernel\\_size 1×1 → 2×2 |" in details[1]
    assert out.count("<details>") == out.count("</details>") == 5 + 2, "two of them fold layers changed elsewhere"


def test_json_and_csv(cnncalc, repository):
    document = json.loads(cnncalc("diff", "main", "-f", "json").out)
    assert (document["schema"], document["before"], document["after"]) == (
        "cnncalc-diff-revisions/1", "main", "the working tree",
    )  # fmt: skip
    networks = {(each["after"] or each["before"], *each["variants"]): each for each in document["networks"]}
    assert {name[0]: each["status"] for name, each in networks.items()} == {
        "moved.yaml": "equal", "new.yaml": "added", "specs/broken.yaml": "broken", "specs/commented.yaml": "equal",
        "specs/edited.yaml": "changed", "specs/gone.yaml": "removed", "specs/named.yaml": "changed",
        "specs/repaired.yaml": "repaired",
    }  # fmt: skip
    wide = networks["specs/edited.yaml", "wide"]
    assert wide["totals"]["params"] == {"before": 32, "after": 104, "change": 72, "percent": 225.0}
    assert wide["difference"]["schema"] == "cnncalc-diff/1"
    assert networks["specs/named.yaml", None]["totals_unchanged"]
    assert (networks["moved.yaml", None]["renamed"], networks["moved.yaml", None]["before"]) == (True, "specs/old.yaml")
    assert networks["specs/broken.yaml", None]["faults"]["after"][0].startswith("specs/broken.yaml:7:5: unknown layer")
    assert networks["specs/repaired.yaml", None]["faults"]["before"][0].startswith("main:specs/repaired.yaml:7:5: ")
    rows = list(csv.DictReader(io.StringIO(cnncalc("diff", "main", "-f", "csv").out)))
    assert [row["params_after"] for row in rows if row["network"] == "specs/edited.yaml@wide"] == ["104"]
    assert [row["params_before"] for row in rows if row["status"] == "added"] == [""]


def test_from_a_folder_and_between_revisions(cnncalc, repository, monkeypatch):
    git("add", ".")
    git("commit", "-qm", "second")
    monkeypatch.chdir("specs")
    assert "no spec changed since HEAD" in cnncalc("diff", "HEAD").out
    done = cnncalc("diff", "HEAD~1..HEAD")
    assert done.out.startswith("Networks changed from HEAD~1 to HEAD\n")
    assert "\n../moved.yaml        renamed from old.yaml; network unchanged" in done.out
    assert "HEAD:specs/broken.yaml:7:5: unknown layer 'reluu'" in done.out


def test_options_apply_to_every_network(cnncalc, repository):
    out = cnncalc("diff", "main", "--set", "width=2", "--input", "3xHx8", "--at", "H=9", "--", "specs/edited.yaml").out
    assert re.search(r"specs/edited.yaml \(default, wide\) +output 2×9×8 → 2×8×7; 1 layer edited +8 → 26 ", out)
    done = cnncalc("diff", "main", "--set", "wdth=2", "--", "specs/edited.yaml")
    assert done.code == 2
    assert "cannot be read, as before" in done.out
    assert "has no parameter 'wdth': did you mean 'width'?" in done.out


def test_a_broken_spec_that_is_renamed(cnncalc, repository):
    git("commit", "-qam", "second")
    git("mv", "specs/broken.yaml", "still.yaml")
    done = cnncalc("diff", "HEAD", "--", "still.yaml", "specs/broken.yaml")
    assert done.code == 2
    assert "still.yaml  renamed from specs/broken.yaml; broken, as before" in done.out
    assert "\nstill.yaml:7:5: unknown layer 'reluu'\n" in done.out


def test_names_that_look_like_code_are_files(cnncalc, repository):
    Path("evil.py").write_text("raise SystemExit('run')")
    Path("torch:evil.py:x.yaml").write_text(SPEC)
    done = cnncalc("diff", "main", "--", "torch:evil.py:x.yaml")
    assert (done.code, done.err) == (0, "")
    assert "torch:evil.py:x.yaml@wide  added" in done.out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_odd_names(cnncalc, repository):
    for name in ("a\nb.yaml", 'c"<b>@me.yaml', "d\udcff.yaml", "e|`x`.yaml"):
        Path(name).write_text("input: 3x8x8\nlayers: [reluu]\n")
    done = cnncalc("diff", "main", "--", "*.yaml")
    assert done.code == 2
    assert "\na\\nb.yaml  " in done.out
    assert "\nd\\xff.yaml  " in done.out
    assert "a\\nb.yaml:2:10: unknown layer 'reluu'" in done.out
    comment = cnncalc("diff", "main", "-f", "markdown", "--", "*.yaml").out
    assert "<code>c&quot;&lt;b&gt;@me.yaml</code>: added; broken" in comment
    names = {
        each["after"] for each in json.loads(cnncalc("diff", "main", "-f", "json", "--", "*.yaml").out)["networks"]
    }
    assert {"a\\nb.yaml", "d\\xff.yaml"} <= names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mian"], "git does not know the revision 'mian' (did you mean 'main'?)"),
        (["main..mian"], "git does not know the revision 'mian'"),
        (["--", "--all", "main"], "no such file or shipped network: --all"),
        (["--all", "--", "-p"], "expected two networks, or a revision"),
        (["main", "--", "spec"], "no YAML file at 'spec', in main or in the working tree"),
        (["main", "--", "../x.yaml"], "'../x.yaml' is outside of the repository"),
        (["alexnet"], "the revision 'alexnet'; to compare networks, name two: cnncalc diff alexnet OTHER"),
        (["specs"], "the revision 'specs'; to compare a folder, name a revision: cnncalc diff HEAD -- specs"),
        (["specs", "specs"], "the revision 'specs'; to compare a folder, name a revision"),
        (["main", "new.yaml"], "for the revision: cnncalc diff main -- new.yaml"),
        (["main", "HEAD"], "to compare two revisions: cnncalc diff main..HEAD"),
        (["HEAD~7"], "git does not know the revision 'HEAD~7'\n"),
        (["origin/new"], "git does not know the revision 'origin/new' (there is no remote 'origin' here)"),
        (["side/new"], "git does not know the revision 'side/new'\n"),
    ],
)
def test_faults_are_sentences(cnncalc, repository, arguments, message):
    done = cnncalc("diff", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_outside_of_a_repository_and_without_git(cnncalc, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert cnncalc("diff", "main") == (2, "", "cnncalc: not in a git repository\n")
    monkeypatch.setenv("PATH", "")
    done = cnncalc("diff", "main")
    assert (done.code, done.out) == (2, "")
    assert "git is needed for a revision, but it is not installed" in done.err


def test_a_branch_of_a_remote_that_was_never_fetched(cnncalc, repository):
    git("remote", "add", "origin", str(repository))
    done = cnncalc("diff", "origin/new")
    assert done.err == "cnncalc: git does not know the revision 'origin/new' ('git fetch origin new' may fetch it)\n"
    assert "may fetch" not in cnncalc("diff", "origin/a b").err


def test_a_shallow_clone(cnncalc, repository, tmp_path, monkeypatch):
    git("commit", "-qam", "second")
    git("clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    monkeypatch.chdir("shallow")
    done = cnncalc("diff", "HEAD~1")
    assert done.code == 2
    assert (
        "(a shallow clone: 'git fetch --unshallow', or fetch-depth: 0 of actions/checkout, fetches the rest)"
        in done.err
    )
    assert "no spec changed" in cnncalc("diff", "HEAD").out


def test_a_linked_working_tree(cnncalc, repository, monkeypatch):
    git("worktree", "add", "-q", "-b", "side", "tree")
    monkeypatch.chdir("tree")
    edit("specs/edited.yaml", "relu", "tanh")
    assert "2 networks of 1 changed spec\n" in cnncalc("diff", "main").out


def test_a_submodule_is_a_repository_of_its_own(cnncalc, repository, monkeypatch):
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository), "sub")
    edit("sub/specs/edited.yaml", "relu", "tanh")
    done = cnncalc("diff", "main", "--", "specs/same.yaml", "*.yaml")
    assert "sub/" not in done.out
    monkeypatch.chdir("sub")
    assert "2 networks of 1 changed spec\n" in cnncalc("diff", "main").out
