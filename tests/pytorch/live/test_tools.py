"""The table of tools: each counts as a convention does, and is listed in the extra `peers`."""

import re
from pathlib import Path

import pytest

from cnncalc.conventions import convention
from cnncalc.pytorch.live.tools import TOOLS

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"
ELSEWHERE = {"torch", "ultralytics-thop"}  # an extra of its own; installs the same module as thop


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_has_a_convention(name):
    assert convention(name).name == name


def test_every_tool_is_in_the_extra():
    (listed,) = re.findall(r"(?m)^peers = \[(.*)\]$", PYPROJECT.read_text("utf-8"))
    names = set(re.findall(r'"([\w-]+)', listed))
    assert {tool.distribution for tool in TOOLS.values()} - ELSEWHERE <= names
