"""Every action that is offered for the example of a rule gives a spec that `check` accepts."""

import pytest
from lsprotocol.types import Position, Range

import cnncalc
from cnncalc.checks.levels import Choice
from cnncalc.checks.run import check_source
from cnncalc.checks.table import rules
from cnncalc.errors import Source
from cnncalc.lsp.actions import actions_in

from .test_refactoring import applied, state_of

WHOLE = Range(Position(0, 0), Position(999, 0))


def errors_of(text):
    return check_source(Source("net.yaml", text), Choice()).count("error")


@pytest.mark.parametrize("name", rules())
def test_every_action_on_the_example_of_a_rule_gives_a_spec_that_check_accepts(name):
    state = state_of(rules()[name].example)
    faulty = errors_of(state.text.text)
    for action in actions_in(state, WHOLE):
        after = applied(state, action.edit.changes[state.uri])
        assert after != state.text.text, action.title
        assert cnncalc.parse(after).analyze().layers, action.title
        assert errors_of(after) <= max(0, faulty - (action.is_preferred or False)), (action.title, after)


@pytest.mark.parametrize("name", [name for name in rules() if name not in ("faulty-spec", "unused-ignore")])
def test_a_comment_silences_each_rule_on_its_example(name):
    state = state_of(rules()[name].example)
    titles = {action.title: action for action in actions_in(state, WHOLE)}
    if f"Silence {name} here" in titles:
        after = applied(state, titles[f"Silence {name} here"].edit.changes[state.uri])
        before, left = (
            sum(finding.rule == name for finding in check_source(Source("net.yaml", text), Choice()).findings)
            for text in (state.text.text, after)
        )
        assert left < before
