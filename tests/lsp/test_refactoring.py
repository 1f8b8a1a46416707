"""Refactorings on the text: what results is the same network, and what would change it is not offered."""

import pytest
from lsprotocol.types import CodeActionKind, Position, Range

import cnncalc
from cnncalc.lsp.actions import actions_in
from cnncalc.lsp.completion import completions_at
from cnncalc.lsp.diagnostics import diagnostics_of
from cnncalc.lsp.formatting import format_edits
from cnncalc.lsp.hints import hints_of
from cnncalc.lsp.lenses import lenses_of
from cnncalc.lsp.state import State
from cnncalc.lsp.text import Text

SPEC = """\
input: 3x32x32
params: {width: 16}
blocks:
  unit(channels, stride=1):
    - conv: {out_channels: channels, kernel_size: 3, stride: stride, padding: 1, bias: false}
    - batchnorm  # of the convolution
    - relu

layers:
  - unit: {channels: width}
  - unit: {channels: 2*width, stride: 2}
  - residual:
      - unit: {channels: 2*width}
      - unit: 2*width
  - maxpool: 2
  - flatten
  - linear: 10
"""


def state_of(text):
    return State("file:///net.yaml", "net.yaml", Text(text), {})


def lines_of(text, first, last):
    lines = text.split("\n")
    low, high = (next(n for n, line in enumerate(lines) if mark in line) for mark in (first, last))
    return Range(Position(low, 0), Position(high, len(lines[high]) if high > low else 0))


def applied(state, edits):
    text = state.text.text
    for edit in sorted(edits, key=lambda edit: edit.range.start.line, reverse=True):
        start, end = state.text.offset(edit.range.start), state.text.offset(edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    return text


def act(text, range_, kind):
    state = state_of(text)
    actions = actions_in(state, range_, [kind.value])
    return applied(state, actions[0].edit.changes[state.uri]) if actions else None


def figures(text):
    report = cnncalc.parse(text).analyze()
    return report.params, report.macs, [layer.output for layer in report.layers]


@pytest.mark.parametrize(
    ("first", "last", "call"),
    [
        ("- maxpool", "- linear", "  - block1\n"),
        ("- unit: {channels: width}", "stride: 2}", "  - block1\n"),
        ("- unit: {channels: width}", "- residual", "  - block1\n  - maxpool: 2\n"),
        ("- conv:", "- batchnorm", "    - block1: {channels: channels, stride: stride}\n    - relu\n"),
    ],
)
def test_lines_become_a_block(first, last, call):
    after = act(SPEC, lines_of(SPEC, first, last), CodeActionKind.RefactorExtract)
    assert call in after
    assert "  block1" in after
    assert figures(after) == figures(SPEC)


def test_a_section_of_blocks_is_made():
    text = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3}\n  - relu\n  - maxpool: 2\n"
    assert act(text, lines_of(text, "- conv", "- relu"), CodeActionKind.RefactorExtract) == (
        "input: 3x8x8\nblocks:\n  block1:\n    - conv: {out_channels: 8, kernel_size: 3}\n    - relu\n"
        "layers:\n  - block1\n  - maxpool: 2\n"
    )


@pytest.mark.parametrize("call", ["- unit: {channels: width}", "stride: 2}", "- unit: {channels: 2*width}", "unit: 2*"])
def test_a_call_becomes_the_layers_of_its_block(call):
    after = act(SPEC, lines_of(SPEC, call, call), CodeActionKind.RefactorInline)
    assert after.count("batchnorm  # of the convolution") == 2
    assert after.count("- unit") == SPEC.count("- unit") - 1
    assert figures(after) == figures(SPEC)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        (SPEC, "- maxpool"),
        (SPEC.replace("- unit: 2*width\n", "- unit: 2*width\n        repeat: 2\n"), "- unit: 2*width"),
        (SPEC.replace("- unit: {channels: width}\n", "- unit: {channels: width}\n    name: a\n"), "{channels: width}"),
        ("input: 4\nblocks: {b: [relu]}\nlayers:\n  - b\n", "  - b"),
    ],
)
def test_what_is_no_plain_call_stays(text, mark):
    assert state_of(text).report is not None
    assert act(text, lines_of(text, mark, mark), CodeActionKind.RefactorInline) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (SPEC, "params:", "- batchnorm"),
        (SPEC, "- relu", "- unit: {channels: width}"),
        ("input: 4\nlayers:\n  - rellu\n  - relu\n", "rellu", "- relu"),
    ],
)
def test_lines_that_are_not_whole_layers_stay(text, first, last):
    assert act(text, lines_of(text, first, last), CodeActionKind.RefactorExtract) is None


