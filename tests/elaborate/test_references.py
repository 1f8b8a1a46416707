"""Tensors as parameters of blocks, and names computed in loops."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

import cnncalc
from cnncalc.errors import SpecError

SPECS = Path(__file__).parents[1] / "specs/ok"


def load(name: str) -> cnncalc.Spec:
    return cnncalc.load(str(SPECS / f"{name}.yaml"))


def report(text: str, **given: object) -> cnncalc.Report:
    return cnncalc.parse("input: 4x8x8\n" + dedent(text)).analyze(**given)


def reads(text: str) -> dict[str, tuple[str, ...]]:
    return {layer.name: layer.node.inputs for layer in report(text).layers}


# --- whole networks, each held to the one that is written out -------------------------------------------


def test_unet_with_skips_as_arguments_is_the_shipped_one():
    """31,030,658 parameters; every join reads the contracting path at its level."""
    network, shipped = load("tensor_skips_of_unet").analyze(), cnncalc.load("unet").analyze()
    assert (network.params, network.macs, network.outputs) == (31_030_658, shipped.macs, {"output": (2, 388, 388)})
    joins = [layer.node for layer in network.layers if layer.kind == "concat"]
    assert [node.name for node in joins] == [f"up{i}.concat1" for i in range(1, 5)]
    crops = [layer.node.inputs[0] for layer in network.layers if layer.kind == "crop"]
    assert crops == [f"e{i}.relu2" for i in (4, 3, 2, 1)]


def test_densenet_by_a_growing_concat_is_the_shipped_one():
    network, shipped = load("loop_growing_concat_of_densenet").analyze(), cnncalc.load("densenet@121").analyze()
    assert (network.params, network.macs) == (7_978_856, shipped.macs)
    widest = [node for node in network.graph.nodes if node.kind == "concat"][-1]
    assert len(widest.inputs) == 17
    assert widest.output == (1024, 7, 7)


def test_wavenet_sums_twenty_skips():
    network = load("loop_skips_of_wavenet").analyze()
    total = network["add1"]
    assert total.node.inputs == tuple(f"skip{i}" for i in range(20))
    assert total.output == (256, 4096)
    assert network["add1"].receptive_field["input"].size == (2048,)  # 2 + 2·1023: two stacks of 1024 taps


def test_links_come_from_a_table():
    found = load("loop_over_rows").analyze()
    joins = [layer.node.inputs for layer in found.layers if layer.name.startswith("concat")]
    assert joins == [("conv1",), ("conv2", "node0"), ("conv3", "node0", "node1"), ("conv4", "node1", "node2")]
    assert list(found.outputs) == ["node1", "node2", "node3", "node4"]


def test_tensors_are_passed_on():
    found = load("tensor_passed_on").analyze()
    inputs = {layer.name: layer.node.inputs for layer in found.layers}
    assert inputs["twice1.fuse1.concat1"] == ("relu1", "guide")
    assert inputs["twice1.fuse2.concat1"] == ("twice1.tanh1", "guide", "twice1.fuse1.conv1")
    assert inputs["twice1.upsample1"] == ("twice1.fuse2.conv1", "guide")
    assert found["fuse2.conv1"].node.shares == "twice1.fuse2.conv1"


# --- tensors --------------------------------------------------------------------------------------------

UP = """
blocks:
  up(tensor skip, channels=4):
    - conv: {out_channels: channels, kernel_size: 1}
    - concat: skip
layers:
"""


def test_a_tensor_is_the_natural_argument_if_it_is_first():
    assert reads(f"{UP}  - relu\n  - up: input")["up1.concat1"] == ("up1.conv1", "input")


def test_a_parameter_hides_the_names_outside():
    text = f"{UP}  - relu:\n    name: skip\n  - tanh\n  - up: input"
    assert reads(text)["up1.concat1"] == ("up1.conv1", "input")


def test_the_name_of_a_tensor_is_not_seen_from_outside():
    with pytest.raises(SpecError, match=r"no earlier layer named 'up1\.skip'"):
        report(f"{UP}  - relu\n  - up: input\n  - concat: up1.skip")


def test_a_block_reads_another_tensor_each_time():
    """A level that is walked once must not be added again where it reads other tensors."""
    text = f"{UP}  - relu:\n    repeat: {{i: 3}}\n    name: e{{i}}\n  - up: e{{2 - i}}\n    repeat: 3"
    joins = [inputs[1] for name, inputs in reads(text).items() if name.endswith("concat1")]
    assert joins == ["e2", "e1", "e0"]


def test_a_level_around_such_blocks_is_added_again():
    text = """
    blocks:
      up(tensor skip):
        - add: skip
      stage:
        - relu
        - tanh
        - up: relu1
    layers: [{stage: , repeat: 3}]
    """
    assert [inputs for name, inputs in reads(text).items() if name.endswith("add1")] == [
        (f"stage{i}.tanh1", f"stage{i}.relu1") for i in (1, 2, 3)
    ]


def test_a_shared_block_has_its_own_tensors():
    text = f"{UP}  - relu\n  - up: {{skip: input, channels: 5}}\n  - up: relu1\n    from: input\n    share: up1"
    found = report(text)
    assert found["up2.concat1"].node.inputs == ("up2.conv1", "relu1")
    assert found["up2.conv1"].output == (5, 8, 8)
    assert found["up2.conv1"].params == 0


GATED = """
blocks:
  gated(channels=4, tensor x=in):
    - conv: {out_channels: channels, kernel_size: 1}
      name: main
    - sigmoid:
      from: x
    - concat: [x, main]
