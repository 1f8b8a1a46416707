"""What belongs to a diagnostic besides its place: the operands of a join, the variants, tags."""

from lsprotocol.types import DiagnosticTag

from cnncalc.lsp.diagnostics import diagnostics_of

from .test_refactoring import state_of

JOIN = """\
input: 3x8x8
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
    name: wide
  - conv: {out_channels: 4, kernel_size: 3}
  - add: wide
"""
VARIANTS = """\
input: 3x8x8
params: {kernel: 3}
variants: {large: {kernel: 9}}
layers:
  - conv: {out_channels: 8, kernel_size: kernel}
"""
UNUSED = """\
input: 3x8x8
layers:
  - conv: {out_channels: 8, kernel_size: 3}
  - conv: {out_channels: 4, kernel_size: 3}
    from: input
"""


def test_a_join_that_does_not_fit_points_at_both_operands():
    state = state_of(JOIN)
    (fault,) = (each for each in diagnostics_of(state) if each.code == "faulty-spec")
    lines = JOIN.split("\n")
    assert lines[fault.range.start.line] == "  - add: wide"
    related = {each.message: lines[each.location.range.start.line].strip() for each in fault.related_information}
    assert related == {
        "the layer that flows in": "- conv: {out_channels: 4, kernel_size: 3}",
        "'wide'": "name: wide",
    }


def test_a_fault_in_one_variant_says_so():
    (fault,) = (each for each in diagnostics_of(state_of(VARIANTS)) if each.code == "faulty-spec")
    assert "(in large)" in fault.message


def test_an_unused_layer_is_tagged():
    tagged = {each.code: each.tags for each in diagnostics_of(state_of(UNUSED))}
    assert tagged["unused-layer"] == [DiagnosticTag.Unnecessary]
