"""`cnncalc --version --verbose`, for bug reports."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cnncalc import __version__
from cnncalc.cli import about
from cnncalc.cli.about import NEEDED, OPTIONAL, installation

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("words", [("--version", "--verbose"), ("--verbose", "--version")])
def test_says_versions_and_the_system(cnncalc, words):
    done = cnncalc(*words)
    assert (done.code, done.err) == (0, "")
    first, *lines = done.out.splitlines()
    assert first == f"cnncalc {__version__}"
    facts = {line[:8].strip(): line[9:] for line in lines}
    assert list(facts) == ["python", "system", "needs", "extras", "absent", "output", "package"]
    assert f"typer {version('typer')}" in facts["needs"]
    told = {*re.findall(r"(\w+) \S+(?:, |$)", facts["extras"]), *facts["absent"].split(", ")} - {"none"}
    assert told == set(OPTIONAL)


def test_verbose_goes_with_version(cnncalc):
    done = cnncalc("--verbose", "shapes", "lenet5")
    assert (done.code, done.out) == (2, "")
    assert "--verbose goes with --version" in done.err


def test_names_no_home(monkeypatch):
    home = Path(about.__file__).parents[3]
    monkeypatch.setattr(Path, "home", classmethod(lambda _: home))
    assert str(home) not in installation()
    assert re.search(r"^package  ~.*cnncalc$", installation(), re.MULTILINE)


def test_a_folder_with_odd_signs_is_one_line(monkeypatch):
    monkeypatch.setattr("cnncalc.cli.about.__file__", "/a\nb/cnncalc/cli/about.py")
    assert "\npackage  /a\\nb/cnncalc" in installation()


def test_lists_what_the_package_may_need():
    """The distributions of `dependencies` and of the extras for users, as pyproject.toml has them."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (needed,) = re.findall(r"^dependencies = \[(.*)\]", text, re.MULTILINE)
    extras = re.findall(
        r"^(?!test|dev|peers|docs)\w+ = \[(.*)\]$",
        text.partition("optional-dependencies]")[2].partition("\n[")[0],
        re.M,
    )
    names = re.compile(r'"([a-z0-9]+)[><=]')
    assert tuple(names.findall(needed)) == NEEDED
    assert {name for line in extras for name in names.findall(line)} == set(OPTIONAL)


def test_nothing_of_it_is_loaded_for_the_version():
    code = (
        "import sys\nfrom cnncalc.cli.main import main\nmain(['--version'])\nprint('cnncalc.cli.about' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == f"cnncalc {__version__}"
    assert done.stdout.splitlines()[1] == "False"