layers:
"""


def test_a_block_reads_its_own_input_again():
    found = reads(f"{GATED}  - relu\n  - gated\n  - gated: 3\n    repeat: 2")
    assert found["gated1.sigmoid1"] == ("relu1",)
    assert found["gated1.concat1"] == ("gated1.sigmoid1", "relu1", "gated1.main")
    assert [found[f"gated{i}.sigmoid1"] for i in (2, 3)] == [("gated1.concat1",), ("gated2.concat1",)]
    assert found["gated3.concat1"] == ("gated3.sigmoid1", "gated2.concat1", "gated3.main")


def test_a_call_may_give_another_tensor_than_the_input_of_the_block():
    """It comes after an equal call without one, whose layers it must not take over."""
    found = reads(f"{GATED}  - relu\n  - gated\n  - conv: {{out_channels: 4, kernel_size: 1}}\n  - gated: {{x: relu1}}")
    assert found["gated2.main"] == ("conv1",)
    assert found["gated2.concat1"] == ("gated2.sigmoid1", "relu1", "gated2.main")


def test_the_input_of_a_block_of_several_tensors_is_all_of_them():
    text = """
    blocks:
      both(tensor x=in):
        - add
        - concat: x
    layers: [relu, tanh, {both: , from: [relu1, tanh1]}]
    """
    assert reads(text)["both1.concat1"] == ("both1.add1", "relu1", "tanh1")


def test_the_input_of_a_block_is_passed_on():
    text = """
    blocks:
      inner(tensor skip): [tanh, add: skip]
      outer(tensor x=in): [relu, inner: x]
    layers: [{outer: , repeat: 2}]
    """
    found = reads(text)
    assert [found[f"outer{i}.inner1.add1"][1] for i in (1, 2)] == ["input", "outer1.inner1.add1"]


def test_an_item_cannot_take_the_name_of_the_input():
    with pytest.raises(SpecError, match="the name 'x' is a parameter of the block"):
        report(f"{GATED.replace('name: main', 'name: x').replace('[x, main]', 'x')}  - gated")


def test_numbers_of_an_instance_are_its_arguments():
    assert dict(report(f"{UP}  - relu\n  - up: input").graph.instances["up1"].arguments) == {"channels": 4}


# --- loops ----------------------------------------------------------------------------------------------

CONVS = "layers:\n  - relu:\n    name: a{i}\n    repeat: {i: 3}\n  - tanh\n"

LOOPS = {
    "a count": ("a{i} for i in 3", ("a0", "a1", "a2")),
    "an expression": ("a{2 - i} for i in 1 + 1", ("a2", "a1")),
    "a list": ("a{i} for i in [2, 0]", ("a2", "a0")),
    "rows": ("{n}{i} for n i in [['a', 1], ['a', 0]]", ("a1", "a0")),
    "a glob": ("a{i}* for i in 2", ("a0", "a1")),
}


@pytest.mark.parametrize(("loop", "expected"), LOOPS.values(), ids=LOOPS)
def test_a_loop_computes_names(loop, expected):
    assert reads(f'{CONVS}  - concat:\n    from: "{loop}"')["concat1"] == expected
    assert reads(f'{CONVS}  - concat: "{loop}"')["concat1"] == ("tanh1", *expected)
    assert reads(f'{CONVS}  - concat: {{with: [input, "{loop}"]}}')["concat1"] == ("tanh1", "input", *expected)


def test_a_join_with_nothing_yet_is_the_running_tensor():
    text = (
        'layers:\n  - sequence:\n      - concat: "a{k} for k in i"\n      - conv: {out_channels: 4, kernel_size: 1}\n'
    )
    found = reads(text + "        name: a{i}\n      - relu\n    repeat: {i: 3}")
    assert [found[f"concat{i}"] for i in (1, 2, 3)] == [("input",), ("relu1", "a0"), ("relu2", "a0", "a1")]


def test_a_long_loop_is_bounded():
    with pytest.raises(SpecError, match="more than 100,000 iterations"):
        report("layers:\n  - concat:\n    from: a{i} for i in 10**9")
