import io

from cnncalc.cli.output import coloured, encodable, terminal_width


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_signs_that_a_stream_lacks():
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert encodable("▲ 3×3 ⌊(H − 1)/2⌋ 猫", ascii_only) == "! 3x3 floor((H - 1)/2) ?"
    assert encodable("3×3", io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) == "3×3"


def test_a_pipe_is_as_wide_as_its_text(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert terminal_width() is None
    monkeypatch.setenv("COLUMNS", "40")
    assert terminal_width() == 40


def test_colour(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert not coloured()
    monkeypatch.setattr("sys.stdout", Terminal())
    assert coloured()
    monkeypatch.setenv("TERM", "dumb")
    assert not coloured()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured()
