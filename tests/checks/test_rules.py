"""The table of rules, their files, their docs and their fixtures are one thing."""

import ast
import re
from pathlib import Path

import pytest

from cnncalc import checks
from cnncalc.checks.rule import Rule
from cnncalc.layers import LAYERS
from cnncalc.names import RULE_NAMES

from .marked import SPECS, findings, marked_rules, marks, places, rule, specs

FOLDER = Path(checks.__file__).parent / "rules"
ENGINE = {
    "expectation",
    "faulty-spec",
    "unused-ignore",
    "weights-mismatch",
}  # they speak of the spec's own words, and have tests of theirs
NAMES = [name for name in RULE_NAMES if name not in ENGINE]
FIXTURES = [pytest.param(name, path, id=f"{name}-{path.stem}") for name in NAMES for path in specs(name)]
DEFAULT = [name for name in NAMES if rule(name).level != "off"]


def test_every_file_with_a_rule_is_in_the_table():
    texts = {path.stem.replace("_", "-"): path.read_text("utf-8") for path in FOLDER.glob("*.py")}
    files = {name for name, text in texts.items() if re.search(r"^class \w+\(Rule\)", text, re.MULTILINE)}
    assert files == set(RULE_NAMES)


def test_every_kind_that_a_rule_names_is_a_layer():
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        sets = [node.value for node in tree.body if isinstance(node, ast.Assign)]
        words = {
            each.value
            for found in sets
            for each in ast.walk(found)
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and re.fullmatch("[a-z0-9_]+", each.value)
        }
        if path.stem in ("wiring", "ranges") or f"{path.stem.replace('_', '-')}" in NAMES:
            assert words <= set(LAYERS), path.name


def test_no_name_stands_twice():
    assert len(set(RULE_NAMES)) == len(RULE_NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_says_all_that_a_rule_has_to_say(name):
    found = rule(name)
    assert isinstance(found, Rule)
    assert found.name == name
    assert found.level in ("error", "warning", "note", "off")
    for text in (found.what, found.why):
        assert text[0].isupper(), text
        assert text.endswith("."), text
        assert "  " not in text
    assert found.source
    assert found.example.endswith("\n")
    assert found.fixed.endswith("\n")
    assert (found.level == "off") == ("Off by default" in found.why), "docs say why a rule is off, and only then"


@pytest.mark.parametrize("name", NAMES)
def test_the_example_has_exactly_its_finding(name):
    example = rule(name).example
    assert [found.rule for found in findings(name, example)] == [name]
    for other in {*DEFAULT, "input-off-fit", "stride-drops-pixels"} - {name}:
        beside = {"stride-drops-pixels", "input-off-fit"}
        assert not findings(other, example) or {name, other} == beside, other


@pytest.mark.parametrize("name", NAMES)
def test_what_is_fixed_has_none(name):
    for other in {*DEFAULT, name}:
        assert not findings(other, rule(name).fixed), other


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_fixtures_and_silent_twins(name):
    texts = [path.read_text("utf-8") for path in specs(name)]
    assert any(marks(name, text) for text in texts)
    assert any(not marks(name, text) for text in texts)


@pytest.mark.parametrize(("name", "path"), FIXTURES)
def test_a_rule_speaks_where_a_fixture_is_marked_and_nowhere_else(name, path):
    text = path.read_text("utf-8")
    assert places(name, text) == marks(name, text)
    assert marked_rules(text) <= {name}, "marks of other rules"
    assert bool(marks(name, text)) != path.stem.startswith("silent"), "a silent twin is named silent_…"


def test_no_fixture_belongs_to_no_rule():
    assert {path.name for path in SPECS.iterdir()} <= set(NAMES)


def test_the_guide_names_every_rule_at_its_level():
    text = (Path(__file__).parents[2] / "docs" / "guide" / "ci.md").read_text("utf-8")
    rows = re.findall(r"^\| (error|warning|note|off) \| (.*) \|$", text, re.MULTILINE)
    named = {name: level for level, names in rows for name in re.findall(r"`([a-z-]+)`", names)}
    levels = {name: rule(name).level for name in RULE_NAMES}
    assert named == levels, "docs/guide/ci.md lists every rule in the row of its level"
