"""`cnncalc rule`: the rules, and the page of each."""

import json

import pytest

from cnncalc.names import RULE_NAMES


def test_all(cnncalc):
    done = cnncalc("rule")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[2:] if line][: len(RULE_NAMES)] == list(RULE_NAMES)


@pytest.mark.parametrize("name", RULE_NAMES)
def test_page(cnncalc, name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    done = cnncalc("rule", name)
    assert done.out.startswith(f"{name}  (")
    assert "fixed:" in done.out
    assert "source: " in done.out
    prose = [line for line in done.out.splitlines() if not line.startswith("  ")]
    assert max(map(len, prose)) <= 80


def test_formats(cnncalc):
    assert json.loads(cnncalc("rule", "expectation", "-f", "json").out)["level"] == "error"
    assert len(json.loads(cnncalc("rule", "-f", "json").out)) == len(RULE_NAMES)
    assert cnncalc("rule", "expectation", "-f", "markdown").out.startswith("# expectation\n")
    assert cnncalc("rule", "-f", "csv").out.startswith("rule,level,what\n")


def test_unknown(cnncalc):
    done = cnncalc("rule", "expectatoin")
    assert done.code == 2
    assert done.err == "cnncalc: unknown rule 'expectatoin': did you mean 'expectation'?\n"
