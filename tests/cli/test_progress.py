import io

import pytest

from cnncalc.cli.progress import CLEAR, Progress


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def on_a_terminal(monkeypatch, after):
    """What two things said leave there; pytest puts its own stream back between a fixture and its test."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    progress = Progress(after=after)
    progress.say("first")
    progress.say("second")
    progress.done()
    progress.done()
    return stream.getvalue()


def test_one_line_that_goes(monkeypatch):
    assert on_a_terminal(monkeypatch, 0.0) == f"{CLEAR}first …{CLEAR}second …{CLEAR}"


def test_quick_work_shows_nothing(monkeypatch):
    assert on_a_terminal(monkeypatch, 60.0) == ""


@pytest.mark.parametrize(("lines", "text"), [(False, ""), (True, "first\n")])
def test_no_terminal(capsys, lines, text):
    progress = Progress(after=0.0, lines=lines)
    progress.say("first")
    progress.done()
    assert capsys.readouterr().err == text


def test_closed(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    progress = Progress(after=0.0, lines=True)
    progress.say("first")
    progress.done()
