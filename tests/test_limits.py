"""Every limit stands in one place of the code, and in the table of docs/limits.md."""

import re
from pathlib import Path

import pytest

from cnncalc import limits

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
