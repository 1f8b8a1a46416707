"""Reads `check:`, the levels of the rules of `cnncalc check` for this spec."""

from __future__ import annotations

from cnncalc.document.reader import Reader
from cnncalc.document.types import Level
from cnncalc.names import ALWAYS_AN_ERROR, RULE_NAMES
from cnncalc.source.reading import Node, Scalar, Sequence
from cnncalc.suggest import ask, nearest, suggest

LEVELS: dict[str, Level] = {"ignore": "off", "note": "note", "warning": "warning", "error": "error"}
OFF = ("off", "disable", "disabled", "skip", "exclude", "allow", "hide", "none", "false")
LIKE = "{ignore: [dominant-layer], error: [stride-drops-pixels]}"


def read_checks(reader: Reader, node: Node) -> dict[str, Level]:
    """Rule → its level: `ignore: [dominant-layer]`."""
    levels: dict[str, Level] = {}
    entries = reader.mapping(node, "check", LIKE)
    for word, (key, value) in entries.items():
        if word not in LEVELS:
            reader.fault(f"check: unknown key '{word}'", key.span, _key_hint(word))
            continue
        for name in value.items if isinstance(value, Sequence) else [value]:
            if _is_rule(reader, name, word) and isinstance(name, Scalar):
                if name.text in levels:
                    reader.fault(f"check: {name.text} is listed twice", name.span, "list it once")
                levels[name.text] = LEVELS[word]
    return levels


def _key_hint(word: str) -> str:
    if word in RULE_NAMES:
        return f"the keys are levels: {{ignore: [{word}]}}"
    near = "ignore" if word in OFF else nearest(word, LEVELS)
    return ask(near) if near else f"check takes {', '.join(LEVELS)}: {LIKE}"


def _is_rule(reader: Reader, node: Node, word: str) -> bool:
    text = node.text if isinstance(node, Scalar) else ""
    if text == ALWAYS_AN_ERROR and word != "error":
        reader.fault(f"check: {word}: {text} is always an error and cannot be ignored", node.span, "leave it out")
        return False
    if text in RULE_NAMES:
        return True
    if not text.strip():
        reader.fault(f"check: {word}: expected the name of a rule or a list of rules", node.span, f"for example {LIKE}")
    else:
        reader.fault(f"check: {word}: unknown rule '{text}'", node.span, rule_hint(text))
    return False


def rule_hint(name: str) -> str:
    """A suggestion for an unknown rule name."""
    return suggest(name.replace("_", "-"), RULE_NAMES, "'cnncalc rule' lists the rules")
