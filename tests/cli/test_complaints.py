"""Errors and warnings on standard error: coloured as the findings of `check` are, and wrapped between words."""

from __future__ import annotations

import re
import textwrap

import pytest

from cnncalc.cli.complaints import fault_text, say, warn_of
from cnncalc.errors import Fault, Source, Span

FAULTY = "input: 3x32x32\nlayers:\n  - conv: {out_channels: 4, kernal_size: 3}\n  - linear: 10\n"
ANSI = re.compile(r"\033\[[0-9;]*m")
SPECS = [
    "shapes",
    "params",
    "flops",
    "rf",
    "memory",
    "summary",
    "solve",
    "explain",
    "export",
    "verify",
    "time --device rtx4090",
]


@pytest.fixture
def terminal(monkeypatch):
    """Standard error and output are a terminal of 80 columns."""
    monkeypatch.setattr("cnncalc.cli.output.is_terminal", lambda stream=None: True)

    def of_width(columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))

    return of_width


def fault_of(hint: str, column: int = 5, line: str = "  - conv: {out_channels: 4}") -> Fault:
    return Fault("something is wrong with it", Span(Source("net.yaml", line), 1, column, 4), hint)


@pytest.mark.parametrize("command", [*SPECS, "fmt"])
def test_the_errors_of_every_command_are_coloured_as_those_of_check(cnncalc, tmp_path, command):
    (tmp_path / "net.yaml").write_text(FAULTY if command != "fmt" else "input: 3x32x32\nlayers: [relu\n")
    plain = cnncalc(*command.split(), "net.yaml")
    coloured = cnncalc("--color", "always", *command.split(), "net.yaml")
    assert (plain.code, coloured.code) == (2, 2)
    assert ANSI.sub("", coloured.err) == plain.err
    first, _, underlined, *_ = coloured.err.splitlines()
    assert first.startswith("\033[1mnet.yaml:")
    assert "\033[1;31m" in underlined
    assert "\033" not in plain.err


def test_frames_are_those_of_check(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text(FAULTY)
    framed = cnncalc("--color", "always", "shapes", "net.yaml").err.splitlines()[1:3]
    assert framed == cnncalc("--color", "always", "check", "net.yaml").out.splitlines()[1:3]


@pytest.mark.parametrize(
    "arguments", [["shapes", "nothing"], ["shapes", "--bogus"], ["bogus"], ["diff", "alexnet"], ["shapes", "--depth"]]
)
def test_other_errors_are_coloured_too(cnncalc, arguments):
    plain, coloured = cnncalc(*arguments), cnncalc("--color", "always", *arguments)
    assert ANSI.sub("", coloured.err) == plain.err
    assert re.search(r"\033\[1;31m(cnncalc|Error): \033\[0m", coloured.err)
    assert (plain.code, coloured.code) == (2, 2)


@pytest.mark.parametrize(
    ("variable", "value", "coloured"), [("NO_COLOR", "1", False), ("FORCE_COLOR", "1", True), ("TERM", "dumb", False)]
)
def test_the_environment_decides(cnncalc, monkeypatch, variable, value, coloured):
    monkeypatch.setenv(variable, value)
    if variable != "FORCE_COLOR":
        monkeypatch.setattr("cnncalc.cli.output.is_terminal", lambda stream=None: True)
    assert ("\033" in cnncalc("shapes", "nothing").err) is coloured


@pytest.mark.parametrize("columns", [40, 60, 80, 100])
def test_words_are_not_broken(cnncalc, monkeypatch, tmp_path, columns):
    text = (
        "input: 64x56x56\nlayers:\n  - residual:\n"
        "      - conv: {out_channels: 128, kernel_size: 3, stride: 2, padding: 1}\n"
    )
    (tmp_path / "net.yaml").write_text(text)
    for arguments in (["shapes", "net.yaml"], ["check", "net.yaml"], ["bogus"], ["shapes", "a-network-of-no-name"]):
        whole = cnncalc("--color", "never", *arguments)
        monkeypatch.setattr("cnncalc.cli.output.is_terminal", lambda stream=None: True)
        monkeypatch.setenv("COLUMNS", str(columns))
        narrow = cnncalc("--color", "never", *arguments)
        monkeypatch.undo()
        monkeypatch.chdir(tmp_path)
        said, wrapped = whole.out + whole.err, narrow.out + narrow.err
        assert all(len(line) <= columns for line in wrapped.splitlines())
        assert re.sub(r"[\s│]+", " ", wrapped).split() == re.sub(r"[\s│]+", " ", said).split()


def test_a_pipe_is_not_wrapped(cnncalc, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert cnncalc("shapes", "a-network-of-no-name").err.count("\n") == 1


def test_a_hint_stands_beside_the_underline_where_it_fits(terminal):
    terminal(80)
    assert ANSI.sub("", fault_text(fault_of("short"), "")).splitlines()[-1] == "    │     ^^^^ short"


def test_a_hint_that_does_not_fit_stands_below(terminal):
    terminal(80)
    hint = "the words of this hint go on and on " * 4
    *_, underline, first, second = [ANSI.sub("", line) for line in fault_text(fault_of(hint.strip()), "").splitlines()]
    assert underline == "    │     ^^^^"
    assert [first, second] == [f"    │ {line}" for line in textwrap.wrap(hint, 74)][:2]


def test_a_long_line_is_clipped_around_the_place(terminal):
    terminal(60)
    line = "  - conv: {" + ", ".join(f"field{number}: {number}" for number in range(40)) + "}"
    column = line.index("field20") + 1
    _, shown, underline, *_ = fault_text(fault_of("x", column, line)._replace(message="m"), "").splitlines()
    shown, underline = ANSI.sub("", shown), ANSI.sub("", underline)
    assert len(shown) <= 60
    assert shown[underline.index("^") :].startswith("fiel")


def test_warnings_say_so(capsys):
    warn_of(fault_of("fix it"))
    assert capsys.readouterr().err.splitlines()[0] == "net.yaml:1:5: warning: something is wrong with it"
    say("two\nlines")
    assert capsys.readouterr().err == "cnncalc: two\\nlines\n"


@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        (["shapes", "alexnet", "--json"], "No such option: --json: write --format json"),
        (["shapes", "--csv"], "No such option: --csv: write --format csv"),
        (["check", "--sarif"], "No such option: --sarif: write --format sarif"),
        (["shapes", "--sarif"], "No such option: --sarif"),
        (["show", "alexnet", "--json"], "No such option: --json"),
    ],
)
def test_a_format_written_as_an_option(cnncalc, arguments, end):
    done = cnncalc(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f"Error: {end}\n")
