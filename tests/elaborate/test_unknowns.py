"""An `unknown` with a shape of numbers holds for the input for which it was written; one of expressions for any."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.elaborate.replay import replay
from cnncalc.errors import SpecError
from cnncalc.solutions.conditions import validity

STEM = "  - conv: {out_channels: 16, kernel_size: 3, padding: 1, stride: 2}\n"


def spec(unknown: str, before: str = STEM, size: str = "3x32x32") -> cnncalc.Spec:
    return cnncalc.parse(f"input: {size}\nlayers:\n{before}  - unknown: {{op: roi, {unknown}}}\n")


FIXED = spec("shape: [8, 7, 7]")
SEEN = r"known only for an input of \[16, 16, 16\], got "


def test_the_specs_own_input_is_given():
    assert FIXED.analyze().outputs == {"output": (8, 7, 7)}
    assert FIXED.analyze(input=(3, 32, 32)).outputs == {"output": (8, 7, 7)}


@pytest.mark.parametrize("size", [(3, 64, 32), (3, 33, 31), (3, 8, 8)])
def test_another_input_is_refused(size):
    with pytest.raises(SpecError, match=SEEN) as caught:
        FIXED.analyze(input=size)
    (fault,) = caught.value.faults
    assert fault.span.line == 4
    assert fault.hint == "write `shape` with in_channels and in_size, or `seen: any` if it holds for every input"


def test_another_input_of_the_network_may_be_the_same_to_the_layer():
    pooled = spec("shape: [8, 7, 7]", "  - global_avgpool\n")
    assert pooled.analyze(input=(3, 99, 5)).outputs == {"output": (8, 7, 7)}
    assert FIXED.analyze(input=(3, 31, 31)).outputs == {"output": (8, 7, 7)}


def test_symbols_are_solved():
    assert list(validity(FIXED.analyze(input="3xHxW").graph)) == ["H ∈ {31, 32}", "W ∈ {31, 32}"]


def test_inferring_again_at_another_input_is_refused():
    with pytest.raises(SpecError, match=SEEN):
        replay(FIXED.graph(), {"input": (3, 64, 64)})


@pytest.mark.parametrize(
    ("unknown", "output"),
    [
        ("shape: [in_channels, 'in_size[0] // 2', 'in_size[1]']", (16, 32, 64)),
        ("shape: [2 * in_channels, 1, 1]", (32, 1, 1)),
        ("shape: [8, 7, 7], seen: any", (8, 7, 7)),
    ],
)
def test_expressions_and_any_hold_everywhere(unknown, output):
    assert spec(unknown).analyze(input=(3, 128, 128)).outputs == {"output": output}
    assert "seen" not in str(spec(unknown).analyze(input=(3, 128, 128)).graph.conditions)


def test_a_spec_with_symbols_says_that_its_shape_holds_for_them():
    symbolic = spec("shape: [8, 7, 7]", size="3xHxW")
    assert symbolic.analyze(input=(3, 50, 60)).outputs == {"output": (8, 7, 7)}


REUSED = """
input: 3x32x32
blocks:
  pooled(channels, sizes={sizes}):
    - conv: {{out_channels: channels, kernel_size: 3, padding: 1, stride: 2}}
    - unknown: {{op: roi, shape: {shape}}}
layers:
  - pooled: 16
  - pooled: 16
"""


def test_one_item_at_two_inputs_is_refused():
    with pytest.raises(SpecError, match=r"pooled2\.unknown1: .*only for an input of \[16, 16, 16\], got \[16, 4, 4\]"):
        cnncalc.parse(REUSED.format(shape="[16, 7, 7]", sizes=0)).analyze()
    assert cnncalc.parse(REUSED.format(shape="[16, 7, 7]", sizes=0).replace("stride: 2", "stride: 1"))


def test_one_item_with_expressions_is_used_at_several_inputs():
    text = REUSED.format(shape="[16, 'in_size[0]', 'in_size[1]']", sizes=0)
    assert cnncalc.parse(text).analyze().outputs == {"output": (16, 8, 8)}
    computed = REUSED.format(shape="[16, 'sizes[0] // 2', 'sizes[1] // 2']", sizes="in_size")
    assert cnncalc.parse(computed).analyze().outputs == {"output": (16, 8, 8)}
    assert cnncalc.parse(computed).analyze(input=(3, 64, 64)).outputs == {"output": (16, 16, 16)}


def test_its_multiply_accumulates_count_if_they_are_given():
    report = spec("shape: [8, 7, 7], params: 10, macs: 'in_channels * in_size[0]'").analyze()
    assert (report["unknown1"].macs, report["unknown1"].flops) == (256, 512)
    assert not report.cost.at_least
    assert report.macs == 16 * 16 * 16 * 27 + 256
