"""Every limit stands in one place of the code, and in the table of docs/limits.md."""

import re
from pathlib import Path

import pytest

from cnncalc import limits
from cnncalc.budget import BudgetError
from cnncalc.errors import CnncalcError
from cnncalc.symbolic import Undecidable

from . import limits_of_commands, limits_of_imports  # noqa: F401 - their trials
from .limits import TRIALS

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"
NAMES = [name for name in vars(limits) if name.isupper()]
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def value(text):
    """The number that a cell of the table shows: 10,000; 4 MiB; 2^63."""
    number, _, unit = text.partition(" ")
    base, _, exponent = number.replace(",", "").partition("^")
    return int(base) ** int(exponent or 1) * UNITS.get(unit, 1)


ROWS = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", PAGE.read_text("utf-8"), re.MULTILINE))


def test_the_table_has_every_limit_and_no_other():
    assert sorted(ROWS) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_its_value(name):
    assert value(ROWS[name]) == getattr(limits, name)


def answer(use, amount, capsys):
    """What is said when so much is used: a message, or nothing."""
    try:
        use(amount)
    except (CnncalcError, Undecidable, BudgetError, ValueError) as error:
        return str(error)
    return capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_the_limit_passes_and_one_beyond_is_refused(name, tmp_path, monkeypatch, capsys):
    trial = TRIALS[name]  # a new limit needs one
    monkeypatch.chdir(tmp_path)
    limit = getattr(limits, name)
    if trial.lowered:
        module, limit = trial.lowered
        monkeypatch.setattr(f"{module}.{name}", limit)
    assert answer(trial.use, limit, capsys) == ""
    assert trial.message.format(limit) in answer(trial.use, trial.beyond or limit + 1, capsys)
