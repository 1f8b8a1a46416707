"""Texts that YAML reads differently from what was meant, and the messages about them.

`trap` explains a text where a number or a boolean was expected. The other functions recognise, in nodes that YAML
accepts, a missing space, parentheses, or a character with an unintended meaning.
"""

from __future__ import annotations

import re

from cnncalc.errors import Fault, Span
from cnncalc.source.nodes import Node, Scalar

# Patterns are compiled on first use: a valid spec rarely needs them.
_NO_SPACE_AFTER_COLON = r"(?s)([A-Za-z_$][\w.]*):(?!//)(\S.*)"
_EQUALS = r"(?s)([A-Za-z_]\w*)\s*=\s*([^=].*)"
_NO_SPACE_AFTER_DASH = r"-+([A-Za-z$][\w$]*)"
_MODULE = r"(?:\w+\.)*[A-Z]\w*\("  # the call of a class: nn.Conv2d(3, 8
_LONGEST_SHOWN = 60

_FOREIGN = frozenset("*/%()[]<>=!")  # characters of an expression that no spelling of a number contains
_TRUE = frozenset({"yes", "on", "y", "true"})
_FALSE = frozenset({"no", "off", "n", "false"})
_NOTHING = frozenset({"null", "~", "none", "nil"})
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})
_BASES = {"x": (16, "a hexadecimal number"), "o": (8, "an octal number"), "b": (2, "a binary number")}
_SIDES = r"[0-9]+(?:[xX×][0-9]+)+"
_GROUPED = r"[-+]?[0-9]+(?:[_,][0-9]+)+"
_RATIO = r"([0-9]+):([0-9]+)"
_OTHER_BASE = r"0([xXoObB])([0-9a-fA-F]+)"
_LEADING_ZERO = r"([-+]?)0+([0-9]{1,60})"


def trap(scalar: Scalar) -> str | None:
    """What is wrong with a text where a number or a boolean was expected, and what to write; None if nothing is
    known.
    """
    text = scalar.text
    if scalar.quoted or len(text) > 40 or not text:
        return None
    return _word_trap(text) or _number_trap(text)


def _word_trap(text: str) -> str | None:
    word = text.lower()
    if word in _TRUE or word in _FALSE:
        return None if text in ("true", "false") else f"{text}: write {'true' if word in _TRUE else 'false'}"
    if word in _NOTHING:
        return f"{text}: not a value here: leave the field out"
    if word.lstrip("+-.") in _NOT_FINITE:
        return f"{text}: write a finite number"
    return None


def _number_trap(text: str) -> str | None:
    if text[0] not in "0123456789+-." or text.count(" ") > 1 or not _FOREIGN.isdisjoint(text):
        return None  # most texts need no pattern
    from cnncalc.quantities.amounts import read_amount  # only needed for a message
    from cnncalc.quantities.decimals import exact_decimal

    if match := re.fullmatch(_LEADING_ZERO, text):
        sign, digits = match.groups()
        octal = f" (or {sign}{int(digits, 8)} if octal was meant)" if not set(digits) & {"8", "9"} else ""
        return f"{text}: a leading zero: write {sign}{int(digits)}{octal if int(digits) > 7 else ''}"
    if match := re.fullmatch(_OTHER_BASE, text):
        base, name = _BASES[match[1].lower()]
        return f"{text}: {name}: write {_in_base(match[2], base)}"
    if re.fullmatch(_GROUPED, text):
        sign = "an underscore" if "_" in text else "a comma"
        return f"{text}: {sign} in a number: write {text.replace('_', '').replace(',', '')}"
    if match := re.fullmatch(_RATIO, text):
        return f"{text}: not a number: write [{match[1]}, {match[2]}] for a pair, {match[1]}/{match[2]} for a ratio"
    if re.fullmatch(_SIDES, text):
        return f"{text}: not a number: write [{', '.join(re.split('[xX×]', text))}]"
    number = read_amount(re.sub("(?<=[0-9]) ?B$", "G", text))  # a lone B is most likely meant as billions
    return None if number is None or text.isdecimal() else f"{text}: not a number: write {exact_decimal(number)}"


def _in_base(digits: str, base: int) -> str:
    try:
        return str(int(digits, base))
    except ValueError:
        return "it in decimal"


def misread_entry(key: Scalar, value: Node, flow: bool) -> Fault | None:
    """The fault of a mapping entry whose key or value YAML reads differently from what was meant."""
    if not key.quoted:
        fault = _misread_key(key, value, flow)
        if fault:
            return fault
    if isinstance(value, Scalar):
        return _fault_at_comma(value, "braces") if flow else _fault_of_missing_space(value, key.span.line)
    return None


def misread_item(item: Scalar, flow: bool) -> Fault | None:
    """The fault of a scalar, in a list or alone, where a mapping or a list was meant."""
    if item.quoted:
        return None
    if ":" in item.text and (match := re.fullmatch(_NO_SPACE_AFTER_COLON, item.text)):
        return no_space_after_colon(match, item.span)
    return _fault_at_comma(item, "brackets") if flow else _fault_of_missing_space(item, 0)


