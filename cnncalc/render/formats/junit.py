"""Findings as JUnit's XML, which most CI servers read: a suite per spec, a case per rule that ran on it.

The form is that of Jenkins' schema (jenkinsci/xunit-plugin, junit-10.xsd): an error fails its case; warnings and notes
stand in the case's output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.checks.finding import Finding, Severity
from cnncalc.checks.many import Run
from cnncalc.checks.run import Checked
from cnncalc.render.formats.finding_words import finding_text, fix_text, place_text

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(run: Run, *, colour: bool = False, failing: tuple[Severity, ...] = ("error",)) -> str:
    """The whole report; findings of these levels are failures."""
    suites = [_suite(each, failing) for each in run.checked] + [_unread(text) for text, _ in run.wrong]
    counts = [sum(suite.count(mark) for suite in suites) for mark in ("<testcase ", "<failure ", "<error ")]
    totals = f'tests="{counts[0]}" failures="{counts[1]}" errors="{counts[2]}"'
    opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="cnncalc" {totals}>\n'
    return f"{opening}{''.join(suites)}</testsuites>\n"


def _suite(checked: Checked, failing: tuple[Severity, ...]) -> str:
    cases = list(_cases(checked, failing))
    failures = sum("<failure " in case for case in cases)
    numbers = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    return f'  <testsuite name="{_escaped(checked.name)}" {numbers}>\n{"".join(cases)}  </testsuite>\n'


def _cases(checked: Checked, failing: tuple[Severity, ...]) -> Iterator[str]:
    """A case per rule; its failures are told in one, since a case of JUnit fails once."""
    for rule, level in checked.levels.items():
        if level == "off":
            continue
        said = [(each.level, _told(checked, each)) for each in checked.findings if each.rule == rule]
        failed = [text for found, text in said if found in failing]
        others = [text for found, text in said if found not in failing]
        inner = ""
        if failed:
            message = failed[0].partition("\n")[0]
            body = _escaped("\n".join(failed))
            inner += f'      <failure type="{level}" message="{_escaped(message)}">{body}</failure>\n'
        if others:
            inner += f"      <system-out>{_escaped(chr(10).join(others))}</system-out>\n"
        start = f'    <testcase name="{rule}" classname="{_escaped(checked.name)}"'
        yield f"{start}>\n{inner}    </testcase>\n" if inner else f"{start}/>\n"


def _unread(text: str) -> str:
    """A spec that could not be looked at: an error, in JUnit's word."""
    error = f'      <error type="error" message="{_escaped(text)}"/>\n'
    case = f'    <testcase name="read" classname="cnncalc">\n{error}    </testcase>\n'
    return f'  <testsuite name="cnncalc" tests="1" failures="0" errors="1" skipped="0">\n{case}  </testsuite>\n'


def _told(checked: Checked, result: Finding) -> str:
    fix = fix_text(result)
    text = f"{place_text(checked.name, result)}: {result.level}: {finding_text(result)}"
    return f"{text}\n  {fix}" if fix else text


def _escaped(text: str) -> str:
    """Text for an element or an attribute; signs that XML does not have become blanks."""
    plain = _FORBIDDEN.sub(" ", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace('"', "&quot;")
