"""Where removed layers are drawn."""

from cnncalc import load
from cnncalc.differences.difference import difference
from cnncalc.page.removed_blocks import blocks_of_removed
from cnncalc.spec import parse

BLOCKS = """
input: 3x32x32
blocks:
  pair(width):
    - conv: {out_channels: width, kernel_size: 3, padding: 1}
    - relu
    - conv: {out_channels: width, kernel_size: 3, padding: 1}
layers:
"""


def blocks(before, after):
    return blocks_of_removed(difference(before.analyze(), after.analyze()).changes)


def test_a_block_that_is_gone_has_a_place_of_its_own():
    found = blocks(load("resnet@34"), load("resnet@18"))
    assert found["layer1.2.conv1"] == "layer1.− 2"
    assert found["layer3.5.relu1"] == "layer3.− 5"


def test_a_block_that_has_another_name_now_keeps_its_layers():
    old = parse(BLOCKS + "  - pair: 8\n    name: one\n  - pair: 16\n    name: two\n")
    new = parse(BLOCKS.replace("    - relu\n", "") + "  - pair: 16\n    name: one\n")
    found = blocks(old, new)
    assert {name: block for name, block in found.items() if name.startswith("one")} == dict.fromkeys(
        ("one.conv1", "one.relu1", "one.conv2"), "− one"
    )
    assert found["two.relu1"] == "one"


def test_a_layer_at_the_top_stays_there():
    old = parse(BLOCKS + "  - relu\n  - pair: 8\n")
    assert blocks(old, parse(BLOCKS + "  - pair: 8\n")) == {"relu1": ""}


def test_what_is_inside_of_a_block_that_is_gone_stays_inside():
    nested = BLOCKS.replace("layers:", "  outer(width):\n    - pair: width\n    - pair: width\nlayers:")
    old = parse(nested + "  - relu\n  - outer: 8\n    name: deep\n")
    found = blocks(old, parse(nested + "  - relu\n"))
    assert found["deep.pair1.conv1"] == "− deep.pair1"
