"""Writes JSON: the document `cnncalc/1` of one report, or an array of documents."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cnncalc.symbolic import Expr
from cnncalc.visible import COMMAND_WITHIN


def documents_text(documents: Sequence[dict[str, Any]], *, several: bool) -> str:
    """Format documents; with `several`, as an array even if only one is left."""
    return dump_json(list(documents) if several else documents[0])


def dump_json(value: Any) -> str:  # noqa: ANN401
    """Format a value as indented JSON; a list without nested lists or objects stays on one line."""
    return escape_json(_dump(value, "\n")) + "\n"


def escape_json(text: str) -> str:
    """JSON of the same value, with escapes for what is not seen and for what a runner takes for a command (`##[`)."""
    if not text.replace("\n", "").isprintable():
        text = "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)
    return re.sub(COMMAND_WITHIN, r"\\u0023", text) if "##" in text else text


def _dump(value: Any, line: str) -> str:  # noqa: ANN401
    if not isinstance(value, dict | list) or not value:
        return _leaf(value)
    inner = line + "  "
    if isinstance(value, dict):
        entries = [f"{json.dumps(key, ensure_ascii=False)}: {_dump(entry, inner)}" for key, entry in value.items()]
        return "{" + inner + f",{inner}".join(entries) + line + "}"
    if not any(isinstance(entry, dict | list) for entry in value):
        return _leaf(value)
    return "[" + inner + f",{inner}".join(_dump(entry, inner) for entry in value) + line + "]"


def _leaf(value: Any) -> str:  # noqa: ANN401
    return json.dumps(value, ensure_ascii=False, default=_closed_form)


def _closed_form(value: object) -> str:
    if isinstance(value, Expr):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a value of JSON")
