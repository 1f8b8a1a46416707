"""Blocks, parameters, variants and settings; `$name`; numbers and what they may be."""

from __future__ import annotations

from fractions import Fraction
from textwrap import dedent

import pytest

import cnncalc
from cnncalc.errors import SpecError, UsageError


def spec(text: str) -> cnncalc.Spec:
    return cnncalc.parse("input: 4x8x8\n" + dedent(text), "net.yaml")


def channels(text: str, **given: object) -> list[int]:
    return [layer.output[0] for layer in spec(text).analyze(**given).layers]


CALLS = {
    "the first parameter is natural": ("unit: 5", [5]),
    "by name": ("unit: {width: 5}", [5]),
    "an expression of the caller": ("unit: 2 * in_channels", [8]),
    "a default": ("pair: 5", [5, 10]),
    "a default of an earlier parameter": ("pair: {width: 5, second: 7}", [5, 7]),
    "a default captures what flows into the call": ("keep", [6, 4]),
    "a block within a block": ("nested: 5", [5, 10, 3]),
    "a parameter of the spec": ("wide", [11]),
    "a list": ("listed: [5, 6]", [5, 6]),
}
BLOCKS = """
params: {base: 11}
blocks:
  unit(width):
    - conv: {out_channels: width, kernel_size: 1}
  pair(width, second=2 * width):
    - conv: {out_channels: width, kernel_size: 1}
    - conv: {out_channels: second, kernel_size: 1}
  keep(channels=in_channels):
    - conv: {out_channels: 6, kernel_size: 1}
    - conv: {out_channels: channels, kernel_size: 1}
  nested(width):
    - pair: width
    - unit: 3
  wide:
    - conv: {out_channels: base, kernel_size: 1}
  listed(widths):
    - conv: {out_channels: "widths[i]", kernel_size: 1}
      repeat: len(widths)
"""


@pytest.mark.parametrize(("call", "expected"), CALLS.values(), ids=CALLS)
def test_calls(call, expected):
    assert channels(f"{BLOCKS}\nlayers:\n  - {call}") == expected


def test_signatures_may_hold_commas_and_spaces():
    text = """
        blocks:
          unit( widths = [2, 3] , kernel_size = max(1, 1) ):
            - conv: {out_channels: c, kernel_size: kernel_size}
              repeat: {c: widths}
        layers: [unit]
    """
    assert channels(text) == [2, 3]


def test_a_block_does_not_see_what_its_caller_binds():
    with pytest.raises(SpecError, match="unknown name 'i'"):
        spec("blocks: {b: [conv: {out_channels: i, kernel_size: 1}]}\nlayers: [{b: , repeat: 2}]")


DOLLAR = {
    "a block": ("params: {unit: a}", "$unit: 5", [5]),
    "another block": ("params: {unit: b}", "$unit: 5", [5, 6]),
    "a layer": ("params: {unit: relu}", "$unit", [4]),
    "a layer with its natural argument": ("params: {unit: linear}", "sequence: [flatten, $unit: 7]", [256, 7]),
    "a layer with fields": ("params: {unit: maxpool}", "$unit: {kernel_size: 2}", [4]),
    "chosen by an expression": ("params: {deep: true, unit: b if deep else a}", "$unit: 5", [5, 6]),
}


@pytest.mark.parametrize(("params", "call", "expected"), DOLLAR.values(), ids=DOLLAR)
def test_dollar_names_a_block_or_a_layer(params, call, expected):
    text = f"""
{params}
blocks:
  a(w): [conv: {{out_channels: w, kernel_size: 1}}]
  b(w): [a: w, conv: {{out_channels: w + 1, kernel_size: 1}}]
layers:
  - {call}
"""
    assert channels(text) == expected


def test_dollar_names_the_parameter_of_a_block():
    text = """
        blocks:
          unit(act): [conv: {out_channels: 6, kernel_size: 1}, $act]
        layers: [unit: relu, unit: tanh]
    """
    assert [layer.name for layer in spec(text).analyze().layers] == [
        "unit1.conv1",
        "unit1.relu1",
        "unit2.conv1",
        "unit2.tanh1",
    ]


