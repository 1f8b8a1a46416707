"""Reads YAML text into nodes that keep line and column.

PyYAML scans and parses. Its implicit types are not used: a plain scalar is a decimal number, true, false, or text.
Nodes are built from its events without recursion, so no text, however deep, long or repetitive, exceeds the limits
below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnncalc.errors import Fault, Source, Span, SpecError, UsageError
from cnncalc.limits import LARGEST_SPEC, LARGEST_WITHOUT_LIBYAML
from cnncalc.source.builder import Builder
from cnncalc.source.files import read_file
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.source.traps import trap

__all__ = ["Mapping", "Node", "Scalar", "Sequence", "parse", "read", "trap"]

# PyYAML's own scanner is a hundred times slower than libyaml's: a smaller limit keeps parsing within seconds.

# Characters that YAML rejects, and line separators that YAML counts as line breaks but editors do not.
_FORBIDDEN = "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
_INDENTED_BY_TAB = r"(?m)^( *\t[\t ]*)[^\s#]"
_DIRECTIVE = r"(?m)^%(?!YAML 1\.[12]\s).*"
_MOST_LINES_NAMED = 20


def read(path: str | Path) -> Source:
    """The text of a file, or of standard input for `-`; a `Path` is always a file.

    Raises UsageError for a file that cannot be read or is not UTF-8 text of at most 4 MiB.
    """
    return decode(str(path), read_spec(path))


def read_spec(path: str | Path) -> bytes:
    """The bytes of a file that should be a spec; raises the errors of `read`, but those of its text."""
    return read_file(path, LARGEST_SPEC, "a spec")


def decode(path: str, data: bytes) -> Source:
    """The source with these bytes, under this name; raises the errors of `read`."""
    if len(data) > LARGEST_SPEC:
        raise UsageError(f"{path}: larger than 4 MiB, the limit for a spec")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start + 1} is {data[error.start]:#04x})") from None
    if "\0" in text:
        raise UsageError(f"{path}: a binary file, not text (it contains NUL bytes)")
    return Source(path, text)


def parse(source: Source) -> Node:
    """The root node of a text; raises SpecError with every fault that can be distinguished."""
    root, faults = scan(source)
    if faults or root is None:
        raise SpecError(faults)
    return root


def scan(source: Source) -> tuple[Node | None, list[Fault]]:
    """The root node of a text and its faults; None if the faults leave no complete tree."""
    faults = _unreadable(source)
    if faults:
        return None, faults
    from cnncalc.source.pyyaml import yaml  # much of the start-up time, which `--help` need not pay

    builder = Builder(source)
    root: Node | None = None
    try:
        # A tab within a line is a blank; the two scanners disagree on where they allow it.
        root = builder.build(events(source.text.replace("\t", " ")))
    except yaml.MarkedYAMLError as error:
        from cnncalc.source.faults import syntax_fault

        _add(builder.faults, syntax_fault(error, source))
    return root if builder.whole else None, sorted(builder.faults, key=_place)


def _add(faults: list[Fault], syntax: Fault) -> None:
    """Add the fault that ended the scan in place of less specific faults at the same place."""
    faults[:] = [fault for fault in faults if _place(fault) != _place(syntax)]
    faults.append(syntax)


def _unreadable(source: Source) -> list[Fault]:
    """The faults that prevent a text from being scanned at all."""
    text = source.text
    if len(text) > LARGEST_SPEC:
        return [Fault("the text is larger than 4 MiB, the limit for a spec", Span(source, 1, 1))]
    if len(text) > LARGEST_WITHOUT_LIBYAML and not _has_libyaml():
        message = "the text is larger than 256 KiB, the limit without libyaml"
        return [Fault(message, Span(source, 1, 1), "install a PyYAML wheel, which includes libyaml")]
    if not _printable(text) and (forbidden := re.search(_FORBIDDEN, text)):
        char = forbidden.group()
        message = f"the character U+{ord(char):04X} is not allowed in a spec"
        return [Fault(message, _span(source, forbidden.start(), 1), "delete it, or end the line with a line feed")]
    if "\n%" in f"\n{text}" and (directive := re.search(_DIRECTIVE, text)):
        start, end = directive.span()
        return [Fault("'%' starts a YAML directive", _span(source, start, end - start), "delete the line, or quote it")]
    if "\t" not in text:
        return []
    tabs = (
        match.span(1) for match, _ in zip(re.finditer(_INDENTED_BY_TAB, text), range(_MOST_LINES_NAMED), strict=False)
    )
    return [
        Fault("a tab indents this line: YAML indents with spaces", _span(source, start, end - start), "use spaces")
        for start, end in tabs
    ]


def _printable(text: str) -> bool:
    """Whether the text certainly contains no forbidden character: a fast check for most texts."""
    return text.replace("\r\n", "").replace("\n", "").replace("\t", "").isprintable()


def _span(source: Source, index: int, width: int) -> Span:
    start = source.text.rfind("\n", 0, index) + 1
    return Span(source, source.text.count("\n", 0, index) + 1, index - start + 1, width)


def _place(fault: Fault) -> tuple[int, int]:
    return (fault.span.line, fault.span.column) if fault.span else (0, 0)


def _has_libyaml() -> bool:
    from cnncalc.source.pyyaml import yaml

    return bool(yaml.__with_libyaml__)


def longest() -> int:
    """The most characters that a spec may have here."""
    return LARGEST_SPEC if _has_libyaml() else LARGEST_WITHOUT_LIBYAML


def top_keys(text: str) -> Iterator[str]:
    """The top-level keys of a text, as far as it is valid YAML; none if it is too long for a spec."""
    from cnncalc.source.pyyaml import yaml

    if len(text) > longest():
        return
    depth, at_key = 0, True
    try:
        for event in events(text.replace("\t", " ")):
            if isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.NodeEvent):
                if depth == 0 and not isinstance(event, yaml.MappingStartEvent):
                    return
                if depth == 1 and at_key and isinstance(event, yaml.ScalarEvent):
                    yield event.value
                at_key = not at_key if depth == 1 else at_key
                depth += isinstance(event, yaml.CollectionStartEvent)
            elif isinstance(event, yaml.DocumentEndEvent):
                return
    except yaml.YAMLError:
        return


def events(text: str) -> Iterator[Any]:
    """PyYAML's events of a text without tabs; its errors propagate."""
    from cnncalc.source.pyyaml import yaml

    return iter(yaml.parse(text, Loader=yaml.CSafeLoader if _has_libyaml() else yaml.SafeLoader))
