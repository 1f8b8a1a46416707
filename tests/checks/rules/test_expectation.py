"""Every figure, every bound, everything that an expectation may speak of: kept, broken, and what cannot be told."""

import pytest

import cnncalc
from cnncalc.checks.expected_shapes import fit_finding
from cnncalc.devices.catalog import find_device
from cnncalc.document.types import ExpectedFit
from cnncalc.errors import Span
from cnncalc.prediction.predict import predict
from cnncalc.spec import parse

NET = """input: 3x32x32
params: {{n: 10}}
variants: {{big: {{n: 100}}, same: {{n: 10}}}}
layers:
  - conv: {{out_channels: 16, kernel_size: 3, padding: 1}}
  - maxpool: 5
  - sequence:
      - conv: {{out_channels: 4, kernel_size: [3, 1]}}
      - relu
    name: body
  - global_avgpool
  - flatten
  - linear: n
expect: {expect}
"""
SYMBOLIC = """input: 3xHxW
layers: [{{conv: {{out_channels: 4, kernel_size: 3, stride: 2}}}}]
expect: {expect}
"""
UNKNOWN = """input: 3x8x8
layers:
  - conv: {{out_channels: 4, kernel_size: 1}}
  - unknown: {{op: roll, shape: [4, 8, 8]}}
expect: {expect}
"""


DROPS = "expected no stride to drop pixels, but "


@pytest.fixture
def said(check):
    def messages(expect: str, spec: str = NET, **more) -> list[str]:
        return [each.message for each in check(spec.format(expect=expect), "expectation", **more).findings]

    return messages


@pytest.mark.parametrize(
    "expect",
    [
        "{params: {default: 694, same: 694, big: 1144}, output: {big: 100}}",
        "{output: {default: [n], output: {same: [10]}}, trainable: at least 694}",
        "{macs: at most 450k, flops: {torch: {default: at least 884736}}}",
        "{flops: {fvcore: 446440 +/- 1%}, conv1: {output: [16, 32, 32], macs: 442368, fits: true}}",
        "{body: {output: [4, 4, 6], params: 196, receptive_field: [17, 7]}, maxpool1: {fits: false}}",
        "{conv1: {fits: pixels}, at: {3x30x30: {fits: pixels}}}",
        "{receptive_field: [17, 7], fits: false, peak_memory: at most 131.072kB}",
        "{activation_memory: at least 64 KiB, body.conv1: {activation_memory: 384}}",
        "{at: {3x30x30: {fits: true, maxpool1: {output: [16, 6, 6]}}, 3xHxW: {params: {default: 694}}}}",
        "{at: {3xHxW: {maxpool1: {output: [16, H//5, W//5]}, conv1: {macs: at least 1}}}}",
    ],
)
def test_kept(said, expect):
    assert said(expect) == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("{params: {big: 694}}", "params: expected 694, got 1,144: over by 450 (+64.8%)"),
        ("{params: {same: at least 1k}}", "params: expected at least 1k, got 694: under by 306 (−30.6%)"),
        ("{params: {default: 700 +/- 0.5%}}", "params: expected 700 +/- 0.5%, got 694: under by 3 (−0.4%)"),
        ("{params: {same: 0}}", "params: expected 0, got 694: over by 694"),
        ("{output: {big: [10]}}", "output: expected 10, got 100"),
        ("{output: {big: [1, 100]}}", "output: expected 1×100, got 100"),
        ("{output: {default: 3x3x3}}", "output: expected 3×3×3, got 10"),
        ("{body: {output: [4, 4, 5]}}", "output: expected 4×4×5, got 4×4×6"),
        ("{conv1: {macs: at most 400k}}", "macs: expected at most 400k, got 442,368: over by 42,368 (+10.6%)"),
        (
            "{flops: {torch: {same: at most 10k}}}",
            "flops of torch: expected at most 10k, got 894,032: over by 884,032 (89 times as much)",
        ),
        ("{fits: true}", "fits: expected every stride to fit, but maxpool1 does not"),
        ("{conv1: {fits: false}}", "fits: expected some stride not to fit, but all fit"),
        ("{fits: pixels}", "fits: expected no stride to drop pixels, but maxpool1 does"),
        ("{receptive_field: 17}", "receptive_field: expected 17, got 7: under by 10 (−58.8%); body.relu1 sees 17×7"),
        ("{receptive_field: [1, 2, 3]}", "receptive_field: expected 3 numbers, but body.relu1 has 2 axes"),
        ("{conv1: {receptive_field: at least 5}}", "expected at least 5, got 3: under by 2 (−40.0%); conv1 sees 3×3"),
        ("{receptive_field: {output: at least 50}}", "expected at least 50, got 32: under by 18 (−36.0%)"),
        (
            "{peak_memory: at most 64 KiB}",
            "peak_memory: expected at most 64 KiB, got 78.2 KiB: over by 14.2 KiB (+22.3%)",
        ),
        ("{at: {3x2x2: {params: 3}}}", "at 3x2x2: params: maxpool1: the kernel of maxpool is 5, larger than"),
        ("{at: {3x30x30: {conv1: {output: 3}}}}", "at 3x30x30: output: expected 3, got 16×30×30"),
        ("{convv1: {params: 3}}", "expect: no layer named 'convv1'"),
        ("{output: {bigg: [10]}}", "expect: no output named 'bigg'"),
        ("{flops: {fvcore@7: 3}}", "flops of fvcore@7: fvcore is known at 0.1.5.post20221221, not at '7'"),
        ("{output: [n * 1.5]}", ""),
        ("{output: {default: [n / 4]}}", "output: expected a size of at least 1, got 5/2"),
    ],
)
def test_broken(said, expect, message):
    (found, *_) = said(expect)
    assert message in found


