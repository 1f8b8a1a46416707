"""`expect:` as it is read: bounds, shapes, per variant, output, layer, convention and input; and what it refuses."""

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
SEVERAL = """input: {{image: 3xHxW, mask: 1xHxW}}
layers: [{{relu: , from: image, name: a}}, {{relu: , from: mask, name: b}}]
outputs: [a, b]
expect: {expect}
"""


def read(expect, spec=SPEC):
    return cnncalc.parse(spec.format(expect=expect)).document.expect


def told(expectation):
    """Figure, then what it speaks of."""
    layer, variant, output, convention, _, at = expectation.where
    words = [each.text for each in (layer, output, convention) if each] + ([variant] if variant else [])
    return [expectation.figure, *words, *([at.key.text] if at else [])]


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
    ],
)
@pytest.mark.parametrize("figure", ["params", "peak_memory"])
def test_bounds(figure, text, inside, outside):
    _holds(figure, text, inside, outside)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("at most 8 MiB", [8 * 2**20], [8 * 2**20 + 1]),
        ("at most 8MB", [8 * 10**6], [8 * 10**6 + 1]),
        ("at most 512 B", [512], [513]),
    ],
)
def test_bounds_in_bytes(text, inside, outside):
    _holds("activation_memory", text, inside, outside)


def _holds(name, text, inside, outside):
    ((figure, bound, _),) = read(f"{{{name}: {text}}}")
    assert figure == name
    assert all(bound.holds(number) for number in inside)
    assert not any(bound.holds(number) for number in outside)
    assert bound.text == text.strip('"')


def test_shapes_fits_variants_and_layers():
    found = read('{output: 3x9x9, fits: true, params: {default: 12, "1": at most 13}, c: {output: [3, 9, 9]}}')
    assert [told(each) for each in found] == [
        ["output"], ["fits"], ["params", "default"], ["params", "1"], ["output", "c"],
    ]  # fmt: skip
    assert [size.value for size in found[0].must.sizes] == [3, 9, 9]
    assert found[1].must.fits is True
    assert found[3].must.holds(13)
    assert not found[2].must.holds(13)


@pytest.mark.parametrize(
    ("expect", "expected"),
    [
        ("{flops: {fvcore: 4.11G}}", [["flops", "fvcore"]]),
        ('{flops: {fvcore: {"1": 1, default: 2}}}', [["flops", "fvcore", "1"], ["flops", "fvcore", "default"]]),
        ('{flops: {"1": {torchinfo@main: 1}}}', [["flops", "torchinfo@main", "1"]]),
        ("{output: {main: [3], aux: {default: 3x9x9}}}", [["output", "main"], ["output", "aux", "default"]]),
        ("{receptive_field: [at least 3, 5]}", [["receptive_field"]]),
        ("{at: {3x8x8: {output: 3, c: {macs: 5}}}}", [["output", "3x8x8"], ["macs", "c", "3x8x8"]]),
        ("{c.0.conv1: {params: {default: 4}}}", [["params", "c.0.conv1", "default"]]),
    ],
)
def test_what_is_spoken_of(expect, expected):
    assert [told(each) for each in read(expect)] == expected


def test_inputs_by_name():
    (found,) = read('{at: {"image=3x8x6, mask = 1xHx6": {params: 0}}}', SEVERAL)
    assert {name: len(shape) for name, shape in found.where.at.inputs.items()} == {"image": 3, "mask": 3}
    assert found.where.at.inputs["image"][2].value == 6


def test_sizes_of_an_output_may_be_closed_forms():
    ((_, shape, _),) = read("{output: [3, (H+1)//2, W]}", SEVERAL)
    assert len(shape.sizes) == 3


