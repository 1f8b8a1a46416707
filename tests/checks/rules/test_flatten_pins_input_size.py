"""`flatten-pins-input-size`: each layer behind a flatten is visited once, however many paths lead to it."""

import pytest

from ...effort import steps

NAME = "flatten-pins-input-size"
HEAD = "input: 1x64x64\nlayers:\n  - conv: {out_channels: 1, kernel_size: 3}\n  - flatten\n"
DOUBLING = "  - residual: [relu]\n" * 60
DEEP = "  - relu\n  - sigmoid\n" * 1500


@pytest.mark.parametrize("between", ["", DOUBLING, DEEP], ids=["none", "paths that double", "a deep chain"])
@pytest.mark.parametrize("linear", [True, False])
def test_each_layer_is_visited_once(check, between, linear):
    text = HEAD + between + "  - linear: 10\n" * linear
    checked = []
    steps(lambda: checked.append(check(text, NAME)), 3_000_000)
    messages = [finding.message for finding in checked[0].findings if finding.rule == NAME]
    expected = "the weights of linear1 require a map of 1×62×62, and therefore this input size"
    assert messages == [expected] * linear
