"""Lay out code as a formatter would: code too long for a line is split at its brackets."""

from __future__ import annotations

import re

from cnncalc.pytorch.recipes.code import Bracketed, Doc, flat

WIDTH = 88
STEP = 4
CHAIN = re.compile(r"[\w.]+(?:(?: \+ [\w.]+)+|(?: \* [\w.]+)+)")


def lines(doc: Doc, indent: int, prefix: str = "", suffix: str = "") -> list[str]:
    """Return the lines of code, indented by `indent`; prefix and suffix stay on the first and last line."""
    margin = " " * indent
    line = margin + prefix + flat(doc) + suffix
    if len(line) <= WIDTH and not _opens(doc):
        return [line]
    if isinstance(doc, str) or not doc.items:
        inside = [" " * (indent + STEP) + part for part in _parts(flat(doc), WIDTH - indent - STEP)]
        return [f"{margin}{prefix}(", *inside, f"{margin}){suffix}"] if _takes_parentheses(prefix, inside) else [line]
    return [margin + prefix + doc.head, *_inside(doc, indent + STEP), margin + doc.tail + suffix]


def _takes_parentheses(prefix: str, inside: list[str]) -> bool:
    """Return whether parentheses around code without brackets make it fit."""
    return prefix.endswith((" = ", "return ")) and max(map(len, inside)) <= WIDTH


def _parts(code: str, room: int) -> list[str]:
    """Split a long chain of names joined by one operator into a line per name; return other code unchanged."""
    chain = len(code) > room and CHAIN.fullmatch(code)
    return re.split(r" (?=[+*] )", code) if chain else [code]


def _inside(doc: Bracketed, indent: int) -> list[str]:
    together = " " * indent + f"{doc.comma} ".join(map(flat, doc.items))
    opened = any(map(_opens, doc.items)) or (doc.open and len(doc.items) > 1)
    if doc.is_call and len(together) <= WIDTH and not opened:
        return [together]
    comma = doc.comma if len(doc.items) > 1 or not doc.is_call else ""
    return [line for item in doc.items for line in lines(item, indent, suffix=comma)]


def _opens(doc: Doc) -> bool:
    return isinstance(doc, Bracketed) and ((doc.open and len(doc.items) > 1) or any(map(_opens, doc.items)))
