"""The safe fixes as text: what changes, what stays, and what is left to the author."""

import json

import pytest

from cnncalc.checks.fixing import apply_edits

from ..effort import seconds
from .marked import findings


def fixed(rule, text):
    """The text with all edits of a rule made; it must then be silent, and no edit may come twice."""
    edits = {edit for found in findings(rule, text) if found.fix for edit in found.fix.edits}
    assert edits, "nothing to fix"
    after = apply_edits(text, edits)
    assert not findings(rule, after)
    return after


def lines(*items, head="input: 3x8x8\nlayers:\n", end="\n"):
    return (head + "\n".join(items) + "\n").replace("\n", end)


BIAS = {
    "braces": (
        ["  - conv: {out_channels: 16, kernel_size: 3}   # the stem", "  - batchnorm"],
        ["  - conv: {out_channels: 16, kernel_size: 3, bias: false}   # the stem", "  - batchnorm"],
    ),
    "true": (
        ["  - conv: {bias: true, out_channels: 16, kernel_size: 3}", "  - batchnorm:", "    name: norm"],
        ["  - conv: {bias: false, out_channels: 16, kernel_size: 3}", "  - batchnorm:", "    name: norm"],
    ),
    "a list last": (
        ["  - conv: {out_channels: 16, kernel_size: [3, 1]}", "  - batchnorm"],
        ["  - conv: {out_channels: 16, bias: false, kernel_size: [3, 1]}", "  - batchnorm"],
    ),
    "one per line": (
        ["  - conv:", "      out_channels: 16  # as many", "      kernel_size: 3  # small", "", "  - batchnorm"],
        [
            "  - conv:", "      out_channels: 16  # as many", "      kernel_size: 3  # small",
            "      bias: false", "",
            "  - batchnorm",
        ],
    ),
    "braces over lines": (
        ["  - conv: {", "      out_channels: 16,", "      kernel_size: 3, # small", "    }", "  - batchnorm"],
        [
            "  - conv: {", "      out_channels: 16,",
            "      kernel_size: 3, bias: false, # small", "    }", "  - batchnorm",
        ],
    ),
    "quoted": (
        ["  - conv: {kernel_size: 3, out_channels: \"max(4, 2)\"}", "  - batchnorm"],
        ["  - conv: {kernel_size: 3, out_channels: \"max(4, 2)\", bias: false}", "  - batchnorm"],
    ),
    "lone value": (
        ["  - flatten", "  - linear: 64 # wide", "  - batchnorm"],
        ["  - flatten", "  - linear: {out_features: 64, bias: false} # wide", "  - batchnorm"],
    ),
    "lone value with a comma": (
        ["  - flatten", "  - linear: max(8, 9)", "  - batchnorm"],
        ["  - flatten", "  - linear: {out_features: \"max(8, 9)\", bias: false}", "  - batchnorm"],
    ),
    "an anchor without an alias": (
        ["  - conv: &c {out_channels: 16, kernel_size: 3}", "  - batchnorm"],
        ["  - conv: &c {out_channels: 16, kernel_size: 3, bias: false}", "  - batchnorm"],
    ),
    "as JSON": (
        ['  - {"conv": {"out_channels": 16, "kernel_size": 3}}', '  - "batchnorm"'],
        ['  - {"conv": {"out_channels": 16, "kernel_size": 3, "bias": false}}', '  - "batchnorm"'],
    ),
    "a lone value, quoted otherwise": (
        ["  - flatten", "  - {'linear': 64}", "  - batchnorm"],
        ["  - flatten", "  - {'linear': {'out_features': 64, 'bias': false}}", "  - batchnorm"],
    ),
    "in brackets": (
        ["  - sequence: [conv: {out_channels: 4, kernel_size: 1}, batchnorm, relu]"],
        ["  - sequence: [conv: {out_channels: 4, kernel_size: 1, bias: false}, batchnorm, relu]"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("before", "after"), BIAS.values(), ids=BIAS)
def test_a_bias_is_taken_away(before, after, end):
    assert fixed("bias-before-norm", lines(*before, end=end)) == lines(*after, end=end)


BLOCK = """input: 3x8x8
blocks:
  unit(channels):
    - conv: {out_channels: channels, kernel_size: 3, padding: 1}
    - batchnorm
layers:
  - unit: 4
  - unit: 8
"""


def test_a_block_is_fixed_once_for_all_its_uses():
    after = BLOCK.replace("padding: 1}", "padding: 1, bias: false}")
    assert fixed("bias-before-norm", BLOCK) == after


LEFT = {
    "a norm that may not be there": (
        "input: 3x8x8\nparams: {norm: true}\nvariants: {plain: {norm: false}}\nlayers:\n"
        "  - conv: {out_channels: 4, kernel_size: 3}\n  - batchnorm:\n    when: norm\n"
    ),
    "a norm that a parameter names": (
        "input: 3x8x8\nparams: {norm: batchnorm}\nlayers:\n  - conv: {out_channels: 4, kernel_size: 3}\n  - $norm\n"
    ),
    "a norm elsewhere": (
        "input: 3x8x8\nlayers:\n  - sequence:\n      - conv: {out_channels: 4, kernel_size: 3}\n  - batchnorm\n"
    ),
    "an expression": (
        "input: 3x8x8\nparams: {b: true}\nlayers:\n"
        "  - conv: {out_channels: 4, kernel_size: 3, bias: b}\n  - batchnorm\n"
    ),
    "shared weights": (
        "input: 3x8x8\nlayers:\n  - conv: {out_channels: 3, kernel_size: 3, padding: 1}\n    name: a\n  - batchnorm\n"
        "  - conv:\n    share: a\n  - batchnorm\n"
    ),
    "a name that is spoken of": (
        "input: 3x8x8\nlayers:\n  - conv: {out_channels: 3, kernel_size: 3}\n    name: stem\n  - batchnorm\n"
        "expect: {stem: {params: 84}}\n"
    ),
    "an ordinal that is spoken of": (
        "input: 3x8x8\nlayers:\n  - conv: {out_channels: 3, kernel_size: 3}\n  - batchnorm\n"
        "expect: {conv1: {params: 84}}\n"
    ),
    "a value of several lines": (
        "input: 3x8x8\nlayers:\n  - flatten\n  - linear: max(8,\n      9)\n  - batchnorm\n"
    ),
    "an alias": (
        "input: 3x8x8\nlayers:\n  - flatten\n  - linear: &wide 9\n  - batchnorm\n  - linear: *wide\n  - batchnorm\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_is_not_certain_is_said_and_not_edited(text):
    found = findings("bias-before-norm", text)
    assert found
    assert {each.fix.words for each in found} == {"bias: false"}
    if "alias" not in text and "&" not in text:
        assert not any(each.fix.edits for each in found)


def test_an_alias_is_edited_where_it_stands_for_nothing_else():
    text = LEFT["an alias"]
    first, second = findings("bias-before-norm", text)
    assert not first.fix.edits  # the anchor would go with it
    assert not second.fix.edits


@pytest.mark.parametrize("field", ["", ", bias: true"])
@pytest.mark.parametrize("last", ["conv: *c", "sequence: [conv: *c]"])
def test_what_an_alias_repeats_is_left(field, last):
    conv = f"conv: &c {{out_channels: 3, kernel_size: 3, padding: 1{field}}}"
    (found,) = findings("bias-before-norm", lines(f"  - {conv}", "  - batchnorm", "  - relu", f"  - {last}"))
    assert found.fix.words == "bias: false"
    assert not found.fix.edits


def test_json_stays_json():
    text = '{"input": 784, "layers": [{"linear": 10}, "batchnorm", {"linear": {"out_features": 5}}, "batchnorm"]}'
    linear = [{"linear": {"out_features": width, "bias": False}} for width in (10, 5)]
    assert json.loads(fixed("bias-before-norm", text))["layers"] == [linear[0], "batchnorm", linear[1], "batchnorm"]


RELU = {
    "lines": (["  - relu", "  - relu", "  - maxpool: 2"], ["  - relu", "  - maxpool: 2"]),
    "a comment": (["  - relu  # one", "  - relu   # two", "  - tanh"], ["  - relu  # one", "  # two", "  - tanh"]),
    "blanks": (["  - relu", "  -  relu  ", "  - tanh"], ["  - relu", "  - tanh"]),
    "the last line": (["  - relu", "  - relu"], ["  - relu"]),
    "three": (["  - relu6", "  - relu6", "  - relu6"], ["  - relu6"]),
    "a relu6": (["  - relu6", "  - tanh", "  - relu", "  - relu"], ["  - relu6", "  - tanh", "  - relu"]),
    "a relu6 in quotes": (["  - 'relu6'", "  - tanh", "  - relu", "  - relu"], ["  - 'relu6'", "  - tanh", "  - relu"]),
    "brackets": (["  - sequence: [relu, relu, maxpool: 2]"], ["  - sequence: [relu, maxpool: 2]"]),
    "brackets, last": (["  - sequence: [relu , relu ]"], ["  - sequence: [relu ]"]),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("before", "after"), RELU.values(), ids=RELU)
def test_an_activation_is_taken_out(before, after, end):
    assert fixed("repeated-activation", lines(*before, end=end)) == lines(*after, end=end)


@pytest.mark.parametrize(
    "items",
    [
        ["  - sigmoid", "  - relu"],  # another function: perhaps the first is the mistake
        ["  - relu", "  - relu:", "    name: last"],
        ["  - relu: {inplace: true}", "  - relu: {inplace: true}"],
        ["  - relu", "  - dropout", "  - relu"],
        ["  - relu", "  - relu", "  - add: relu1"],
        ["  - relu", "  - relu", "  - tanh", "  - add: relu2"],
        ["  - tanh", "  - relu"] * 5 + ["  - relu", "  - tanh", "  - add: relu6"],  # the sixth relu
        ["  - relu", "  - relu", "  - tanh", "  - concat: 'relu*'"],
        ["  - sequence: [relu]", "  - relu"],
        ["  - sequence:", "      - relu", "      - relu:", "        when: 1 < 2"],
    ],
)
def test_another_activation_is_left(items):
    found = findings("repeated-activation", lines(*items))
    assert found
    assert not any(each.fix.edits for each in found)


def test_the_text_is_read_once_for_all_findings(check):
    def fixed(layers: int) -> None:
        found = check(lines(*["  - relu"] * layers), "repeated-activation").findings
        assert len(found) == layers - 1
        assert all(each.fix.edits for each in found)

    fixed(500)
    few, many = seconds(lambda: fixed(1000)), seconds(lambda: fixed(6000), times=1)
    assert many < 20 * few  # 33 times, where every finding has the whole text searched
