"""Each change that is offered for a stride makes the layer, or the network, fit."""

import pytest
from lsprotocol.types import Position, Range

import cnncalc
from cnncalc.checks.fixing import apply_edits
from cnncalc.lsp.actions import actions_in
from cnncalc.lsp.choices import choices_of
from cnncalc.lsp.state import State
from cnncalc.lsp.text import Text

INPUT = "input: 3x224x224\nlayers:\n"
CONV = "  - conv: {out_channels: 96, kernel_size: 11, stride: 4}\n"


def state_of(text):
    return State("file:///net.yaml", "net.yaml", Text(text), {})


def offered(text, rule="stride-drops-pixels"):
    """Title → the text with the change."""
    state = state_of(text)
    findings = [finding for finding in state.checked.findings if finding.rule == rule]
    return {each.title: apply_edits(text, each.edits) for finding in findings for each in choices_of(state, finding)}


@pytest.mark.parametrize(
    ("layer", "written"),
    [
        (CONV, ["stride: 4, padding: [[0, 3], [0, 3]]}", "kernel_size: 12, stride"]),
        (CONV.replace("kernel_size: 11", "kernel_size: [11, 11]"), ["padding: [[0, 3], [0, 3]]}", "kernel_size: 12,"]),
        ("  - conv:\n      out_channels: 96\n      kernel_size: 11\n      stride: 4\n", ["kernel_size: 12\n"]),
        ("  - maxpool: 5\n", ["{kernel_size: 5, padding: [[0, 1], [0, 1]]}"]),
        ("  - maxpool: {kernel_size: 5}\n", ["{kernel_size: 5, padding: [[0, 1], [0, 1]]}"]),
    ],
)
def test_a_layer_gets_the_field_that_makes_it_fit(layer, written):
    found = offered(INPUT + layer)
    assert all(any(text in after for after in found.values()) for text in written), found
    for title, after in found.items():
        report = cnncalc.parse(after).analyze()
        assert report.layers[0].fit.fits, title
        assert f"(output {'×'.join(map(str, report.layers[0].output))})" in title


def test_the_input_gets_a_size_at_which_every_layer_fits():
    found = offered(INPUT + CONV + "  - maxpool: {kernel_size: 3, stride: 2}\n", "input-off-fit")
    assert [after.split("\n")[0] for after in found.values()] == ["input: 3x219x219", "input: 3x227x227"]


def test_what_is_written_with_a_parameter_is_left_to_a_person():
    text = "input: 3xSxS\nparams: {S: 224}\nlayers:\n" + CONV
    assert not [after for after in offered(text, "input-off-fit").values() if "params: {S: 224}" not in after]
    assert cnncalc.parse(next(iter(offered(text).values()))).analyze().layers[0].fit.fits


def test_they_are_actions_at_the_layer():
    line = Position(2, 6)
    titles = [action.title for action in actions_in(state_of(INPUT + CONV), Range(line, line), [])]
    assert titles[:2] == ["Set padding: [[0, 3], [0, 3]] (output 96×55×55)", "Set kernel_size: 12 (output 96×54×54)"]
