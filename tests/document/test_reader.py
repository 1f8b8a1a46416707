"""YAML nodes → `Document`: nothing is evaluated, every fault is noted, none is a consequence of another."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

import cnncalc
from cnncalc.document.types import BlockCall, Branches, Constant, Formula, Group, LayerCall, Listing, Residual
from cnncalc.errors import SpecError
from cnncalc.spec import parse_item


def document(text: str):
    return cnncalc.parse(text, "net.yaml").document


def faults(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        cnncalc.parse(text, "net.yaml")
    return [fault.message for fault in caught.value.faults]


def test_a_document_is_what_is_written():
    found = document(
        """
name: Small
source: a paper
year: 1998
input: 3x8xW
params: {n: 2, w: [1, n]}
variants: {big: {n: 4}}
blocks:
  unit(a, b=2 * a): [relu]
layers:
  - conv: {out_channels: 6, kernel_size: n, padding: same, stride: [1, n]}
    name: c
    when: n > 1
  - unit: 3
  - sequence: [relu, tanh]
    repeat: {j: n}
  - residual: {body: [relu], shortcut: [tanh], skip: n == 2}
  - branches: {merge: add, paths: [[relu], []]}
  - add: c
heads: {side: {from: c, training: true, layers: [relu]}}
outputs: {y: c}
"""
    )
    assert (found.name, found.about["year"]) == ("Small", "1998")
    assert [type(size) for size in found.inputs["input"]] == [Constant, Constant, Formula]
    assert isinstance(found.params["w"], Listing)
    assert list(found.variants["big"]) == ["n"]
    assert [parameter.name for parameter in found.blocks["unit"].parameters] == ["a", "b"]
    kinds = [type(item.body) for item in found.layers]
    assert kinds == [LayerCall, BlockCall, Group, Residual, Branches, LayerCall]
    assert found.layers[0].name.text == "c"
    assert found.layers[2].repeat.names == ("j",)
    assert found.heads["side"].training
    assert found.outputs["y"].text == "c"
    with pytest.raises(FrozenInstanceError):
        found.name = "Large"


@pytest.mark.parametrize(
    ("name", "expected"), [("net.yaml", "net"), ("a/b/net.yml", "net"), ("-", "-"), ("net", "net")]
)
def test_a_network_without_a_name_is_called_by_its_file(name, expected):
    assert cnncalc.parse("input: 3x8x8\nlayers: [relu]", name).name == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3x227x227", (3, 227, 227)),
        ("3 x 227 x 227", (3, 227, 227)),
        ("3×227×227", (3, 227, 227)),
        ("[3, 227, 227]", (3, 227, 227)),
        ("784", (784,)),
        ("[784]", (784,)),
        ("1x16x112x112", (1, 16, 112, 112)),
    ],
)
def test_inputs(text, expected):
    assert cnncalc.parse(f"input: {text}\nlayers: [relu]").analyze().inputs == {"input": expected}


def test_an_item_alone():
    spec = parse_item("conv: {out_channels: 96, kernel_size: 11, stride: 4}")
    assert spec.analyze(input=(3, 227, 227)).outputs == {"output": (96, 55, 55)}
    assert parse_item("[flatten, linear: 10]").analyze(input=(3, 2, 2)).params == 130


def test_an_item_alone_has_faults_in_order():
    with pytest.raises(SpecError) as caught:
        parse_item("[Conv2d: {filters: 3}, linear: {units: 2}]")
    assert [fault.span.column for fault in caught.value.faults] == [2, 11, 33]


def test_all_faults_of_a_file_are_told():
    assert faults(
        """
input: 3x0x8
params: {width: 010, depth: }
blocks:
  unit(a, a): [rleu]
layers:
  - conv: {out_channels: -1, kernel: 3}
  - unit: {b: 2}
  - name: x
heads: {h: {layers: [relu]}}
"""
    ) == [
        "input: expected a whole number of at least 1, got 0",
        "width: 010: a leading zero",
        "depth has no value",
        "block unit has two parameters named 'a'",
        "unknown layer 'rleu'",
        "conv: out_channels: expected a whole number of at least 1, got -1",
        "unknown field 'kernel' of conv",
        "unknown parameter 'b' of block unit",
        "this item has no layer, only name",
        "head h needs from",
    ]


ALONE = {
    "a parameter at fault is still a parameter": (
        "input: [3, n, n]\nparams: {n: 3 +, m: 2 * n}\nlayers: [conv: {out_channels: m, kernel_size: n}]",
        "n: unexpected end of the expression",
    ),
    "a block at fault is still a block": (
        "input: 3x8x8\nblocks:\n  unit(a:\n    - conv: {out_channels: a, kernel_size: 1}\nlayers: [unit: 3]",
        "'unit(a' is not a valid block signature",
    ),
    "a default at fault is still a default": (
        "input: 3x8x8\nblocks:\n  unit(a=): [conv: {out_channels: a, kernel_size: 1}]\nlayers: [unit, unit: 3]",
        "default of 'a': the expression is empty",
    ),
    "a repeat at fault still binds its name": (
        "input: 3x8x8\nlayers:\n  - conv: {out_channels: 3 + k, kernel_size: 1}\n    repeat: {k: 3 +}",
        "repeat: unexpected end of the expression",
    ),
    "a misspelt field is not missing too": (
        "input: 3x8x8\nlayers: [conv: {out_channel: 3, kernel_size: 1}]",
        "unknown field 'out_channel' of conv",
    ),
    "a misspelt section is not missing too": ("inptu: 3x8x8\nlayers: [relu]", "unknown key 'inptu'"),
    "what YAML misread is not wrong twice": (
        "input: 3x8x8\nlayers:\n  - conv: {out_channels: 3, kernel_size:1}",
        "no space after the colon of 'kernel_size'",
    ),
}


@pytest.mark.parametrize(("text", "expected"), ALONE.values(), ids=ALONE)
def test_one_fault_is_told_once(text, expected):
    assert faults(text) == [expected]


def test_the_same_fault_on_several_lines_is_told_once_with_them():
    text = "input: 3x8x8\nlayers:\n" + "  - ReLU\n" * 3
    assert faults(text) == ["unknown layer 'ReLU' (and on lines 4, 5)"]


def test_many_lines_are_cut():
    text = "input: 3x8x8\nlayers:\n" + "  - ReLU\n" * 300
    (message,) = faults(text)
    assert message.endswith("14, 15, …)")


def test_faults_of_yaml_do_not_hide_the_others():
    found = faults("input: 3x8x8\nlayers:\n  - maxpool: {kernel_size:3}\n  - ReLU\n")
    assert found == ["no space after the colon of 'kernel_size'", "unknown layer 'ReLU'"]
