"""Writes findings as JUnit XML, which most CI servers read: one suite per spec, one case per rule that ran on it.

The format follows Jenkins' schema (jenkinsci/xunit-plugin, junit-10.xsd): an error fails its case; warnings and notes
go to the output of the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.checks.finding import Finding, Severity
from cnncalc.checks.many import Run
from cnncalc.checks.run import Checked
from cnncalc.render.formats.finding_words import finding_text, fix_text, place_text
from cnncalc.visible import visible, without_commands

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(run: Run, *, colour: bool = False, failing: tuple[Severity, ...] = ("error",)) -> str:
    """Format the whole report; findings with a level in `failing` are failures."""
    suites = [_suite(each, failing) for each in run.checked] + [_failed_suite(text) for text, _ in run.wrong]
    counts = [sum(suite.count(mark) for suite in suites) for mark in ("<testcase ", "<failure ", "<error ")]
    totals = f'tests="{counts[0]}" failures="{counts[1]}" errors="{counts[2]}"'
    opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="cnncalc" {totals}>\n'
    return without_commands(f"{opening}{''.join(suites)}</testsuites>\n")


def _suite(checked: Checked, failing: tuple[Severity, ...]) -> str:
    cases = list(_cases(checked, failing))
    failures = sum("<failure " in case for case in cases)
    numbers = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    return f'  <testsuite name="{_escape(visible(checked.name))}" {numbers}>\n{"".join(cases)}  </testsuite>\n'


def _cases(checked: Checked, failing: tuple[Severity, ...]) -> Iterator[str]:
    """Yield one case per rule; its findings share one failure element, since a JUnit case can fail only once."""
    for rule, level in checked.levels.items():
        if level == "off":
            continue
        texts = [(each.level, _describe(checked, each)) for each in checked.findings if each.rule == rule]
        failed = [text for severity, text in texts if severity in failing]
        others = [text for severity, text in texts if severity not in failing]
        inner = ""
        if failed:
            message = failed[0].partition("\n")[0]
            body = _escape("\n".join(failed))
            inner += f'      <failure type="{level}" message="{_escape(message)}">{body}</failure>\n'
        if others:
            inner += f"      <system-out>{_escape(chr(10).join(others))}</system-out>\n"
        start = f'    <testcase name="{rule}" classname="{_escape(visible(checked.name))}"'
        yield f"{start}>\n{inner}    </testcase>\n" if inner else f"{start}/>\n"


def _failed_suite(text: str) -> str:
    """Format a spec that could not be checked as a suite with an error."""
    error = f'      <error type="error" message="{_escape(text)}"/>\n'
    case = f'    <testcase name="read" classname="cnncalc">\n{error}    </testcase>\n'
    return f'  <testsuite name="cnncalc" tests="1" failures="0" errors="1" skipped="0">\n{case}  </testsuite>\n'


def _describe(checked: Checked, result: Finding) -> str:
    fix = fix_text(result)
    text = f"{place_text(checked.name, result)}: {result.level}: {finding_text(result)}"
    return f"{text}\n  {fix}" if fix else text


def _escape(text: str) -> str:
    """Escape text for an element or an attribute; characters that XML does not allow become spaces."""
    allowed = _FORBIDDEN.sub(" ", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return allowed.replace('"', "&quot;")
