"""However large the numbers of a spec, every rule answers at once: nothing is counted tap by tap or row by row.

Where something is, the answer takes minutes, or all memory.
"""

import pytest

from ..effort import steps

BIG = 999_999_999


def conv_padded(low, high):
    """One that moves its map."""
    return f"conv: {{out_channels: 3, kernel_size: 1, padding: [[{low}, {high}], [0, 0]]}}"


SPECS = {
    "a wide transposed kernel": ("3x8x8", [f"conv_transpose: {{out_channels: 4, kernel_size: {BIG}, stride: 2}}"]),
    "a long transposed stride": ("3x8x8", [f"conv_transpose: {{out_channels: 4, kernel_size: 3, stride: {BIG}}}"]),
    "a wide kernel in padding": (
        "3x8x8",
        [
            f"conv: {{out_channels: 4, kernel_size: 3, padding: {BIG}}}",
            f"conv: {{out_channels: 4, kernel_size: {BIG}}}",
            f"conv: {{out_channels: 4, kernel_size: {BIG}}}",
        ],
    ),
    "a wide kernel on a wide map": ("3x1000000000", [f"conv: {{out_channels: 4, kernel_size: {BIG}, stride: 4}}"]),
    "a kernel on one pixel": ("3x1x1", [f"conv: {{out_channels: 4, kernel_size: {BIG}, padding: {BIG // 2}}}"]),
    "a wide dilated kernel": (
        "3x8x8",
        [
            f"conv: {{out_channels: 4, kernel_size: 3, dilation: {2**40}, padding: {2**40}}}",
            f"conv: {{out_channels: 4, kernel_size: {BIG}, padding: {BIG}}}",
        ],
    ),
    "ways far apart": (
        "3x8x8",
        [
            f"branches: {{merge: add, paths: [[{conv_padded(0, 2**40)}], [{conv_padded(2**40, 0)}]]}}",
            "conv: {out_channels: 3, kernel_size: 3, dilation: 2, padding: 2}",
        ],
    ),
    "a transposed kernel behind another": (
        "3x8x8",
        [
            f"conv_transpose: {{out_channels: 4, kernel_size: {BIG}}}",
            "upsample: {scale_factor: 2}",
            f"conv_transpose: {{out_channels: 4, kernel_size: {BIG}}}",
        ],
    ),
    "a long stride that drops pixels": (
        "3x1000000000",
        [f"conv: {{out_channels: 4, kernel_size: {10**8}, stride: {10**8 + 2}}}"],
    ),
}


@pytest.mark.parametrize(("input_", "items"), SPECS.values(), ids=SPECS)
def test_every_rule_answers_at_once(check, input_, items):
    text, checked = "\n".join([f"input: {input_}", "layers:", *(f"  - {item}" for item in items), ""]), []
    steps(lambda: checked.append(check(text, "all")), most=400_000)
    assert checked[0].networks == 1, checked[0].findings
