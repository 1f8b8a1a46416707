"""`cnncalc flops`: the table, the options, JSON."""

import json

import pytest

from cnncalc.quantities.amounts import amount_text


def test_readable_and_exact(cnncalc):
    assert "4.09 G MACs, 8.22 G FLOPs for one image" in cnncalc("flops", "resnet@50").out
    assert "4,089,184,256 MACs" in cnncalc("flops", "resnet@50", "--exact").out


def test_convention_gives_the_tools_total(cnncalc):
    out = cnncalc("flops", "resnet@50", "--convention", "thop@0.1.1").out
    assert "thop@0.1.1 counts 4,133,742,592 MACs" in out


def test_unknown_layers_make_a_lower_bound(cnncalc):
    out = cnncalc("flops", "alexnet", "--convention", "torchscan").out
    assert "torchscan@0.2.0 counts at least" in out
    assert "it does not count 2 layers, first lrn1" in out


def test_compare_names_every_tool(cnncalc):
    out = cnncalc("flops", "resnet@18", "--compare").out
    for total in ("1,814,083,944", "1,825,313,768", "1,821,399,040", "3,644,254,184", "3,628,146,688"):
        assert total in out


def test_reconcile_two_tools(cnncalc):
    out = cnncalc("flops", "resnet@50", "--reconcile", "macs", "fvcore").out
    assert "+22,227,968  +2 per input element" in out
    assert "+100,352  +1 per input element" in out


@pytest.mark.parametrize("number", ["4.11G", "4110000000", "4.11e9"])
def test_reconcile_with_a_printed_number(cnncalc, number):
    out = cnncalc("flops", "resnet@50", "--reconcile", "macs", number).out
    assert "not explained" in out
    assert "−1,512,576" in out


@pytest.mark.parametrize(
    ("tool", "number", "near", "rest"),
    [
        ("thop", "4.13G", "near 4,133,742,592 (thop@0.1.1)", "−3,742,592"),
        ("thop", "4133742592", "near 4,133,742,592 (thop@0.1.1)", None),
        ("thop", "4.11G", "near 4,111,512,576 (fvcore@0.1.5.post20221221)", "−1,512,576"),
        ("thop", "1M", "which no tool counts here: --compare lists what they count", "−4,132,742,592"),
        ("macs", "5G", "which no tool counts here: --compare lists what they count", "+910,815,744"),
    ],
)
def test_a_printed_number_is_attributed_to_no_tool_that_counts_otherwise(cnncalc, tool, number, near, rest):
    out = cnncalc("flops", "resnet@50", "--reconcile", tool, number).out
    (second,) = [line for line in out.splitlines() if line.startswith("second: ")]
    assert second.endswith(near)
    assert [line.split()[2] for line in out.splitlines() if line.startswith("not explained")] == [rest] * bool(rest)
    rows = json.loads(cnncalc("flops", "resnet@50", "--reconcile", tool, number, "--format", "json").out)
    assert [row["kind"] for row in rows["reconciliation"][-1:]] == [None] * bool(rest)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("1M", "thop"), "--reconcile: expected a tool, then a tool or a number: --reconcile thop 1M"),
        (("1M", "2M"), "--reconcile: expected a tool, then a tool or a number: --reconcile macs 1M"),
        (("thop,fvcore", "torch"), "--reconcile: expected two names with a space: --reconcile thop fvcore"),
        (("mac", "thop"), "unknown convention 'mac': did you mean 'macs'?"),
        (("thop", "fvcor"), "unknown convention 'fvcor': did you mean 'fvcore'?"),
        (("thop", "1M", "--compare"), "--convention, --compare, --reconcile, --live and --training are mutually exclu"),
        (("thop", "1M", "--input", "3xHxW"), "the count of thop@0.1.1 depends on H, W: give the symbols values"),
    ],
)
def test_a_number_that_cannot_be_reconciled(cnncalc, arguments, message):
    done = cnncalc("flops", "resnet@50", "--reconcile", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("macs", "macs is our own count, which needs no convention: choose from torchinfo@1.8.0, "),
        ("fvcor", "unknown convention 'fvcor': did you mean 'fvcore'?"),
        ("thop@2", "thop is known at 0.1.1, not at '2'"),
    ],
)
def test_a_convention_that_is_none(cnncalc, name, message):
    done = cnncalc("flops", "lenet5", "--convention", name)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_training(cnncalc):
    assert (
        "2.07 G MACs for a training step on one image: forward 724 M" in cnncalc("flops", "alexnet", "--training").out
    )


def test_json(cnncalc):
    done = cnncalc("flops", "resnet@50", "--format", "json")
    document = json.loads(done.out)
    totals = document["totals"]
    assert (totals["macs"], totals["flops"], totals["convention"]) == (4_089_184_256, 8_217_431_528, None)
    assert sum(layer["macs"] for layer in document["layers"]) == totals["macs"]
    assert sum(layer["flops"] for layer in document["layers"]) == totals["flops"]


def test_json_with_a_convention(cnncalc):
    document = json.loads(cnncalc("flops", "resnet@50", "-f", "json", "--convention", "fvcore").out)
    assert document["totals"]["convention"] == 4_111_512_576
    assert sum(layer["convention"] for layer in document["layers"]) == 4_111_512_576


def test_symbols_are_said_once_below(cnncalc):
    out = cnncalc("flops", "conv: {out_channels: 2, kernel_size: 1}", "--input", "3xHxW").out
    assert "6·H·W MACs, 14·H·W FLOPs for one image" in out


def test_an_unknown_convention_is_a_usage_error(cnncalc):
    done = cnncalc("flops", "alexnet", "--convention", "fvcor")
    assert done.code == 2
    assert "did you mean 'fvcore'?" in done.err


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999_999, "999,999"), (1_000_000, "1.00 M"), (999_999_999, "1.00 G"), (4_089_184_256, "4.09 G"),
     (99_960_000, "100 M"), (9_996_000, "10.0 M"), (None, "unknown"), (2 * 10**12, "2.00 T"), (-1_500_000, "-1.50 M")],
)  # fmt: skip
def test_amounts(count, text):
    assert amount_text(count) == text
