"""What a spreadsheet may take for a formula is a text; what is a number stays one."""

import pytest

from cnncalc.render.formats.csv import csv_text, guarded
from cnncalc.render.view import Row, Section, View

NUMBERS = ["-1", "+1", "-0.5", "-1e-05", "-3x4", "-1 2", "+5.0%", "-12*H*W + 3*H2", "-(H + 1)", "4", "", "3x8x8"]
FORMULAS = [
    "=1+1",
    "@SUM(A1)",
    "-HYPERLINK(A1)",
    "+cmd|' /C calc'!A0",
    "-x",
    "=",
    "-2+cmd|x",
    " =1",
    "＝1",
    "+A1(B1)",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text):
    assert guarded(text) == text


@pytest.mark.parametrize("text", [*FORMULAS, "::stop-commands::x", "\t=1", "\r@x"])
def test_formulas_and_commands(text):
    assert guarded(text).startswith("'")
    assert guarded(text)[1:].lstrip()[-1:] == text[-1:]


def test_records():
    record = {"a": -1, "b": -0.5, "c": "-0.5", "d": "=x", "e": [-1, 2], "f": None, "g": True}
    view = View("", (), (), (Section("", (Row((), 0, record),)),))
    assert csv_text(view) == "a,b,c,d,e,f,g\n-1,-0.5,-0.5,'=x,-1 2,,true\n"
