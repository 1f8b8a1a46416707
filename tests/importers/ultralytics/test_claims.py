"""Figures in comments are expectations."""

import pytest

import cnncalc
from cnncalc.checks.levels import Choice
from cnncalc.checks.run import check_source
from cnncalc.errors import Source

from .models import MODEL, rows

SPEC = cnncalc.parse(MODEL)
PARAMS = SPEC.at("s").analyze().params


def findings(text):
    return check_source(Source("net.yaml", text), Choice({}, ("expectation",))).findings


def claim(text):
    return MODEL.replace("s: [0.5, 0.5, 512]", f"s: [0.5, 0.5, 512] {text}")


@pytest.mark.parametrize(
    "text",
    [
        f"# net summary: 100 layers, {PARAMS} parameters",
        f"# YOLOs summary: 100 layers, {PARAMS:,} parameters, {PARAMS} gradients",
        "# see 3 others, 20 layers",
        "",
    ],
)
def test_what_is_right_is_silent(text):
    assert not findings(claim(text))


def test_what_is_wrong_is_found_at_its_place():
    text = claim("# net summary: 100 layers, 12345 parameters, 1.0 GFLOPs")
    first, second = findings(text)
    assert "expected 12,345" in first.message
    line = text.split("\n")[first.span.line - 1]
    assert line[first.span.column - 1 :].startswith("12345 parameters")
    assert line[second.span.column - 1 :].startswith("1.0 GFLOPs")


def test_gflops_are_right_to_the_printed_digit():
    from cnncalc.conventions import convention

    total = convention("ultralytics").tally(SPEC.at("s").graph()).total / 10**9
    assert not findings(claim(f"# 1,234 layers, {total:.1f} GFLOPs"))
    assert findings(claim(f"# 1,234 layers, {total + 0.1:.1f} GFLOPs"))


def test_without_scales_the_claim_is_a_line_of_its_own():
    text = rows("[-1, 1, Conv, [64]]", keys="# tiny summary: 320 parameters\nnc: 3\n")
    assert not findings(text)
    assert len(findings(text.replace("320", "3200"))) == 1


def test_heads_with_parts_for_training_alone_are_silent():
    def rules(text):
        return {each.rule for each in check_source(Source("net.yaml", text), Choice({}, ())).findings}

    one_to_one = MODEL + "end2end: True\nreg_max: 1\n"
    assert cnncalc.parse(one_to_one).analyze().params > SPEC.analyze().params - 100_000
    assert "unused-layer" not in rules(one_to_one)
    assert "unused-layer" in rules(MODEL.replace("[[7, 4], 1, Detect", "[[4], 1, Detect"))
