"""bias-before-norm through long chains."""

import pytest

from ...effort import steps


@pytest.mark.parametrize(("last", "found"), [("batchnorm", 500), ("relu", 0)])
def test_long_chains_are_followed_once(check, last, found):
    """From 500 convolutions that are added, all through the same 1,500 layers."""
    path = "          - [conv: {out_channels: 3, kernel_size: 1}]\n"
    branches = "  - branches:\n      merge: add\n      paths:\n" + path * 500
    text = "input: 3x8x8\nlayers:\n" + branches + "  - identity\n" * 1500 + f"  - {last}\n"
    checked = []
    steps(lambda: checked.append(check(text, "bias-before-norm")), 1_000_000)
    assert len(checked[0].findings) == found
