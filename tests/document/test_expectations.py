"""`expect:` as it is read: bounds, shapes, per variant, per layer; and what it refuses."""

import pytest

import cnncalc

SPEC = """input: 3x9x9
params: {{p: 1}}
variants: {{"1": {{p: 1}}}}
layers:
  - conv: {{out_channels: 3, kernel_size: 1}}
    name: c
expect: {expect}
"""


def read(expect):
    return cnncalc.parse(SPEC.format(expect=expect)).document.expect


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("60965224", [60965224], [60965223, 60965225]),
        ("at most 730M", [0, 730_000_000], [730_000_001]),
        ("at least 195", [195, 10**12], [194]),
        ("4.09G +/- 1%", [4_049_100_000, 4_130_900_000], [4_049_099_999, 4_130_900_001]),
        ("4.09G ± 1%", [4_090_000_000], [4_200_000_000]),
        ("<= 5", [5], [6]),
        ('">= 5.5k"', [5500], [5499]),
        ('"> 5M"', [5_000_001], [5_000_000]),
        ('"< 5M"', [4_999_999], [5_000_000]),
        ("60_965_224", [60965224], [1]),
        ("at most 8 MiB", [8 * 2**20], [8 * 2**20 + 1]),
    ],
)
def test_bounds(text, inside, outside):
    bound = read(f"{{params: {text}}}")["params"]
    assert all(bound.holds(figure) for figure in inside)
    assert not any(bound.holds(figure) for figure in outside)


def test_shapes_fits_variants_and_layers():
    found = read('{output: 3x9x9, fits: true, params: {default: 12, "1": at most 12}, c: {output: [3, 9, 9]}}')
    assert [size.value for size in found["output"].sizes] == [3, 9, 9]
    assert found["fits"].fits is True
    assert found["params"]["default"].holds(12)
    assert not found["params"]["1"].holds(13)
    assert [size.value for size in found["c"]["output"].sizes] == [3, 9, 9]


@pytest.mark.parametrize(
    ("expect", "message", "hint"),
    [
        ("{params: at most 5X}", "expect: params: expected a number or a bound", "write a number"),
        ("{prams: 3}", "expect: unknown figure 'prams'", "did you mean 'params'?"),
        ('{macs: {"2": 5}}', "expect: macs: no variant is named '2'", "it has 1"),
        ("{fits: yes}", "expect: fits: expected true or false, got yes", "write true"),
        ("{params: [3]}", "expect: params: expected a number or a bound", "write a number"),
        ("5", "expect: expected a mapping", "for example"),
    ],
)
def test_refusals(expect, message, hint):
    with pytest.raises(cnncalc.SpecError) as caught:
        read(expect)
    (fault,) = caught.value.faults
    assert fault.message == message
    assert fault.hint.startswith(hint)
    assert fault.span.line == 7
