"""What is shown of a broken spec: its layers up to the first that is at fault."""

import pytest

from cnncalc.errors import Source
from cnncalc.page.broken import up_to_fault

GOOD = """
name: net
input: 3x32x32
blocks:
  unit(channels):
    - conv: {out_channels: channels, kernel_size: 3}
    - relu
layers:
  - unit: 8
  - maxpool: 2
"""


@pytest.mark.parametrize(
    "rest",
    [
        "  - conv: {out_channels: 8, kernel_size: 99}\n  - relu\n",
        "  - convv: 3\n  - relu\n",
        "  - conv: {out_channels: 8, kernel_size: 3\n",
        "  - unit: {channels: 8, channels: 9}\n  - relu\noutputs: {a: nothing}\n",
    ],
)
def test_layers_before_the_fault(rest):
    spec = up_to_fault(Source("net.yaml", GOOD + rest))
    assert spec is not None
    assert [node.kind for node in spec.graph().nodes] == ["conv", "relu", "maxpool"]


@pytest.mark.parametrize(
    "text", ["", "input: 3x8x8\n", "layers: [relu, nothing]\n", "input: 3x8x8\nlayers:\n  - nothing\n"]
)
def test_nothing_is_left(text):
    assert up_to_fault(Source("net.yaml", text)) is None
