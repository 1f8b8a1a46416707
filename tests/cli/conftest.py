"""Commands run in this process, as the console script runs them."""

from typing import NamedTuple

import pytest

from cnncalc.cli.main import main


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def cnncalc(capsys, monkeypatch, tmp_path):
    """Run `cnncalc …` in an empty folder; the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "GITHUB_ACTIONS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return run
