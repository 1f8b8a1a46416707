import io
import os
import re
import subprocess
import sys

import pytest

from cnncalc.cli.progress import Progress

ERASED = "\033[2K"
SHOWN, HIDDEN = "\033[?25h", "\033[?25l"  # the cursor


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def on_a_terminal(monkeypatch, **settings):
    """What two things said leave there; pytest puts its own stream back between a fixture and its test."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("cnncalc.cli.progress.OFTEN", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    with Progress(**settings) as progress:
        progress.say("first of [1]", 1)
        progress.say("second", 2)
        progress.done()
        progress.done()
        assert sys.stderr is stream
    return stream.getvalue()


def test_a_bar_that_goes(monkeypatch):
    text = on_a_terminal(monkeypatch, total=4, after=0.0)
    assert "first of [1]" in text
    assert "second" in text
    assert "━" in text
    assert text.rindex(HIDDEN) < text.rindex(SHOWN)
    assert text.rindex(ERASED) > text.rindex("second")


def test_words_alone_where_the_steps_are_not_known(monkeypatch):
    text = on_a_terminal(monkeypatch, after=0.0)
    assert "second" in text
    assert "━" not in text


def test_no_colour_in_the_bar_where_none_is_wanted(monkeypatch):
    colour = "\033\\[[39][0-9;]*m"
    assert re.search(colour, on_a_terminal(monkeypatch, total=4, after=0.0))
    monkeypatch.setattr("cnncalc.cli.output._choice", "never")
    assert not re.search(colour, on_a_terminal(monkeypatch, total=4, after=0.0))


def test_quick_work_shows_nothing(monkeypatch):
    assert on_a_terminal(monkeypatch, total=4, after=60.0) == ""


def test_a_terminal_that_cannot_move_its_cursor(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stderr", stream := Terminal())
    with Progress(4, after=0.0) as progress:
        progress.say("first", 1)
    assert stream.getvalue() == ""


def test_what_is_said_beside_it_stays(monkeypatch):
    monkeypatch.setattr("sys.stderr", stream := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with Progress(4, after=0.0) as progress:
        progress.say("first", 1)
        sys.stderr.write("cnncalc: a message\n")
        progress.say("second", 2)
    text = stream.getvalue()
    assert "cnncalc: a message\n" in text
    assert ERASED in text[text.index("cnncalc: a message") :]


@pytest.mark.parametrize(("lines", "text"), [(False, ""), (True, "first\n")])
def test_no_terminal(capsys, lines, text):
    progress = Progress(4, after=0.0, lines=lines)
    progress.say("first", 1)
    progress.done()
    assert capsys.readouterr().err == text


def test_closed(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    progress = Progress(after=0.0, lines=True)
    progress.say("first")
    progress.done()


INTERRUPTED = """
import sys
from cnncalc.cli.failures import run_guarded
from cnncalc.cli.progress import Progress
def work():
    with Progress(9, after=0.0) as progress:
        progress.say("first", 1)
        raise KeyboardInterrupt
sys.exit(run_guarded(work))
"""


@pytest.mark.skipif(os.name == "nt", reason="terminals of POSIX")
def test_an_interrupted_terminal_is_left_as_it_was():
    leader, follower = os.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, stderr=follower, env=environment, check=False
    )
    os.close(follower)
    text = os.read(leader, 100_000).decode()
    os.close(leader)
    assert (done.returncode, done.stdout) == (130, b"")
    assert "first" in text
    assert text.rindex(HIDDEN) < text.rindex(SHOWN)
    assert text.rindex(ERASED) > text.rindex("first")
    assert "Traceback" not in text