def test_an_unused_layer_can_be_an_output():
    text = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3}\n  - relu: {}\n    from: input\n"
    state = state_of(text)
    (action,) = (a for a in actions_in(state, lines_of(text, "conv", "relu")) if a.title.startswith("Declare"))
    after = applied(state, action.edit.changes[state.uri])
    assert cnncalc.parse(after).analyze().graph.outputs == {"relu1": "relu1", "conv1": "conv1"}
    for before in ("outputs: [relu1]\n", "outputs: {a: relu1}  # one\n"):
        state = state_of(text + before)
        (action,) = (a for a in actions_in(state, lines_of(text, "conv", "relu")) if a.title.startswith("Declare"))
        after = applied(state, action.edit.changes[state.uri])
        assert set(cnncalc.parse(after).analyze().graph.outputs.values()) == {"relu1", "conv1"}


def test_expectations_are_shown_with_what_is():
    text = SPEC + (
        "expect:\n  params: at most 1M\n  output: [10]\n  receptive_field: 19\n"
        "  peak_memory: at most 1GiB\n  macs: {conv9: 7}\n"
    )
    state = state_of(text)
    lines = text.split("\n")
    shown = {lines[lens.range.start.line].strip(): lens.command.title for lens in lenses_of(state)}
    report = cnncalc.parse(SPEC).analyze()
    assert shown["params: at most 1M"] == f"is {report.params:,}"
    assert shown["output: [10]"] == "is 10"
    assert shown["receptive_field: 19"].startswith("is ")
    assert shown["peak_memory: at most 1GiB"].endswith("iB")
    assert "macs: {conv9: 7}" not in shown


def test_some_lines_are_formatted():
    text = "input:   3x8x8\nlayers:\n- relu\n- conv: {out_channels: 8,kernel_size: 3}\n"
    state = state_of(text)
    assert applied(state, format_edits(state)) == applied(state, format_edits(state, lines_of(text, "input", "conv")))
    first = applied(state, format_edits(state, lines_of(text, "input", "input")))
    assert first.startswith("input: 3x8x8\n")
    assert first.endswith("{out_channels: 8,kernel_size: 3}\n")


def test_hints_have_the_figures_asked_for():
    text = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3, bias: false}\n  - relu\n"
    first, second = (hint.label for hint in hints_of(state_of(text), ("params", "macs", "field", "memory")))
    assert first == "→ 8×6×6 · 216 params · 7,776 MACs · field 3×3 · 1.12 KiB"
    assert second == "→ 8×6×6 · field 3×3 · 1.12 KiB"


def test_models_of_others_have_hints_and_diagnostics_by_their_rows():
    backbone = "  - [-1, 1, Conv, [16, 3, 2]]\n  - [-1, 2, C2f, [16, True]]\n"
    model = f"nc: 4\nbackbone:\n{backbone}head:\n  - [-1, 1, Classify, [nc]]\n"
    state = state_of(model)
    assert [hint.label for hint in hints_of(state)] == ["→ 16×112×112", "→ 16×112×112", "→ 4"]  # classifiers at 224
    assert [hint.line for hint in hints_of(state)] == [2, 3, 5]
    assert [each.code for each in diagnostics_of(state)] == ["dominant-layer"]
    assert not completions_at(state, Position(3, 12))
    assert not format_edits(state)
    (diagnostic,) = diagnostics_of(state_of(model.replace("C2f", "C2g")))
    assert diagnostic.range.start == Position(3, 12)
    assert "unknown module 'C2g'" in diagnostic.message
