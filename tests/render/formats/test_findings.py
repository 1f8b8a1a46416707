"""Findings in every format: the text of a terminal, annotations to the letter, SARIF and JUnit by strict readers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnncalc.checks.finding import Edit, Finding, Fix
from cnncalc.checks.levels import Choice
from cnncalc.checks.many import Failure, Run
from cnncalc.checks.run import Checked, check_source
from cnncalc.errors import Source, Span
from cnncalc.render.formats.findings import findings_text
from cnncalc.render.formats.findings_json import findings_json
from cnncalc.render.formats.github import github_text
from cnncalc.render.formats.junit import junit_text
from cnncalc.render.formats.sarif import sarif_text

from .sarif_reader import read

LEVELS = Choice().levels({})
SOURCE = Source("nets/a,b: 100%.yaml", "layers:\n  - relu  # größe\n")
SPAN = Span(SOURCE, 2, 5, 4)
EDIT = Fix("say silu", (Edit(SPAN, "silu"), Edit(Span(SOURCE, 1, 1, 8), "")))


def run(*results: Finding, name: str = SOURCE.name, wrong: tuple[Failure, ...] = (), fixes: int = 0) -> Run:
    return Run((Checked(name, 3, results, LEVELS),), wrong, fixes)


SEVERAL = run(
    Finding("expectation", "error", "100% wrong,\r\nsee: a", SPAN, ("a.b", "c"), ("x", "y"), Fix("fix: it")),
    Finding("expectation", "error", "again", SPAN, (), (), Fix("fix: it")),
    Finding(
        "unused-ignore", "warning", "odd", SPAN._replace(line=1, column=1, width=1), ("a", "b", "c", "d"), ("x",), EDIT
    ),
    Finding("faulty-spec", "note", "nowhere"),
    wrong=(Failure('gone.yaml: no such <file> & "more" \x00'), Failure("a,b: no text", "nets/a,b")),
)


def test_text():
    assert findings_text(SEVERAL) == (
        "nets/a,b: 100%.yaml:2:5: error: a.b, c: 100% wrong,\\r\\nsee: a (in variants x, y) [expectation]\n"
        "  2 │   - relu  # größe\n"
        "    │     ^^^^ fix: it\n"
        "nets/a,b: 100%.yaml:2:5: error: again [expectation]\n"
        "nets/a,b: 100%.yaml:1:1: warning: a, b, c and 1 more: odd (in variant x) [unused-ignore]\n"
        "  1 │ layers:\n"
        "    │ ^ say silu (fixable with --fix)\n"
        "nets/a,b: 100%.yaml: note: nowhere [faulty-spec]\n"
        "\n"
        "1 spec, 3 networks: 2 errors, 1 warning, 1 note (1 fixable with --fix)\n"
    )
    assert findings_text(run(fixes=2)) == "1 spec, 3 networks: nothing found; 2 fixed\n"


def test_colours_change_no_word():
    import re

    coloured = findings_text(SEVERAL, colour=True)
    assert "\033[1;31merror\033[0m" in coloured
    assert re.sub("\033\\[[0-9;]*m", "", coloured) == findings_text(SEVERAL)


def test_annotations_to_the_letter():
    name = "nets/a%2Cb%3A 100%25.yaml"
    place = f"file={name},line=2,endLine=2,col=5,endColumn=9"
    first, fix = "line=1,endLine=1,col=1,endColumn=2", "say silu (fixable with --fix)"
    assert github_text(SEVERAL).split("\n") == [
        f"::error title=expectation,{place}::a.b, c: 100%25 wrong,\\r\\nsee: a (in variants x, y)%0Afix: it",
        f"::error title=expectation,{place}::again%0Afix: it",
        f"::warning title=unused-ignore,file={name},{first}::a, b, c and 1 more: odd (in variant x)%0A{fix}",
        f"::notice title=faulty-spec,file={name}::nowhere",
        '::error title=cnncalc::gone.yaml: no such <file> & "more" \\x00',
        "::error title=cnncalc,file=nets/a%2Cb::a,b: no text",
        "",
    ]


def test_json():
    document = json.loads(findings_json(SEVERAL))
    assert document["schema"] == "cnncalc-check/1"
    assert document["summary"] == {
        "specs": 1, "networks": 3, "errors": 2, "warnings": 1, "notes": 1, "fixed": 0,
    }  # fmt: skip
    first, _, third, last = document["specs"][0]["findings"]
    assert (first["line"], first["column"], first["end_column"], first["layers"]) == (2, 5, 9, ["a.b", "c"])
    assert (first["fixable"], third["fixable"], third["fix"]) == (False, True, "say silu")
    assert (last["file"], last["line"]) == (SOURCE.name, None)
    assert document["failed"] == [text for text, _ in SEVERAL.wrong]


REAL = Path(__file__).parents[2] / "specs" / "err"


def everything() -> Run:
    """What is said of every faulty fixture."""
    texts = [(path.name, path.read_text("utf-8")) for path in sorted(REAL.glob("*.yaml"))[::5]]
    return Run([check_source(Source(name, text), Choice()) for name, text in texts])


RUNS = pytest.mark.parametrize("found", [SEVERAL, run(), everything()], ids=["several", "nothing", "fixtures"])


@RUNS
def test_sarif(found):
    document = json.loads(sarif_text(found))
    read(document)
    if schema := os.environ.get("CNNCALC_SARIF_SCHEMA"):  # the official file, sarif-schema-2.1.0.json
        jsonschema = pytest.importorskip("jsonschema")
        jsonschema.Draft4Validator(json.loads(Path(schema).read_text("utf-8"))).validate(document)
    (only,) = document["runs"]
    assert len(only["results"]) == sum(len(each.findings) for each in found.checked)
    assert only["invocations"][0]["executionSuccessful"] is not bool(found.wrong)


def test_sarif_reader_refuses():
    document = json.loads(sarif_text(SEVERAL))
    for change in (
        lambda log: log.update(version="2.0.0"),
        lambda log: log["runs"][0]["results"][0].pop("message"),
        lambda log: log["runs"][0]["results"][0].update(ruleIndex=2),
        lambda log: log["runs"][0]["results"][0].update(extra=2),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].update(startColumn=0),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].update(endColumn=4),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(
            uri="a b"
        ),
    ):
        changed = json.loads(json.dumps(document))
        change(changed)
        with pytest.raises(AssertionError):
            read(changed)


def test_sarif_places_and_fixes():
    (only,) = json.loads(sarif_text(SEVERAL))["runs"]
    place = only["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "nets/a%2Cb%3A%20100%25.yaml"
    assert place["region"] == {
        "startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 9, "snippet": {"text": "  - relu  # größe"},
    }  # fmt: skip
    (fix,) = only["results"][2]["fixes"]
    word, line = fix["artifactChanges"][0]["replacements"]
    assert word["insertedContent"]["text"] == "silu"
    assert line["deletedRegion"] == {"startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 1}


ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "classname"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set(),
}
CHILDREN = {
    "testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "system-out"},
    "failure": set(), "error": set(), "system-out": set(),
}  # fmt: skip


def strictly(element: ElementTree.Element) -> None:
    """What Jenkins' junit-10.xsd allows, as far as we go; counts are those of what stands inside."""
    assert element.attrib.keys() == ATTRIBUTES[element.tag]
    assert {child.tag for child in element} <= CHILDREN[element.tag]
    if element.tag in ("testsuites", "testsuite"):
        assert element.text is None or not element.text.strip()
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(element.attrib[attribute]) == len(list(element.iter(tag)))
    if element.tag == "testcase":
        assert len(element.findall("failure")) + len(element.findall("error")) <= 1
    for child in element:
        strictly(child)


@RUNS
@pytest.mark.parametrize("failing", [("error",), ("error", "warning")])
def test_junit(found, failing):
    root = ElementTree.fromstring(junit_text(found, failing=failing))
    assert root.tag == "testsuites"
    strictly(root)
    assert len(list(root.iter("testsuite"))) == len(found.checked) + len(found.wrong)


def test_junit_fails_what_fails():
    def failing(*levels: str) -> list[str]:
        root = ElementTree.fromstring(junit_text(SEVERAL, failing=levels))
        return [case.attrib["name"] for case in root.iter("testcase") if case.find("failure") is not None]

    assert failing("error") == ["expectation"]
    assert failing("error", "warning") == ["expectation", "unused-ignore"]
    root = ElementTree.fromstring(junit_text(SEVERAL))
    (failure,) = root.iter("failure")
    assert failure.text.count("error:") == 2
    error, _ = root.iter("error")
    assert error.attrib["message"] == 'gone.yaml: no such <file> & "more"  '
