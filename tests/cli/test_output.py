import io

import pytest

from cnncalc.cli.output import COLOURS, is_coloured, make_encodable, terminal_width


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_signs_that_a_stream_lacks():
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert make_encodable("▲ 3×3 ⌊(H − 1)/2⌋ 猫", ascii_only) == r"! 3x3 floor((H - 1)/2) \u732b"
    assert make_encodable("3×3", io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) == "3×3"


def test_a_pipe_is_as_wide_as_its_text(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert terminal_width() is None
    monkeypatch.setenv("COLUMNS", "40")
    assert terminal_width() == 40


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("term", ["xterm", "dumb"])
@pytest.mark.parametrize("clicolor_force", [None, "", "0", "1"])
@pytest.mark.parametrize("force_color", [None, "", "0", "1"])
@pytest.mark.parametrize("no_color", [None, "", "0", "1"])
@pytest.mark.parametrize("choice", COLOURS)
def test_colour(monkeypatch, choice, no_color, force_color, clicolor_force, term, stream):
    """The command line, then NO_COLOR, then what forces colour, then the terminal."""
    for name, value in {"NO_COLOR": no_color, "FORCE_COLOR": force_color, "CLICOLOR_FORCE": clicolor_force}.items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdout", stream())
    monkeypatch.setattr("cnncalc.cli.output._choice", choice)
    if choice != "auto":
        assert is_coloured() is (choice == "always")
    elif no_color in ("0", "1"):
        assert not is_coloured()
    elif force_color in ("0", "1") or clicolor_force == "1":
        assert is_coloured()
    else:
        assert is_coloured() is (stream is Terminal and term == "xterm")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--color", "always", "shapes", "lenet5"], True),
        (["shapes", "lenet5", "--color", "always"], True),
        (["shapes", "--color=always", "lenet5"], True),
        (["--color=never", "shapes", "lenet5", "--color=always"], True),
        (["--color=always", "shapes", "lenet5", "--color=never"], False),
        (["--color=always", "shapes", "lenet5", "--color=auto"], False),
        (["shapes", "lenet5"], False),
        (["check", "lenet5", "--color=always", "--select", "all"], True),
        (["--color=always", "--help"], True),
        (["--help", "--color=always"], True),
        (["shapes", "--help", "--color", "always"], True),
        (["explain", "--help"], False),
        (["show", "lenet5", "--color=always"], True),
        (["show", "lenet5"], False),
        (["rule", "expectation", "--color=always"], True),
        (["rule", "expectation"], False),
        (["explain", "lenet5", "--color=always"], True),
        (["explain", "lenet5"], False),
    ],
)
@pytest.mark.parametrize("no_color", ["", "1"])
def test_the_option_of_every_command(cnncalc, monkeypatch, arguments, expected, no_color):
    monkeypatch.setenv("NO_COLOR", no_color)
    done = cnncalc(*arguments)
    assert done.code in (0, 1)
    assert ("\033[" in done.out) is expected


def test_a_word_that_is_no_choice(cnncalc):
    done = cnncalc("shapes", "lenet5", "--color", "allways")
    assert (done.code, done.out) == (2, "")
    assert done.err == "cnncalc: --color: expected one of auto, always, never, got 'allways': did you mean 'always'?\n"


@pytest.mark.parametrize("size", ["²", "٣", "80x", "9" * 5000, "-1", ""])
@pytest.mark.parametrize("name", ["COLUMNS", "LINES"])
def test_a_size_that_is_no_number_is_forgotten(cnncalc, monkeypatch, name, size):
    monkeypatch.setenv(name, size)
    for arguments in (["show", "lenet5"], ["--help"], ["shapes", "--help"], ["help", "residual"]):
        assert cnncalc(*arguments, "--color", "always").code == 0
