import pytest

from cnncalc import __version__
from cnncalc.cli.main import COMMANDS, PANELS


def test_version(cnncalc):
    assert cnncalc("--version") == (0, f"cnncalc {__version__}\n", "")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_the_commands(cnncalc, flag):
    done = cnncalc(flag)
    assert done.code == 0
    for command in COMMANDS:
        assert f"\n│ {command} " in done.out
    for panel in PANELS:
        assert f"\n╭─ {panel} ─" in done.out
    assert "\n   cnncalc shapes alexnet" in done.out


def test_nothing_asked_is_help(cnncalc):
    done = cnncalc()
    assert done.code in (0, 2)
    assert "Usage: cnncalc" in done.out + done.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cnncalc, command):
    done = cnncalc(command, "-h")
    assert done.code == 0
    usage, _, rest = done.out.strip().partition("\n")
    assert usage.startswith(f"Usage: cnncalc {command}")
    assert "[[" not in usage
    assert "...}" not in usage
    assert "--help" in rest
    assert "--color" in rest


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("shaps", "did you mean 'shapes'?"),
        ("alexnet", "a command comes first: cnncalc shapes 'alexnet'"),
        ("maxpool: 2", "a command comes first"),
        ("qqq", "choose from shapes"),
    ],
)
def test_no_such_command(cnncalc, word, message):
    done = cnncalc(word)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("command", ["explain", "export", "diff", "sweep"])
def test_an_argument_that_is_missing_is_said(cnncalc, command):
    done = cnncalc(command)
    assert done.code == 2
    assert "Missing argument" in done.err