@pytest.mark.parametrize(
    ("text", "seconds"), [("at most 2ms", 2e-3), ("<= 1.5 s", 1.5), ("≤ 20us", 2e-5), ("at most 7 µs", 7e-6)]
)
def test_times(text, seconds):
    (found,) = read(f'{{time: {{"RTX 4090": {{default: "{text}"}}}}}}')
    assert (found.must.device, found.must.text, found.where.variant) == ("rtx4090", text, "default")
    assert found.must.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("expect", "message", "hint"),
    [
        ("{params: at most 5X}", "expect: params: expected a number or a bound", "write a number"),
        ("{params: at most 5kiB}", "expect: params: expected a number or a bound", "write a number"),
        ("{prams: 3}", "expect: unknown figure 'prams'", "did you mean 'params'?"),
        ("{prams: {default: 3}}", "expect: unknown figure 'prams'", "did you mean 'params'?"),
        ("{c: {prams: 3}}", "expect: c: unknown figure 'prams'", "did you mean 'params'?"),
        ("{c: {peak_memory: 3}}", "expect: c: peak_memory applies only to the whole network", "move it out"),
        ("{c: {xyz: {params: 3}}, params: 3}", "expect: unknown figure 'c'", "expect takes output"),
        ("{c: {xyz: {params: 3}, params: 4}}", "expect: c: unknown figure 'xyz'", "expect takes output"),
        ('{macs: {"2": 5}}', "expect: macs: no variant named '2'", "it has 1"),
        ("{flops: {fvcor: 5}}", "expect: flops: no variant or convention named 'fvcor'", "did you mean 'fvcore'?"),
        ("{macs: {fvcore: 5}}", "expect: macs: no variant named 'fvcore'", "it has 1"),
        ('{macs: {"1": {"1": 5}}}', "expect: macs: 1: no variant named '1'", "did you mean '1'?"),
        ("{fits: pixles}", "expect: fits: expected true, false or pixels, got 'pixles'", "did you mean 'pixels'?"),
        ("{fits: yes}", "expect: fits: expected true or false, got yes", "write true"),
        ("{params: [3]}", "expect: params: expected a number or a bound", "write a number"),
        ("{receptive_field: [3, x]}", "expect: receptive_field: expected a number or a bound", "write a number"),
        ("{time: {rtx409: at most 2ms}}", "expect: time: no shipped device named 'rtx409'", "did you mean 'rtx4090'?"),
        (
            "{time: {gpu.yaml: at most 2ms}}",
            "expect: time: no shipped device named 'gpu.yaml'",
            "`cnncalc time --devices`",
        ),
        (
            "{time: {rtx4090: 2ms}}",
            "expect: time: rtx4090: expected the most time that it may take",
            "write 'at most 2ms'",
        ),
        (
            "{time: {rtx4090: at most 0ms}}",
            "expect: time: rtx4090: expected the most time that it may take",
            "write 'at most 2ms'",
        ),
        ("{time: {rtx4090: at most 2MiB}}", "expect: time: rtx4090: expected the most time that it may take", "write"),
        ("{time: {rtx4090: {h200: at most 2ms}}}", "expect: time: rtx4090: no variant named 'h200'", "it has 1"),
        ("{time: at most 2ms}", "expect: time: on which device?", "name the device"),
        ("{time: {}}", "expect: time has no value", "write {rtx4090: at most 2ms}"),
        ("{c: {time: {rtx4090: at most 2ms}}}", "expect: c: time applies only to the whole network", "move it out"),
        ("{params: {}}", "expect: params has no value", "write a number"),
        ("{}", "expect: expected at least one figure", "add a figure"),
        ("{at: {}}", "expect: at: expected at least one input", "add an input"),
        ("{at: {3x9x9: {}}}", "expect: at 3x9x9: expected at least one figure", "add a figure"),
        ("{params: 618MiB}", "expect: params: expected a count, not bytes, got '618MiB'", "write '618M'"),
        (
            "{macs: at most 4 kB}",
            "expect: macs: expected a count, not bytes, got 'at most 4 kB'",
            "write 'at most 4 k'",
        ),
        (
            "{flops: {torch: 7B}}",
            "expect: flops: torch: expected a count, not bytes, got '7B'",
            "write '7G' for billions",
        ),
        ("{receptive_field: [3, 3B]}", "expect: receptive_field: expected a count, not bytes, got '3B'", "write '3G'"),
        ("5", "expect: expected a mapping", "for example"),
        ("{output: [3, H]}", "expect: output: the input has no symbol H", "write a number"),
        ("{at: {3x8x0: {params: 5}}}", "expect: at: expected a whole number of at least 1, got 0", "channels first"),
        ("{at: {a=3x8x8: {params: 5}}}", "expect: at: no input named 'a'", "it has input"),
        ("{at: {3x8x8: {at: {3x8x8: {params: 5}}}}}", "expect: at 3x8x8: unknown figure 'at'", ""),
    ],
)
def test_refusals(expect, message, hint):
    with pytest.raises(cnncalc.SpecError) as caught:
        read(expect)
    (fault,) = caught.value.faults
    assert fault.message == message
    assert fault.hint.startswith(hint)
    assert fault.span.line == 7


def test_several_inputs_are_named():
    with pytest.raises(cnncalc.SpecError, match="expect: at: the network has several inputs"):
        read("{at: {3x8x8: {params: 5}}}", SEVERAL)
