"""What a release needs: every file says the same version, workflows are pinned, forms and recipes are whole."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import cnncalc

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (GITHUB / "workflows").glob("*.yml")}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
FILES = [
    *(
        path
        for folder in (GITHUB, ROOT / "packaging")
        for ending in ("yml", "yaml")
        for path in folder.rglob(f"*.{ending}")
    ),
    *(ROOT / name for name in ("action.yml", "CITATION.cff", ".pre-commit-hooks.yaml")),
]


@pytest.fixture(scope="module")
def release():
    """The script of the release workflow, as a module."""
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(release, tmp_path):
    """A copy of the files that say the version."""
    for name in ("cnncalc/version.py", "CHANGELOG.md", *release.SAID):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# --- versions --------------------------------------------------------------------------------------------------------


def test_every_file_says_this_version(release):
    assert release.faults(f"v{cnncalc.__version__}") == []


def test_no_other_version_is_in_the_guide(release):
    guide = (ROOT / "docs" / "guide" / "ci.md").read_text("utf-8")
    assert set(re.findall(r"\bv?(\d+\.\d+\.\d+)\b(?!\n)", re.sub("# v.*", "", guide))) == {cnncalc.__version__}


def test_another_tag_is_refused(release):
    assert release.faults("v9.9.9") == [f"the tag is v9.9.9, cnncalc/version.py says {cnncalc.__version__}"]


def test_each_file_that_was_forgotten_is_named(release, checkout):
    old = cnncalc.__version__
    change(checkout / "cnncalc" / "version.py", old, "9.9.9")
    found = release.faults("v9.9.9", checkout)
    assert {line.split()[0] for line in found} == {*release.SAID, "CHANGELOG.md"}
    for name in release.SAID:
        change(checkout / name, old, "9.9.9")
    change(checkout / "CHANGELOG.md", f"## {old} - ", "## 9.9.9 - ")
    assert release.faults("v9.9.9", checkout) == []


def test_a_file_that_no_longer_says_it_is_named(release, checkout):
    change(checkout / "CITATION.cff", "version: ", "release: ")
    assert "CITATION.cff no longer says the version" in release.faults(f"v{cnncalc.__version__}", checkout)


def test_the_dates_agree(release, checkout):
    (checkout / "CITATION.cff").write_text(
        re.sub(r"(?m)^date-released: .+", "date-released: 2001-01-01", (checkout / "CITATION.cff").read_text("utf-8")),
        "utf-8",
    )
    (line,) = release.faults(f"v{cnncalc.__version__}", checkout)
    assert line.startswith("CHANGELOG.md has no section")


def test_the_script_says_what_is_wrong():
    script = [sys.executable, str(ROOT / ".ci" / "release.py")]
    done = subprocess.run([*script, "check", "v9.9.9"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("the tag is v9.9.9")
    assert subprocess.run([*script, "check"], capture_output=True, check=False).returncode == 2


def test_notes_are_one_section(release):
    notes = release.notes()
    assert notes.startswith("### ")
    assert "\n## " not in notes
    assert "### Upgrade notes" in notes
    assert notes in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_recipes_get_the_checksum(release, tmp_path):
    sdist = tmp_path / f"cnncalc-{cnncalc.__version__}.tar.gz"
    sdist.write_bytes(b"abc")
    release.fill(sdist, tmp_path)
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of FIPS 180-2, B.1
    for name in ("recipe.yaml", "cnncalc.rb"):
        text = (tmp_path / name).read_text("utf-8")
        assert known in text
        assert release.CHECKSUM not in text


# --- files of the package index, conda and citations -----------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_yaml_is_read(path):
    assert yaml.safe_load(path.read_text("utf-8"))


def test_the_recipe_of_conda_asks_for_what_the_package_does():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (line,) = re.findall(r"^dependencies = (\[.*\])", text, re.MULTILINE)
    recipe = yaml.safe_load((ROOT / "packaging" / "conda" / "recipe.yaml").read_text("utf-8"))
    python, *run = recipe["requirements"]["run"]
    assert python.startswith("python >=")
    assert [each.replace(" ", "") for each in run] == json.loads(line)
    (script,) = recipe["build"]["python"]["entry_points"]
    assert script.replace(" = ", ' = "') + '"' in text


def test_the_citation_has_what_its_format_requires():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()  # required by CFF 1.2.0
    assert all(author["name"] for author in citation["authors"])
    assert f'license = "{citation["license"]}"' in (ROOT / "pyproject.toml").read_text("utf-8")


# --- GitHub ----------------------------------------------------------------------------------------------------------


def steps(jobs: dict) -> list[dict]:
    return [step for job in jobs.values() for step in job["steps"]]


def test_actions_are_pinned_by_hash():
    used = [step["uses"] for flow in WORKFLOWS.values() for step in steps(flow["jobs"]) if "uses" in step]
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    used += [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
    assert len(used) > 8
    assert [name for name in used if not PINNED.fullmatch(name) and name != "./"] == []


def test_one_hash_of_each_action():
    texts = "".join(
        path.read_text("utf-8") for path in FILES if path.is_relative_to(GITHUB) or path.name == "action.yml"
    )
    texts += (ROOT / "docs" / "guide" / "ci.md").read_text("utf-8")
    found = {re.match("(.*)@", line)[1]: set() for line in re.findall(r"uses: (\S+@.*)", texts)}
    for line in re.findall(r"uses: (\S+@[0-9a-f]{40} # v.*)", texts):
        found[re.match("(.*)@", line)[1]].add(line)
    assert {name: len(lines) for name, lines in found.items() if len(lines) > 1} == {}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_have_few_rights(name):
    flow = WORKFLOWS[name]
    assert flow["permissions"] == {"contents": "read"}, "what more a job needs, it asks for"
    assert all("timeout-minutes" in job for job in flow["jobs"].values())
    for step in steps(flow["jobs"]):
        assert "${{" not in step.get("run", ""), "values are no part of a script"
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_ci_runs_on_three_systems_and_every_python():
    matrix = WORKFLOWS["ci"]["jobs"]["test"]["strategy"]["matrix"]
    systems = {*matrix["os"], *(each["os"] for each in matrix["include"])}
    assert systems == {"ubuntu-latest", "macos-latest", "windows-latest"}
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert matrix["python"] == re.findall(r"Programming Language :: Python :: (3\.\d+)", text)


def test_only_the_job_that_publishes_is_trusted():
    jobs = WORKFLOWS["release"]["jobs"]
    assert jobs["publish"]["environment"] == "pypi"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert not [step for step in jobs["publish"]["steps"] if "run" in step], "it runs nothing of the repository"
    assert any("attest-build-provenance" in step.get("uses", "") for step in jobs["build"]["steps"])


def test_the_example_uses_paths_that_there_are():
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    used = [step for step in steps(WORKFLOWS["example"]["jobs"]) if step.get("uses") == "./"]
    assert len(used) == 2
    for step in used:
        assert step["with"].keys() <= action["inputs"].keys()
        assert (ROOT / step["with"]["paths"]).is_file()


@pytest.mark.parametrize("name", ["wrong_number", "bug", "feature"])
def test_issue_forms_are_whole(name):
    form = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml").read_text("utf-8"))
    assert {"name", "description", "body"} <= form.keys()
    fields = [item for item in form["body"] if item["type"] != "markdown"]
    assert {item["type"] for item in fields} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert all(item["attributes"]["label"] for item in fields)
    assert len({item["id"] for item in fields}) == len(fields)
    if name == "wrong_number":
        assert {"spec", "expected", "source"} <= {item["id"] for item in fields if item["validations"]["required"]}


# --- the image -------------------------------------------------------------------------------------------------------


def test_the_image_copies_what_a_build_needs():
    text = (ROOT / "Dockerfile").read_text("utf-8")
    copied = [word for line in re.findall(r"^COPY (?!--)(.*)", text, re.MULTILINE) for word in line.split()[:-1]]
    assert all((ROOT / word).exists() for word in copied)
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    included = re.findall(
        r'^"?([\w/]+)"? = ', project.partition("wheel.force-include]\n")[2].partition("\n\n")[0], re.M
    )
    assert {"pyproject.toml", "README.md", "LICENSE", "cnncalc", *included} == set(copied)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert [line[1:] for line in ignored if line.startswith("!")] == copied


def test_the_image_runs_the_tool_as_nobody():
    text = (ROOT / "Dockerfile").read_text("utf-8")
    final = text.rpartition("\nFROM ")[2]
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", final, re.MULTILINE)
    (program,) = json.loads(entry)
    assert re.search(rf"(?m)^{program} = \"cnncalc\.", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert re.search(r"(?m)^USER [1-9]\d*:[1-9]\d*$", final), "not root, by number"
    assert final.index("USER") < final.index("ENTRYPOINT")
