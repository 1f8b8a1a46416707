"""The pages of the language reference: complete, in order, in the package; and the entries in them."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cnncalc import manual
from cnncalc.document.spec import SECTIONS
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.errors import Source
from cnncalc.source.reading import parse

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.stem for path in manual.folder().glob("*.md") if path.stem != "index")


def test_the_index_lists_every_page_once():
    assert sorted(page.name for page in manual.pages()) == PAGES


def test_every_modifier_and_group_has_a_page_of_its_own():
    assert {*GROUPS, *MODIFIERS} <= set(PAGES)


def test_sections_are_listed_in_the_order_of_the_language():
    lines = re.findall(r"^- `(\w+)`: ", manual.page("spec").text, re.MULTILINE)
    assert tuple(lines) == SECTIONS


@pytest.mark.parametrize("name", PAGES)
def test_a_page_begins_with_its_shortest_example(name):
    page = manual.page(name)
    assert re.match(rf"# {name}: [^\n]+\n\n```yaml\n# [\w-]+\.yaml\n", page.text)
    examples = re.findall(r"^```yaml\n(.*?)^```", page.text, re.MULTILINE | re.DOTALL)
    assert len(examples[0].splitlines()) <= 16
    assert not page.summary.endswith(".")
    assert len(f"- `{name}`: {page.summary}") <= 80


@pytest.mark.parametrize("name", PAGES)
def test_every_example_is_a_file_that_is_run(name):
    kinds = re.findall(r"^```(\w*)\n(.*)$", manual.page(name).text, re.MULTILINE)
    assert {kind for kind, _ in kinds if kind} <= {"yaml", "console"}
    for kind, first in kinds:
        assert kind != "yaml" or re.fullmatch(r"# [\w-]+\.yaml", first)
        assert kind != "console" or first.startswith("$ cnncalc ")


@pytest.mark.parametrize("name", PAGES)
def test_yaml_in_the_text_can_be_read(name):
    prose = re.sub(r"^```.*?^```$", "", manual.page(name).text, flags=re.MULTILINE | re.DOTALL)
    for code in re.findall(r"`([^`]+)`", prose):
        if re.search(r"\w:(?: |$)", code) and not code.startswith("#"):
            parse(Source(name, code))  # raises SpecError


def test_entries():
    (functions,) = manual.entries()["round_to"]
    assert functions.page == "expressions"
    assert functions.text.startswith("- `round_to(value, divisor)`: ")
    assert functions.text.endswith("is 16."), "an entry goes on in indented lines, and ends there"
    (section,) = manual.entries()["$name"]
    assert section.text.startswith("## `$name`")
    assert "$unit" in section.text
    assert {"==", "!=", "<", "**", "if", "else"} <= manual.entries().keys()
    assert {entry.page for entry in manual.entries()["dim"]} == {"branches", "joins"}


def test_what_stands_in_a_fence_is_no_entry():
    assert not {"conv", "[16", "input"} & manual.entries().keys() - {"input"}
    assert all("```" not in entry.text for entry in manual.entries()["skip"])


def test_a_wheel_contains_the_pages(tmp_path):
    pytest.importorskip("hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"cnncalc/language/{name}.md" for name in (*PAGES, "index")} <= set(names)
