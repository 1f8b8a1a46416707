"""`parameter` and `constant` by themselves, which read nothing, and the closed forms of those that are merged."""

from textwrap import dedent

import pytest

import cnncalc
from cnncalc.errors import SpecError

VIT = """
input: {input}
layers:
  - conv: {{out_channels: 8, kernel_size: 16, stride: 16}}
  - flatten: {{start_dim: 2}}
  - parameter: {{shape: [8, 1], merge: concat}}
    name: token
  - parameter: {{{shape}merge: add}}
    name: positions
"""
ALONE = """
input: 3x8x8
layers:
  - parameter: [4, 5]
    name: queries
  - constant: [4, 5]
    name: zeros
  - constant: {shape: [4, 5], buffer: true, value: 2}
    name: table
  - add:
    from: [queries, zeros, table]
  - concat: {dim: 2}
    from: [queries, add1]
"""


def spec(text, **values):
    return cnncalc.parse(dedent(text.format(**values) if values else text))


def test_a_table_has_the_size_of_what_flows_in():
    report = spec(VIT, input="3xHxW", shape="").analyze()
    assert str(report["positions"].params) == "8*(H//16)*(W//16) + 8"
    for size in (32, 48, 224):
        numbers = spec(VIT, input=f"3x{size}x{size}", shape="").analyze()
        assert numbers["positions"].params == 8 * ((size // 16) ** 2 + 1)


def test_a_table_of_positions_pins_the_input():
    text = {"input": "3xNxN", "shape": "shape: [8, 197], "}
    (condition,) = (c for c in spec(VIT, **text).graph().conditions if "positions" in str(c))
    holds = [n for n in range(16, 300) if condition.relation.evaluate({"N": n})]
    assert holds == list(range(224, 240))


def test_they_stand_alone():
    nodes = {node.name: node for node in spec(ALONE).graph().nodes}
    assert [nodes[name].inputs for name in ("queries", "zeros", "table")] == [()] * 3
    assert nodes["queries"].weights == {"weight": (4, 5)}
    assert (nodes["zeros"].weights, nodes["zeros"].buffers) == ({}, {})
    assert nodes["table"].buffers == {"weight": (4, 5)}
    report = spec(ALONE).analyze()
    assert report.params == 20
    assert report["queries"].flops == 0


def test_the_network_has_one_for_every_image():
    torch = pytest.importorskip("torch")
    network = spec(ALONE).to_torch().eval()
    out = network(torch.zeros(3, 3, 8, 8))
    assert out.shape == (3, 4, 10)
    assert torch.equal(network.module("table").weight, torch.full((4, 5), 2.0))
    assert list(network.state_dict()) == ["queries.weight", "table.weight"]


@pytest.mark.parametrize("text", [ALONE, VIT.format(input="3x32x32", shape="")])
def test_pytorch_confirms_them(text):
    pytest.importorskip("torch")
    from cnncalc.pytorch.verification.saved import verify_memory
    from cnncalc.pytorch.verification.verify import verify

    assert verify(spec(text).graph(), device="cpu", batch=3).ok
    assert verify_memory(spec(text).graph()).ok


@pytest.mark.parametrize("kind", ["parameter", "constant"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("", "needs a shape"),
        (": {merge: concat}", "needs a shape"),
        (": {merge: add, shape: [8]}", "needs inputs with the same number of axes, got [4, 6] and [8]"),
        (": {merge: add, shape: [4, 5]}", "needs inputs of the same shape, got [4, 6] and [4, 5]"),
        (": [4, 0]", "shape: expected a whole number of at least 1, got 0"),
    ],
)
def test_refusals(kind, fields, message):
    with pytest.raises(SpecError) as caught:
        cnncalc.parse(f"input: [4, 6]\nlayers:\n  - {kind}{fields}\n").graph()
    assert message in caught.value.faults[0].message