def test_a_time_fails_only_if_the_whole_interval_is_over(said):
    (low, high) = (interval_of("i7_12700h", end) for end in (0, 1))
    for microseconds, over in ((0.9 * low, True), (1.1 * low, False), (0.9 * high, False), (1.1 * high, False)):
        found = said(f"{{time: {{i7_12700h: at most {microseconds:.3f}us}}}}")
        assert bool(found) is over
    found, *_ = said(f"{{time: {{i7_12700h: at most {0.9 * low:.3f}us}}}}")
    assert found.startswith("time of i7_12700h: expected at most ")
    assert "but the 90% interval of the predicted time begins at" in found
    assert "(fp32, nchw, compiled, a batch of 1)" in found


def interval_of(device, end):
    """An end of the interval in microseconds, of the network that the tests speak of."""
    found = find_device(device)
    (prediction,) = predict(parse(NET.format(expect="{params: 1}")).analyze().graph, found, found.usual, [1])
    return 1e6 * prediction.interval[end]


def test_without_a_fit_the_data_sheet_decides(said):
    found, *_ = said("{time: {h200: at most 0.000001us}}")
    assert "but the data sheet allows no less than" in found
    assert said("{time: {h200: at most 1s}}") == []


def test_a_time_needs_numbers(said):
    (found,) = said("{time: {rtx4090: at most 1s}}", SYMBOLIC)
    assert "a time needs numbers" in found
    assert said("{at: {3x8x8: {time: {rtx4090: at most 1s}}}}", SYMBOLIC) == []


def test_what_depends_on_a_symbol_is_decided_or_refused(said):
    assert said("{output: [4, (H-1)//2, (W-1)//2], params: 112, receptive_field: 3}", SYMBOLIC) == []
    assert said("{output: [5, (H-1)//2, W]}", SYMBOLIC) == [
        "output: expected 5×(⌊(H+1)/2⌋ − 1)×W, got 4×(⌊(H+1)/2⌋ − 1)×(⌊(W+1)/2⌋ − 1)"
    ]
    (output,) = said("{output: [4, H//2, W//2]}", SYMBOLIC)
    assert output.endswith(": whether they are equal depends on H, W")
    (macs,) = said("{macs: at most 5M}", SYMBOLIC)
    assert macs.endswith(": whether this holds depends on H, W")
    (fits,) = said("{fits: true}", SYMBOLIC)
    assert fits == "fits: whether conv1 fits depends on H, W"
    assert said("{at: {3x7x9: {fits: true, macs: 1296}}}", SYMBOLIC) == []
    (fits,) = said("{fits: pixels}", SYMBOLIC)
    assert fits == "fits: whether conv1 drops pixels depends on H, W"


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("{params: at most 5M}", "params: expected at most 5M, but only part of it is known: at least 16"),
        ("{params: 16}", "params: expected 16, but only part of it is known: at least 16"),
        ("{params: at most 15}", "params: expected at most 15, got at least 16: over by 1 (+6.7%)"),
        ("{params: at least 17}", "params: expected at least 17, but only part of it is known: at least 16"),
        ("{params: at least 16}", None),
        ("{macs: at most 5M}", "macs: expected at most 5M, but only part of it is known: at least 768"),
        ("{flops: {fvcore: 768}}", "flops of fvcore: expected 768, but only part of it is known: at least 768"),
        ("{peak_memory: at most 5 MiB}", "peak_memory: expected at most 5 MiB, but it is not known"),
        ("{activation_memory: at least 1}", "activation_memory: expected at least 1, but it is not known"),
        ("{unknown1: {macs: at most 5}}", "macs: expected at most 5, but only part of it is known: at least 0"),
        ("{fits: true}", "fits: it is not known whether unknown1 fits"),
        ("{conv1: {fits: true}}", None),
        ("{conv1: {params: 16, macs: 768, activation_memory: 1024}, output: 4x8x8}", None),
        ("{receptive_field: 1}", "receptive_field: expected 1, but it is not known; unknown1 sees unknown×unknown"),
    ],
)
def test_what_is_not_known_never_passes(said, expect, message):
    assert said(expect, UNKNOWN) == ([message] if message else []) or message in said(expect, UNKNOWN)[0]


