"""`written:` of kinds and of single layers."""

import pytest

import cnncalc
from cnncalc.errors import SpecError
from cnncalc.graph import Manner

SPEC = """
input: 3x8x8
blocks:
  unit:
    - conv: {out_channels: 3, kernel_size: 1}
    - relu:
      written: WAY
layers:
  - unit:
    repeat: 2
  - residual: [sigmoid]
    written: functional
written: {sigmoid: operator}
"""


@pytest.mark.parametrize(
    ("way", "manner"),
    [
        ("functional", Manner("functional")),
        ("MyReLU", Manner("module", derived="MyReLU")),
        ("{class: MyReLU}", Manner("module", derived="MyReLU")),
        ("{class: my_relu}", Manner("module", derived="my_relu")),
        ("{shared: act}", Manner("shared", module="act")),
        ("{by: bmm softmax}", Manner("functional", by="bmm softmax")),
        ("{class: MyReLU, shared: act}", Manner("shared", "MyReLU", "act")),
    ],
)
def test_a_layer_says_how_it_is_written(way, manner):
    graph = cnncalc.parse(SPEC.replace("WAY", way)).graph()
    written = {node.name: node.written for node in graph.nodes}
    assert written["unit1.relu1"] == written["unit2.relu1"] == manner
    assert written["add1"] == Manner("functional")
    assert written["sigmoid1"] is None
    assert graph.written == {"sigmoid": Manner("operator")}


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("relu:\n    written: function", "written: expected one of module, functional, operator, shared"),
        ("relu:\n    written: Functional", "written: expected one of module, functional, operator, shared, or a class"),
        ("relu:\n    written: my_relu", "written: expected one of"),
        ("relu:\n    written: My.ReLU", "written: expected one of"),
        ("relu:\n    written: {klass: X}", "written: unknown key 'klass'"),
        ("relu:\n    written: {class: [X]}", "written: class: expected a name"),
        ("relu:\n    written: {class: 'a(b'}", "written: class: expected a name"),
        ("sequence: [relu]\n    written: functional", "written applies to one layer, not to sequence"),
        ("relu:\n    written:", "written: expected one of"),
    ],
)
def test_faults_name_what_was_expected(item, message):
    with pytest.raises(SpecError, match=message.split("{")[0].replace("[", r"\[")):
        cnncalc.parse(f"input: 3x8x8\nlayers:\n  - {item}\n").graph()


def test_a_block_has_layers_of_its_own():
    with pytest.raises(SpecError, match="written applies to one layer, not to unit"):
        cnncalc.parse("input: 3x8x8\nblocks: {unit: [relu]}\nlayers:\n  - unit:\n    written: shared\n").graph()
