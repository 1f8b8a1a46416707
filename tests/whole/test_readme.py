"""Every command and every Python example of the README is run, and what it prints is what stands there.

`python tests/whole/test_readme.py` writes the present output into the README.
"""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.yaml)\n")


def fences(kind: str) -> list[str]:
    return [body for found, body in FENCE.findall(README.read_text("utf-8")) if found == kind]


def write_files(folder: Path) -> None:
    """The folder that the README's commands are run in: the files that it writes out, and the shipped specs."""
    shutil.copytree(ROOT / "specs", folder / "specs")
    for body in fences("yaml"):
        name = FILE.match(body)
        assert name, f"a YAML example names its file first: {body[:40]}"
        (folder / name[1]).write_text(body, "utf-8")


def printed(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    assert program == "cnncalc"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    for name in ("COLUMNS", "GITHUB_ACTIONS"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", *arguments],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60,
    )  # fmt: skip
    return done.stdout.decode("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("readme")
    write_files(path)
    return path


@pytest.mark.parametrize("example", fences("console"), ids=lambda example: example.partition("\n")[0][2:60])
def test_command_prints_what_the_readme_shows(example, folder):
    command, _, output = example.partition("\n")
    assert command.startswith("$ ")
    assert printed(command[2:], folder) == output


def test_python_examples():
    for body in fences("python"):
        test = doctest.DocTestParser().get_doctest(body, {}, "README.md", str(README), 0)
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_first_screen():
    lines = README.read_text("utf-8").splitlines()
    assert any(line.startswith("$ cnncalc shapes") for line in lines[:30]), (
        "the first output stands in the first 30 lines"
    )
    commands = [body for kind, body in FENCE.findall("\n".join(lines[:60])) if kind == "sh"]
    assert len(commands) == 2, "two commands: one runs the main job, one the tests"


def rewrite() -> None:
    """Put the present output of every command into the README."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)

        def refreshed(match: re.Match[str]) -> str:
            if match[1] != "console":
                return match[0]
            command = match[2].partition("\n")[0]
            return f"```console\n{command}\n{printed(command[2:], folder)}```"

        README.write_text(FENCE.sub(refreshed, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    rewrite()