def test_variants_are_named_and_alike_findings_are_one(check):
    found = check(NET.format(expect="{params: 700, macs: 5}"), "expectation").findings
    assert [(each.variants, each.level) for each in found] == [
        (("default", "same"), "error"), (("big",), "error"), (("default", "same"), "error"), (("big",), "error"),
    ]  # fmt: skip
    (one,) = check(NET.format(expect="{conv1: {params: 3}}"), "expectation").findings
    assert one.variants == ()
    assert one.nodes == ("conv1",)
    apart = "; if variants differ, one figure each: {default: …, big: …, same: …}"
    assert one.fix.words == f"write 448 if the change is intended{apart}"
    (one,) = check(NET.format(expect="{params: {big: 694}}"), "expectation").findings
    assert one.fix.words == "write 1144 if the change is intended"


@pytest.mark.parametrize(
    ("bound", "hint"),
    [
        ("1k", "a lone number is exact: write 'at most 1k'"),
        ("0.45k", "a lone number is exact: write '0.45k +/- 1%' or 'at most 0.45k'"),
        ("0.447k", "a lone number is exact: write '0.447k +/- 1%'"),
        ("64.0", "write 448 if the change is intended"),
        ("10 +/- 0%", "write 448 if the change is intended"),
        ("1000", "write 448 if the change is intended"),
        ("at most 5", None),
    ],
)
def test_what_to_write_instead(check, bound, hint):
    (found,) = check(NET.format(expect=f"{{conv1: {{params: {{big: {bound}}}}}}}"), "expectation").findings
    assert (found.fix.words if found.fix else None) == hint


@pytest.mark.parametrize(
    ("name", "figure", "fix"),
    [
        ("big", "params: 1144", "write params: {big: 1144}"),
        ("default", "params: at most 1k", "write params: {default: at most 1k}"),
        ("big", "output: [100]", "write output: {big: …}"),
    ],
)
def test_a_variant_is_no_layer(check, name, figure, fix):
    (found,) = check(NET.format(expect=f"{{{name}: {{{figure}}}}}"), "expectation").findings
    assert found.message == f"expect: '{name}' is a variant, not a layer"
    assert found.fix.words == fix


def test_the_place_is_that_of_the_value(check):
    (found,) = check(NET.format(expect="\n  output: [n]\n  body:\n    params: at most 5"), "expectation").findings
    assert (found.span.line, found.span.column, found.span.width) == (17, 13, 9)


def test_one_variant_alone(check):
    assert len(check(NET.format(expect="{params: {big: 1}}"), "expectation", variant="big").findings) == 1
    assert check(NET.format(expect="{params: {big: 1}}"), "expectation", variant="same").findings == ()


def test_a_size_that_cannot_be_is_pointed_at(check):
    expect = "{at: {3xHxW: {conv1: {output: [4, H/2, W//2]}}}}"
    (found,) = check(SYMBOLIC.format(expect=expect), "expectation").findings
    assert found.message == "at 3xHxW: output: H / 2 is not a whole number for every input"
    assert found.nodes == ("conv1",)
    assert found.span.column == len("expect: {at: {3xHxW: {conv1: {output: [4, ") + 1


@pytest.mark.parametrize("name", ["resnet@50", "googlenet", "alexnet", "vgg@16", "densenet"])
@pytest.mark.parametrize("size", [223, 224, 225, 227, 572])
def test_fits_pixels_is_what_the_table_says(name, size):
    """A network passes if no row of `shapes` has pixels unread; padding and gaps may go unread."""
    report = cnncalc.load(name).analyze((3, size, size))
    dropping = [layer.name for layer in report.layers if layer.fit and layer.fit.unread == "pixels"]
    inference = [name for name in dropping if not report[name].node.training]
    must = ExpectedFit("pixels", Span(cnncalc.load(name).document.source, 1, 1))
    problems = [problem.removeprefix(DROPS) for problem, _ in fit_finding(report, must, None)]
    assert [problem.startswith(inference[0]) for problem in problems] == [True] * bool(inference)
