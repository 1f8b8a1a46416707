"""What is shown of a document after any edits is what a fresh look at its text shows."""

import random
from pathlib import Path

import pytest

from cnncalc import shipped
from cnncalc.lsp.diagnostics import diagnostics_of
from cnncalc.lsp.hints import as_inlay, hints_of
from cnncalc.lsp.outline import outline_of
from cnncalc.lsp.state import Memory, State
from cnncalc.lsp.text import Text

from ..examples import examples
from ..typing_edits import edited


def shown(text, memory=None):
    """Everything that is shown of a text without being asked for."""
    state = State("file:///net.yaml", "net.yaml", Text(text), {}, None, memory)
    hints = [as_inlay(state, hint) for hint in hints_of(state)]
    return hints, diagnostics_of(state), outline_of(state), state.occurrences


@pytest.mark.parametrize("name", ["resnet", "unet", "alexnet"])
def test_what_is_shown_after_edits_is_what_a_fresh_look_shows(name):
    rng = random.Random(name)
    memory, text = Memory("net.yaml"), Path(shipped.path_of(name)).read_text("utf-8")
    for _ in range(examples(6)):
        after = edited(rng, text)
        expected = shown(after)
        found = shown(after, memory)
        assert found[:3] == expected[:3], after
        assert [(each.symbol, each.span[1:]) for each in found[3]] == [
            (each.symbol, each.span[1:]) for each in expected[3]
        ]
        text = after if expected[0] or rng.random() < 0.2 else text
