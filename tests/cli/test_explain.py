import json
import re

import pytest

CONV = "conv: {out_channels: 96, kernel_size: 11, stride: 4}"


def test_a_layer_from_the_command_line(cnncalc):
    done = cnncalc("explain", CONV, "--input", "3x227x227")
    assert (done.code, done.err) == (0, "")
    assert "(N − F + 2·P)/S + 1 = (227 − 11 + 2·0)/4 + 1 = 55" in done.out


def test_numbers_for_symbols(cnncalc):
    formal = cnncalc("explain", "alexnet", "conv1", "--input", "3xHxW").out
    assert "⌊(H+1)/4⌋ − 2" in formal
    assert "= 54.25 → 54" in cnncalc("explain", "alexnet", "conv1", "--input", "3xHxW", "--at", "H=224,W=224").out


def test_narrow_terminals_break_before_an_equals_sign(cnncalc, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    lines = cnncalc("explain", CONV, "--input", "3x227x227").out.splitlines()
    assert max(map(len, lines)) <= 60
    assert any(line.strip().startswith("=") for line in lines)


@pytest.mark.parametrize(
    ("form", "sign"), [("markdown", "### conv1"), ("latex", r"\begin{align*}"), ("json", '"steps"')]
)
def test_formats(cnncalc, form, sign):
    done = cnncalc("explain", "alexnet", "conv1", "--format", form)
    assert done.code == 0
    assert sign in done.out
    if form == "json":
        assert json.loads(done.out)["layers"][0]["name"] == "conv1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "alexnet", "conv11"], "no layer named 'conv11': did you mean 'conv1'?"),
        (["explain", "alexnet", "--at", "H=3"], "no symbol 'H' in this network"),
        (["explain", "alexnet", "--input", "3xHxW", "--at", "H=20"], "is not valid at H=20"),
        (["explain", "alexnet", "--at", "H:3"], "--at H:3: expected numbers for symbols"),
        (["explain", CONV], "--input"),
    ],
)
def test_what_is_at_fault(cnncalc, arguments, message):
    done = cnncalc(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert message in done.err


def test_a_long_remark_is_wrapped(cnncalc, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    lines = cnncalc("explain", "batchnorm", "--input", "16x24x24").out.splitlines()
    assert max(map(len, lines)) <= 60
    assert any(line.endswith("(for one image)") for line in lines)


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("text", "  F            kernel size"),
        ("markdown", "- `F`: kernel size"),
        ("latex", "$F$: kernel size;"),
        ("json", '    "F": "kernel size",'),
    ],
)
def test_every_format_defines_its_letters(cnncalc, form, line):
    assert line in cnncalc("explain", "alexnet", "conv1", "--format", form).out.splitlines()


def test_a_note_without_an_equation_has_no_brackets_in_any_format(cnncalc):
    found = cnncalc("explain", "alexnet", "conv1", "--input", "3x224x224", "--format", "markdown").out
    assert "\n- **fix** kernel\\_size: 12 (fits, output 96×54×54)\n" in found


def test_letters_are_defined_once_for_all_layers(cnncalc):
    assert cnncalc("explain", "alexnet").out.count("\nletters\n") == 1
    assert "letters" not in cnncalc("explain", "relu", "--input", "[0]").out


def test_no_digits_are_left_without_commas(cnncalc):
    """Of formulas and their results; shapes are written as in every table."""
    lines = cnncalc("explain", "vgg@16").out.splitlines()
    formulas = [line for line in lines if " = " in line]
    assert len(formulas) > 50
    assert not [line for line in formulas if re.search(r"(?<![\d.,])\d{4,}", line)]