# --- parameters and variants -----------------------------------------------------------------------------------------

SETTABLE = """
params: {width: 0.75, channels: "round_to(32 * width, 8)", twice: 2 * channels}
variants:
  wide: {width: 2}
  "9": {channels: 9}
layers:
  - conv: {out_channels: channels, kernel_size: 1}
  - conv: {out_channels: twice, kernel_size: 1}
"""


def test_each_parameter_may_use_those_above():
    assert channels(SETTABLE) == [24, 48]


def test_variants_set_parameters_and_what_follows_from_them():
    assert [layer.output[0] for layer in spec(SETTABLE).at("wide").analyze().layers] == [64, 128]
    assert [layer.output[0] for layer in spec(SETTABLE).at("9").analyze().layers] == [9, 18]


@pytest.mark.parametrize("width", [0.5, "0.5", "1/2", Fraction(1, 2)])
def test_settings_come_before_everything(width):
    assert channels(SETTABLE, params={"width": width}) == [16, 32]
    assert [layer.output[0] for layer in spec(SETTABLE).at("wide").analyze(params={"width": width}).layers] == [16, 32]


def test_a_variant_may_use_parameters():
    text = """
        params: {a: 3, b: 1}
        variants: {v: {b: a + 2}}
        layers: [conv: {out_channels: b, kernel_size: 1}]
    """
    assert [layer.output[0] for layer in spec(text).at("v").analyze().layers] == [5]


def test_unknown_setting():
    with pytest.raises(UsageError, match="net has no parameter 'widht': did you mean 'width'"):
        spec(SETTABLE).analyze(params={"widht": 1})


# --- numbers ---------------------------------------------------------------------------------------------------------

NUMBERS = {
    "4*in_channels": 16,
    "in_size[0] // 3": 2,
    "2**5 - 1": 31,
    "10 / 2": 5,
    "7 % 4": 3,
    "max(3, 5, 4)": 5,
    "len(in_size) + sum(in_size)": 18,
    "abs(-3)": 3,
    "floor(2.7)": 2,
    "ceil(2.1)": 3,
    "int(2.9)": 2,
    "round(2.5)": 2,
    "round(3.5)": 4,
    "0.1 * 30": 3,
    "1.1 * 110 / 1.21": 100,
    "6 if in_channels == 4 else 7": 6,
    "5 if 1 < 2 <= 2 and not false else 1": 5,
    "[3, 9][-1]": 9,
    "round_to(33, 8)": 32,
    "round_to(36, 8)": 40,
    "round_to(32 * 0.35, 8)": 16,  # 8 is less than nine tenths of 11.2
    "round_to(24 * 0.5, 8)": 16,
    "round_to(1, 8)": 8,
    "round_to(19, 16)": 32,
}


@pytest.mark.parametrize("expression", NUMBERS)
def test_numbers_are_exact(expression):
    assert channels(f'layers: [conv: {{out_channels: "{expression}", kernel_size: 1}}]') == [NUMBERS[expression]]


@pytest.mark.parametrize("expression", ["0.1 + 0.2", "10 / 4", "2.5"])
def test_a_size_that_is_not_whole_is_refused(expression):
    with pytest.raises(SpecError, match="expected a whole number"):
        channels(f'layers: [conv: {{out_channels: "{expression}", kernel_size: 1}}]')


def test_round_to_is_the_rule_of_mobilenet():
    def make_divisible(value: float, divisor: int) -> int:  # as torchvision has it
        rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
        return rounded + divisor if rounded < 0.9 * value else rounded

    for quarters in range(1, 600):
        text = f'layers: [conv: {{out_channels: "round_to({quarters} / 4, 8)", kernel_size: 1}}]'
        assert channels(text) == [make_divisible(quarters / 4, 8)]