def closes_parenthesis(key: Scalar, value: Node) -> bool:
    """Whether this entry is only the rest after the comma in `{a: (3, 5)}`, which is already reported."""
    return not key.quoted and key.text.count(")") > key.text.count("(") and isinstance(value, Scalar) and value.empty


def no_space_after_colon(match: re.Match[str], span: Span) -> Fault:
    """The fault of `word:rest`; the match's groups are the word and the rest."""
    word, rest = match.groups()
    if is_unfinished(rest):  # `conv:{a: 1}`: to YAML the key is `conv:{a`
        rest = rest_of_value(span)[len(word) + 1 :]
    shown = "…" if is_unfinished(rest) else rest
    return Fault(f"no space after the colon of '{word}'", span, f"write '{word}: {shown}'")


def is_unfinished(text: str) -> bool:
    """Whether a text is too long for a message, or lacks a bracket."""
    return len(text) > _LONGEST_SHOWN or any(text.count(a) != text.count(b) for a, b in ("[]", "{}", "()"))


def no_space_after_dash(word: str, span: Span) -> Fault:
    """The fault of `-word` where a list item was meant."""
    return Fault("no space after the dash", span, f"write '- {word}'")


def tag(span: Span) -> Fault:
    """The fault of a YAML tag; the span starts at its `!`."""
    rest = rest_of_value(span)[1:].strip()
    plain = rest and not rest.startswith(("!", "<", "python/")) and not rest.endswith((":", "{", "["))
    return Fault("'!' starts a YAML tag", span, f"write 'not {rest}'" if plain else "leave the tag out")


def alias(span: Span, sign: str) -> Fault:
    """The fault of a value that starts with `*` or `&`, which YAML reads as an alias or an anchor."""
    return Fault(f"'{sign}' starts a YAML {'alias' if sign == '*' else 'anchor'}", span, quote(rest_of_value(span)))


def block_text(span: Span) -> Fault:
    """The fault of a value that starts with `>` or `|`, which opens a block of text."""
    sign = span.source.line(span.line)[span.column - 1 : span.column]
    return Fault(f"'{sign}' starts a YAML block of text", span, quote(rest_of_value(span)))


def quote(text: str) -> str:
    """The advice to quote a value."""
    mark = "'" if '"' in text or "\\" in text else '"'
    return f"quote it: {mark}{text}{mark}" if text and len(text) <= _LONGEST_SHOWN else "quote it"


def shorten(text: str, otherwise: str) -> str:
    """A text that a hint repeats, or what stands for it where it is long or unfinished."""
    return otherwise if is_unfinished(text) else text


def rest_of_line(span: Span) -> str:
    """The text from this place to the end of the line or a comment."""
    return re.split(r"\s#", span.source.line(span.line)[span.column - 1 :], maxsplit=1)[0].strip()


def rest_of_value(span: Span) -> str:
    """The text from this place to the end of its value: the end of the line, a comment, or an enclosing bracket."""
    text = span.source.line(span.line)[span.column - 1 :][:1000]
    depth = 0
    for index, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if depth < 0 or (char == "#" and index and text[index - 1] in " \t"):
            return text[:index].strip()
        if char == "," and depth == 0:
            return text[:index].strip()
    return text.strip()


def _misread_key(key: Scalar, value: Node, flow: bool) -> Fault | None:
    text = key.text
    if ":" in text and (match := re.fullmatch(_NO_SPACE_AFTER_COLON, text)):
        return no_space_after_colon(match, key.span)
    if text.startswith("-") and (match := re.match(_NO_SPACE_AFTER_DASH, text)):
        return no_space_after_dash(match[1], key.span)
    if flow and "=" in text and isinstance(value, Scalar) and value.empty and (match := re.fullmatch(_EQUALS, text)):
        return Fault(f"'=' does not assign a value to '{match[1]}'", key.span, f"write '{match[1]}: {match[2]}'")
    if flow and isinstance(value, Scalar) and value.empty:
        return _fault_at_comma(key, "braces")
    return None


def _fault_at_comma(scalar: Scalar, where: str) -> Fault | None:
    """The fault of `(3` or `round_to(8*w`: YAML ended the value at a comma inside parentheses."""
    text = scalar.text
    if scalar.quoted or "(" not in text or text.count("(") <= text.count(")"):
        return None
    whole = rest_of_value(scalar.span)
    if text.startswith("(") and whole.endswith(")"):
        return Fault("parentheses do not make a list", scalar.span, f"use brackets: [{whole[1:-1]}]")
    hint = "a layer is one word and its fields a mapping: 'conv: {…}'" if re.match(_MODULE, text) else quote(whole)
    return Fault(f"a comma ends the value inside {where}", scalar.span, hint)


def _fault_of_missing_space(scalar: Scalar, key_line: int) -> Fault | None:
    """The fault of `-relu` on its own line: without the space YAML reads it and the next lines as text."""
    if scalar.quoted or scalar.span.line == key_line:
        return None
    match = re.match(_NO_SPACE_AFTER_DASH, scalar.text) if scalar.text.startswith("-") else None
    return no_space_after_dash(match[1], scalar.span._replace(width=len(match[0]))) if match else None


def is_lone_block_sign(scalar: Scalar, style: str) -> bool:
    """Whether this is `>5` or `|`: the header of a block of text that is empty."""
    return style in (">", "|") and not scalar.text.strip()
