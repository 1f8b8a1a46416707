"""Highlighted texts are what they were, but for their escapes; without colour nothing of rich is loaded."""

import re
import subprocess
import sys

import pytest

from cnncalc import shipped
from cnncalc.cli.highlight import highlight_explanation, highlight_rule, highlight_yaml
from cnncalc.names import RULE_NAMES

ESCAPE = re.compile("\033\\[[0-9;]*m")
COMMANDS = [
    *(["show", name] for name in shipped.names()),
    *(["rule", name] for name in RULE_NAMES),
    ["explain", "alexnet", "--input", "3x224x224"],
    ["explain", "lenet5"],
    ["explain", "resnet@18", "--input", "3xHxW"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_colour_changes_no_sign(cnncalc, arguments):
    plain, coloured = cnncalc(*arguments).out, cnncalc(*arguments, "--color", "always").out
    assert "\033" not in plain
    assert ESCAPE.sub("", coloured) == plain
    assert len(ESCAPE.findall(coloured)) > 5


def test_yaml():
    text = highlight_yaml("input: 3x8x8  # RGB\nlayers:\n  - conv: {out_channels: 3, kernel_size: 3}\n")
    words = [part for part in ESCAPE.split(text) if part.strip()]
    assert {"input", "layers", "# RGB", "out_channels"} <= set(words)
    assert ESCAPE.sub("", highlight_yaml("a:\t'1'\n")) == "a:\t'1'\n"


def test_rule():
    page = "some-rule  (off by default)\n\nWhy.\n\n  a: 1\n\n  b: 2\n\nfixed:\n\n  a: 2\n\nsource: a paper\n"
    text = highlight_rule(page)
    assert ESCAPE.sub("", text) == page
    assert text.startswith("\033[1msome-rule\033[0m  \033[2m(off by default)\033[0m")
    assert "\033[36mfixed:\033[0m" in text
    assert "Why." in ESCAPE.split(text)[4]


def test_explanation():
    text = highlight_explanation(
        "conv1: conv 11×11, on 3×224×224\n"
        "  size         (N − F + 2·P)/S + 1 = (224 − 11 + 2·0)/4 + 1 = 54.25 → 54\n"
        "               (does not fit: rounded down)\n"
        "  left over    N + 2·P = 1\n"
    )
    assert "\033[36mleft over\033[0m" in text
    assert "= \033[1m54.25\033[0m → \033[1m54\033[0m\n" in text
    assert "\033[2m(does not fit: rounded down)\033[0m" in text
    assert "  (N − F + 2·P)/S + 1 = (224 − 11 + 2·0)/4 + 1 =" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "lenet5"], ["rule", "expectation"], ["explain", "lenet5"], ["shapes", "lenet5", "--color", "always"],
        ["--version"], ["shaps"], ["shapes", "--inptu"], ["shapes", "no.yaml"], ["check", "lenet5"],
        ["shapes", "lenet5", "--color", "no"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_rich_is_loaded_for_what_it_draws_alone(arguments):
    code = (
        f"import sys\nfrom cnncalc.cli.main import main\nmain({arguments!r})\n"
        "print([name for name in ('rich', 'pygments', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
