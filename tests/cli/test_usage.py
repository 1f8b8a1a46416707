"""The pages of `--help`: they fit the terminal, keep what is laid out, and load nothing heavy."""

import subprocess
import sys

import pytest

from cnncalc.cli.main import COMMANDS

PAGES = ["", *COMMANDS]


def page(cnncalc, command):
    done = cnncalc(*command.split(), "--help")
    assert (done.code, done.err) == (0, "")
    return done.out


@pytest.mark.parametrize("command", PAGES)
@pytest.mark.parametrize("width", [80, 100, 200])
def test_a_page_fits_its_terminal(cnncalc, monkeypatch, command, width):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = page(cnncalc, command).splitlines()
    assert max(map(len, lines)) <= min(width, 100)
    assert not any("…" in line and line.endswith("… │") for line in lines), "a cell is cut off"


@pytest.mark.parametrize("command", PAGES)
def test_examples_are_not_broken_at_80_columns(cnncalc, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    narrow = page(cnncalc, command)
    monkeypatch.setenv("COLUMNS", "100")
    examples = [line for line in page(cnncalc, command).splitlines() if line.startswith("   ")]
    assert examples or command in ("schema", "list")
    for line in examples:
        assert f"\n{line}\n" in narrow


@pytest.mark.parametrize("command", PAGES)
def test_a_page_without_colour_has_no_escapes(cnncalc, command):
    text = page(cnncalc, command)
    assert "\033" not in text
    assert "\b" not in text
    assert "<bool>" not in text
    assert text.isprintable() or set(text) - {"\n"} == {sign for sign in text if sign.isprintable()}


def test_texts_are_no_markup(cnncalc):
    assert "torch:torchvision.models:resnet50" in page(cnncalc, "import")
    assert "resnet@{18,34,50}" in page(cnncalc, "sweep")
    assert "[2,2,2,2],[3,4,6,3]" in page(cnncalc, "sweep")


def test_a_page_in_ascii():
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", "shapes", "--help"],
        env={"PYTHONIOENCODING": "ascii"}, capture_output=True, check=True,
    )  # fmt: skip
    assert b"+- Options --" in done.stdout
    assert b"?" not in done.stdout


def test_help_needs_no_pytorch():
    code = (
        "import sys\nfrom cnncalc.cli.main import main\nmain(['--help'])\n"
        "print([name for name in ('torch', 'onnx', 'numpy', 'joblib') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
