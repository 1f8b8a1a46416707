"""What other repositories call: the pre-commit hooks, on an example repository, and the action of GitHub.

With CNNCALC_INSTALL set, both install this checkout for real (which asks the package index for what it is built with);
without, the hook runs as what is tested here, and nothing is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ..repositories import git_in as git

ROOT = Path(__file__).parents[2]
EXAMPLE = Path(__file__).parents[1] / "example_repository"
INSTALL = os.environ.get("CNNCALC_INSTALL")
MANIFEST = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A repository of what lies here now: what pre-commit clones."""
    folder = tmp_path_factory.mktemp("checkout") / "cnncalc"
    for name in ("cnncalc", "specs", "docs/language"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "action.yml"):
        shutil.copy(ROOT / name, folder / name)
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")


@pytest.fixture
def example(tmp_path, checkout) -> Path:
    """The example repository, its hooks taken from the checkout."""
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    config = folder / ".pre-commit-config.yaml"
    text = config.read_text("utf-8").replace("CHECKOUT", str(checkout))
    config.write_text(text if INSTALL else re.sub(r"(- id: .*\n)", r"\1        language: system\n", text), "utf-8")
    commit(folder)
    return folder


def environment_with_program(folder: Path) -> dict[str, str]:
    """An environment in which `cnncalc` is the package that is tested here."""
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    program = programs / "cnncalc"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m cnncalc "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("GITHUB_ACTIONS", None)
    return environment


def precommit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pre-commit on all files."""
    environment = {**environment_with_program(folder), "PRE_COMMIT_HOME": str(folder.parent / "cache")}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


@needs_git
@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
def test_the_hooks_run_on_the_example_repository(example):
    pytest.importorskip("pre_commit")
    before = (example / "compose.yaml").read_bytes()
    done = precommit(example)
    assert done.returncode == 1, done.stdout + done.stderr
    check, fmt = done.stdout.split("cnncalc fmt")
    assert "cnncalc check" in check
    assert "nets/broken.yaml:11:11: error: params: expected at most 2k, got 2,442: over by 442 (+22.1%)" in check
    assert "2 specs, 2 networks: 1 error" in check, "compose.yaml is no spec"
    assert "files were modified by this hook" in fmt
    assert sorted(re.findall("formatted (.*)", fmt)) == ["nets/broken.yaml", "nets/student.yaml"]
    assert "\n\nexpect:\n" in (example / "nets" / "student.yaml").read_text("utf-8")
    assert (example / "compose.yaml").read_bytes() == before
    (example / "nets" / "broken.yaml").unlink()
    git(example, "add", "-A")
    done = precommit(example)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2


@needs_git
@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
def test_a_spec_that_cannot_be_formatted_fails(example):
    pytest.importorskip("pre_commit")
    (example / "nets" / "broken.yaml").write_text("input: 3x8x8\nlayers: [relu\n", "utf-8")
    git(example, "add", "-A")
    done = precommit(example, "cnncalc-fmt")
    assert done.returncode == 1
    assert "nets/broken.yaml:2:9: '[' is never closed" in done.stdout
    assert "formatted nets/student.yaml" in done.stdout, "the others are still formatted"


@pytest.mark.parametrize("command", ["check", "fmt"])
def test_the_hooks_take_yaml_and_one_process(command):
    (hook,) = [hook for hook in MANIFEST if hook["id"] == f"cnncalc-{command}"]
    assert (hook["language"], hook["types"], hook["require_serial"]) == ("python", ["yaml"], True)
    assert hook["entry"] == f"cnncalc {command} --skip-others"


def test_the_action_sets_up_nothing_else():
    source, cache, install = ACTION["runs"]["steps"]
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["branding"].keys() == {"icon", "color"}
    assert ACTION["inputs"].keys() == {"paths", "args", "version"}
    given = {"SOURCE": "${{ github.action_path }}", "VERSION": "${{ inputs.version }}"}
    assert source["env"] == given
    assert install["env"] == {**given, "PATHS": "${{ inputs.paths }}", "ARGS": "${{ inputs.args }}"}
    assert not [step for step in (source, install) if "${{" in step["run"]], "inputs are no part of a script"
    assert cache["with"]["path"] == "${{ runner.temp }}/cnncalc-downloads"
    assert '--cache-dir "$RUNNER_TEMP/cnncalc-downloads"' in install["run"], "what is kept is what pip fills"
    assert "steps.source.outputs.key" in cache["with"]["key"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not there")
@pytest.mark.parametrize(
    ("version", "code"),
    [("", 0), ("0.2.0", 0), ("0.2.0rc1", 0), ("0.2.0 --index-url=x", 2), (",", 2), ("a\nkey=b", 2), ("$(id)", 2)],
)
def test_the_action_takes_releases_alone(tmp_path, version, code):
    """Its first step makes the key of the cache, from the source and the version."""
    output = tmp_path / "output"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", ACTION["runs"]["steps"][0]["run"]],
        env={**os.environ, "SOURCE": ROOT.as_posix(), "VERSION": version, "GITHUB_OUTPUT": str(output)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    if code:
        assert done.stdout.startswith("::error title=cnncalc::version: expected a release")
        assert not output.exists()
    else:
        assert re.fullmatch(rf"key=\d+-\d+-{re.escape(version)}\n", output.read_text("utf-8"))


def guide() -> tuple[dict, dict]:
    """The two files that the guide shows, of pre-commit and of GitHub."""
    text = (ROOT / "docs" / "guide" / "ci.md").read_text("utf-8")
    hooks, workflow = (yaml.safe_load(body) for body in re.findall(r"^```yml\n(.*?)^```", text, re.M | re.S))
    return hooks, workflow


def test_the_guide_names_the_hooks_and_inputs_that_there_are():
    hooks, workflow = guide()
    assert {hook["id"] for repo in hooks["repos"] for hook in repo["hooks"]} == {hook["id"] for hook in MANIFEST}
    (step,) = [step for step in workflow["jobs"]["check"]["steps"] if step["uses"].startswith("<this")]
    assert step["with"].keys() <= ACTION["inputs"].keys()


@needs_git
@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
def test_the_command_of_the_guide_writes_a_comment_and_fails_above_the_limit(example):
    git(example, "update-ref", "refs/remotes/origin/main", "HEAD")
    path = example / "nets" / "student.yaml"
    path.write_text(path.read_text("utf-8").replace("out_channels: 16", "out_channels: 24"), "utf-8")
    git(example, "commit", "-qam", "wider")
    (command,) = [step["run"] for step in guide()[1]["jobs"]["diff"]["steps"] if "cnncalc diff" in step.get("run", "")]
    environment = {**environment_with_program(example), "GITHUB_BASE_REF": "main"}
    done = subprocess.run(["bash", "-e", "-c", command], cwd=example, env=environment, check=False, timeout=100)
    assert done.returncode == 1
    comment = (example / "comment.md").read_text("utf-8")
    assert comment.startswith("## Networks changed")
    assert "limit exceeded" in comment


@pytest.mark.skipif(not INSTALL, reason="CNNCALC_INSTALL is not set")
def test_the_action_runs(example, checkout, tmp_path):
    *_, step = ACTION["runs"]["steps"]
    environment = {
        **os.environ, "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTIONS": "true", "VERSION": "",
        "SOURCE": str(checkout), "PATHS": "nets/*.yaml", "ARGS": "--strict --ignore unused-ignore",
    }  # fmt: skip
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=example, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(
        "::error title=expectation,file=nets/broken.yaml,line=11,endLine=11,col=11,endColumn=21::"
    )
