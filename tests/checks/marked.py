"""Specs with the findings of a rule marked: below the line, a comment with ^ under the place and the rule's name.

      - conv: {out_channels: 96, kernel_size: 11, stride: 4}
    #                                                     ^ stride-drops-pixels

A folder of `specs/` per rule; a spec without a mark must be silent, in all its variants.
"""

import importlib
import re
from pathlib import Path

import cnncalc
from cnncalc.checks.rule import Subject

SPECS = Path(__file__).parent / "specs"
_MARK = re.compile(r"^\s*#\s*\^ ([a-z-]+)$")


def rule(name):
    module = importlib.import_module(f"cnncalc.checks.rules.{name.replace('-', '_')}")
    return getattr(module, name.title().replace("-", ""))()


def specs(name):
    """The fixtures of a rule, as parameters of a test."""
    return sorted((SPECS / name).glob("*.yaml"))


def subjects(text, name="spec", **inputs):
    """The network of a text in all its variants."""
    spec = cnncalc.parse(text, name)
    for variant in (None, *spec.variants):
        chosen = spec.at(variant)
        yield Subject(chosen.document, variant, chosen.analyze(**inputs))


def findings(name, text, **inputs):
    """What a rule says of a text, in all its variants."""
    return [found for subject in subjects(text, **inputs) for found in rule(name).findings(subject)]


def places(name, text):
    """The places at which a rule finds something, each once, in order."""
    spans = {found.span for found in findings(name, text)}
    return sorted((span.line, span.column) for span in spans)


def marks(name, text):
    """The places that are marked for a rule."""
    found, above = [], 0
    for number, line in enumerate(text.splitlines(), 1):
        mark = _MARK.match(line)
        if mark is None:
            above = number
        elif mark[1] == name:
            found.append((above, line.index("^") + 1))
    return found


def marked_rules(text):
    """The rules that a text has marks of."""
    return {mark[1] for line in text.splitlines() if (mark := _MARK.match(line))}
