"""One spec from text to findings: levels, faults, variants, the order."""

from pathlib import Path

import pytest

import cnncalc
from cnncalc.checks.levels import Choice, rule_list
from cnncalc.checks.rule import Subject
from cnncalc.checks.table import rules
from cnncalc.errors import UsageError
from cnncalc.names import RULE_NAMES
from cnncalc.solutions.conditions import symbolic_input

BROKEN = "input: 3x8x8\nlayers: [relu]\nexpect: {params: 3}\n"


def test_faults_are_findings(check):
    found = check("input: 3x8x8\nlayers: [{conv: {out_channels: 3, kernal_size: 3}}]\n")
    (fault,) = found.findings
    assert (fault.rule, fault.level, fault.message) == ("faulty-spec", "error", "unknown field 'kernal_size' of conv")
    assert fault.fix.words == "did you mean 'kernel_size'?"
    assert found.networks == 0


def test_a_faulty_variant_does_not_hide_the_others(check):
    text = """input: 3x8x8
params: {k: 3}
variants: {a: {k: 9}, b: {k: 1}, c: {k: 1 / 0}}
layers: [{conv: {out_channels: 3, kernel_size: k}}]
expect: {params: {b: 5}}
"""
    found = check(text)
    assert [(each.rule, each.variants) for each in found.findings] == [
        ("faulty-spec", ("c",)), ("faulty-spec", ("a",)), ("expectation", ("b",)),
    ]  # fmt: skip
    assert found.networks == 2


def test_parameters_that_are_set():
    text = """input: 3x8x8
params: {width: 4}
variants: {wide: {width: 9}}
layers: [{conv: {out_channels: width, kernel_size: 1}}]
expect: {output: [width, 8, 8], params: 16, at: {3x16x16: {params: 8}}}
"""
    spec = cnncalc.parse(text)
    found = cnncalc.check(spec)
    assert [(each.variants, each.message[:28]) for each in found.findings] == [
        (("wide",), "params: expected 16, got 36:"),
        (("default",), "at 3x16x16: params: expected"),
        (("wide",), "at 3x16x16: params: expected"),
    ]
    (at,) = cnncalc.check(spec, params={"width": 4}).findings
    assert at.message == "at 3x16x16: params: expected 8, got 16: over by 8 (+100.0%)"
    assert at.fix is None, "16 is right for this width alone"
    base, further = cnncalc.check(spec, params={"width": 2}).findings[0], cnncalc.check(spec, params={"width": 2})
    assert (base.message, further.networks) == ("params: expected 16, got 8: under by 8 (−50.0%)", 1)
    with pytest.raises(UsageError, match="no parameter 'with': did you mean 'width'"):
        cnncalc.check(spec, params={"with": 2})


@pytest.mark.parametrize(
    ("spec", "project", "select", "ignore", "level"),
    [
        ("", {}, (), (), "error"),
        ("check: {warning: expectation}", {}, (), (), "warning"),
        ("", {"expectation": "note"}, (), (), "note"),
        ("check: {warning: expectation}", {"expectation": "note"}, (), (), "warning"),
        ("check: {ignore: expectation}", {}, (), (), None),
        ("check: {ignore: expectation}", {}, ("expectation",), (), "warning"),
        ("check: {note: expectation}", {}, ("expectation",), (), "note"),
        ("", {}, ("unused-ignore",), (), None),
        ("", {}, ("all",), (), "error"),
        ("", {}, (), ("expectation",), None),
        ("", {}, ("expectation",), ("expectation",), None),
    ],
)
def test_levels(check, spec, project, select, ignore, level):
    found = check(BROKEN + spec, *select, project=project, ignore=ignore)
    assert [each.level for each in found.findings] == ([level] if level else [])


def test_a_faulty_spec_cannot_be_ignored(check):
    assert check("input: 3x8x8\nlayers: [rely]\n", "expectation", ignore=("all",)).findings[0].rule == "faulty-spec"


def test_lists_of_rules():
    assert rule_list("--select", ["expectation,unused-ignore", " all "]) == ("expectation", "unused-ignore", "all")
    with pytest.raises(UsageError, match=r"--ignore: unknown rule 'expect': did you mean 'expectation'\?"):
        rule_list("--ignore", ["expect"])


def test_results_stand_in_the_order_of_the_text(check):
    text = "input: 3x8x8\nlayers:\n- relu # cnncalc: ignore[x]\nexpect:\n  params: 3\n  macs: 5\n"
    assert [each.span.line for each in check(text).findings] == [3, 5, 6]


@pytest.mark.parametrize("name", [name for name in RULE_NAMES if name != "weights-mismatch"])  # it needs a checkpoint
def test_every_rule_finds_its_example_and_not_the_fixed_one(check, name):
    rule = rules()[name]
    assert rule.name == name
    assert name in {each.rule for each in check(rule.example, "all").findings}
    assert name not in {each.rule for each in check(rule.fixed, "all").findings}


@pytest.mark.parametrize("name", RULE_NAMES)
def test_every_rule_is_documented(name):
    rule = rules()[name]
    assert rule.level in ("error", "warning", "note", "off")
    for text in (rule.what, rule.why, rule.source):
        assert len(text) > 15
        assert text.endswith((".", "`."))


OK = sorted((Path(__file__).parents[1] / "specs" / "ok").glob("*.yaml"))


@pytest.mark.parametrize("path", OK, ids=lambda path: path.stem)
def test_no_rule_stumbles_over_what_a_spec_may_be(check, path):
    assert check(path.read_bytes().decode(), "all").networks > 0


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "unet", "resnet", "tcn", "densenet", "fpn"])
def test_no_rule_stumbles_over_symbols(name):
    spec = cnncalc.load(name)
    report = spec.analyze(symbolic_input(spec.inputs()))
    for rule in rules().values():
        assert all(finding.message for finding in rule.findings(Subject(spec.document, None, report)))


def test_choice_is_small_enough_to_send_to_a_process():
    import pickle

    assert pickle.loads(pickle.dumps(Choice({"expectation": "note"}))) == Choice({"expectation": "note"})
