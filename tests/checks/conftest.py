"""Specs checked as `cnncalc check` does, with the rules that a test names."""

import pytest

from cnncalc.checks.levels import Choice
from cnncalc.checks.run import Checked, check_source
from cnncalc.errors import Source


@pytest.fixture
def check():
    def run(text: str, *rules: str, variant: str | None = None, **more) -> Checked:
        return check_source(Source("net.yaml", text), Choice(select=rules, **more), variant)

    return run
