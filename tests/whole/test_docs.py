"""Every command and every Python example of README.md and of docs/ is run, and prints what the page shows.

In a page, a fence `console` holds one command of ours and its output; a fence `yaml` whose first line is `# name.yaml`
is the file of that name, in the folder in which the page's commands run.
`python tests/whole/test_docs.py` writes the present output into the pages.
"""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli.main import COMMANDS
from cnncalc.cli.options import FORMATS
from cnncalc.names import CONVENTIONS

ROOT = Path(__file__).parents[2]
LANGUAGE = ROOT / "docs" / "language"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.yaml)\n")
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([\w-]+))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
COMMAND = re.compile(r"`cnncalc (\w+)")
CODE_PATH = re.compile(r"`((?:cnncalc|tests|specs|docs|\.ci)/[\w./*-]*)`")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def fences(page: Path, kind: str) -> list[str]:
    return [body for found, body in FENCE.findall(page.read_text("utf-8")) if found == kind]


def write_files(page: Path, folder: Path) -> None:
    """Fill the folder that a page's commands run in: the files of README.md and its own, and the shipped specs."""
    shutil.copytree(ROOT / "specs", folder / "specs")
    for body in (*fences(ROOT / "README.md", "yaml"), *fences(page, "yaml")):
        if name := FILE.match(body):
            (folder / name[1]).write_text(body, "utf-8")


def run(command: str, folder: Path, page: Path) -> str:
    """What a command prints, on both streams; `cnncalc help` shows the language's pages on 80 columns, indented."""
    program, *arguments = shlex.split(command)
    assert program == "cnncalc"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    for name in ("COLUMNS", "GITHUB_ACTIONS", "FORCE_COLOR", "CLICOLOR_FORCE"):
        environment.pop(name, None)
    if page.parent == LANGUAGE:
        environment["COLUMNS"] = "78"
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", *arguments],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60,
    )  # fmt: skip
    return done.stdout.decode("utf-8")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    paths: dict[Path, Path] = {}

    def folder(page: Path) -> Path:
        if page not in paths:
            paths[page] = tmp_path_factory.mktemp(page.stem)
            write_files(page, paths[page])
        return paths[page]

    return folder


EXAMPLES = [(page, example) for page in PAGES for example in fences(page, "console")]


@pytest.mark.parametrize(
    ("page", "example"),
    EXAMPLES,
    ids=[f"{name_of(page)}: {each.partition(chr(10))[0][2:60]}" for page, each in EXAMPLES],
)
def test_command_prints_what_the_page_shows(page, example, folders):
    command, _, output = example.partition("\n")
    assert command.startswith("$ ")
    assert run(command[2:], folders(page), page) == output


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_examples(page):
    for body in fences(page, "python"):
        test = doctest.DocTestParser().get_doctest(body, {}, name_of(page), str(page), 0)
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_load(page):
    """Every file that a page shows is a network, unless a command of the page shows its errors."""
    printed = "".join(fences(page, "console"))
    for body in fences(page, "yaml"):
        name = FILE.match(body)
        if name and name[1] not in printed:
            cnncalc.parse(body, name[1]).analyze()


def test_every_page_is_linked():
    """Links lead from README.md to every page."""
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop().resolve()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            left += [page.parent / target for target, _ in LINK.findall(page.read_text("utf-8")) if target]
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_paths_lead_somewhere(page):
    text = page.read_text("utf-8")
    for target, anchor in LINK.findall(text):
        path = page.parent / target if target else page
        assert path.exists(), f"{name_of(page)} links to {target}"
        assert not anchor or anchor in anchors(path), f"{name_of(page)} links to {target}#{anchor}"
    for path in CODE_PATH.findall(text):
        assert list(ROOT.glob(path.rstrip("/"))), f"{name_of(page)} names {path}"


def test_first_screen():
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert any(line.startswith("$ cnncalc shapes") for line in lines[:30]), (
        "the first output stands in the first 30 lines"
    )
    commands = [body for kind, body in FENCE.findall("\n".join(lines[:60])) if kind == "sh"]
    assert len(commands) == 2, "two commands: one runs the main job, one the tests"


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= 900, "details go to docs/"


@pytest.mark.parametrize("name", ["README.md", "docs/commands.md"])
def test_the_table_of_commands_is_complete(name):
    rows = re.findall(r"^\| .* \|$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    named = [command for row in rows for command in COMMAND.findall(row)]
    assert sorted(named) == sorted(COMMANDS), "the table of commands has a row for each"


def test_the_list_of_formats_is_complete():
    formats = re.search(r"`--format\s+(\w+(?:\|\w+)+)`", (ROOT / "docs" / "commands.md").read_text("utf-8"))
    assert formats is not None
    assert set(formats[1].split("|")) == set(FORMATS), "docs/commands.md lists the formats after --format"


def test_no_source_cites_a_document_that_is_not_here():
    cited = re.compile(r"\bdocs/[\w/]+\.md\b|\b(?:DESIGN|LAYOUT|PEERS|TOKENS|FORMATS) section|\bshared/[A-Z]+")
    for path in [*(ROOT / "cnncalc").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for word in set(cited.findall(path.read_text("utf-8"))) if path != Path(__file__) else ():
            assert (ROOT / word).is_file(), f"{path.relative_to(ROOT)} cites {word}"


def test_the_architecture_names_every_room():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:`\w+/?`(?:, )?)+) \|", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)/?`", row)}
    assert named == {path.stem for path in (ROOT / "cnncalc").iterdir() if path.suffix == ".py" or path.is_dir()} - {
        "__init__", "__main__", "__pycache__", "py",
    }  # fmt: skip


def test_conventions_are_described():
    text = (ROOT / "docs" / "conventions.md").read_text("utf-8")
    for name in CONVENTIONS:
        assert f"`{name}`" in text, f"docs/conventions.md says nothing of {name}"


def rewrite(page: Path) -> None:
    """Put the present output of every command into a page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(page, folder)

        def refresh(match: re.Match[str]) -> str:
            if match[1] != "console":
                return match[0]
            command = match[2].partition("\n")[0]
            return f"```console\n{command}\n{run(command[2:], folder, page)}```"

        page.write_text(FENCE.sub(refresh, page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    for each in PAGES:
        rewrite(each)
