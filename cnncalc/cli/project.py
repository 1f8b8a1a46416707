"""Reads `[tool.cnncalc]` from the pyproject.toml of the current folder."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cnncalc.cli.output import complain
from cnncalc.document.checks import LEVELS, rule_hint
from cnncalc.document.types import Level
from cnncalc.errors import UsageError
from cnncalc.names import ALWAYS_AN_ERROR, RULE_NAMES
from cnncalc.suggest import suggest

FILE = "pyproject.toml"
KEYS = ("specs", "check")


def project() -> Mapping[str, Any]:
    """Read the table; empty if there is none.

    Raises:
        UsageError: the file is not valid TOML, or the table has an unknown key.
    """
    try:
        text = Path(FILE).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    return _read_table(text)


@cache
def _read_table(text: str) -> Mapping[str, Any]:
    if "tool.cnncalc" not in text:
        return {}
    if sys.version_info < (3, 11):
        complain("cnncalc: [tool.cnncalc] in pyproject.toml is ignored: reading it needs Python 3.11")
        return {}
    import tomllib

    try:
        table = tomllib.loads(text).get("tool", {}).get("cnncalc", {})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{FILE}: {error}") from None
    if not isinstance(table, dict):
        return {}
    for key in table:
        if key not in KEYS:
            hint = suggest(key, KEYS, f"it takes {' and '.join(KEYS)}")
            raise UsageError(f"{FILE}: [tool.cnncalc]: unknown key '{key}': {hint}")
    return table


def rule_levels() -> dict[str, Level]:
    """Read `[tool.cnncalc.check]`: rule → level.

    Raises:
        UsageError: a key or a rule is unknown.
    """
    where = f"{FILE}: [tool.cnncalc.check]"
    check = project().get("check", {})
    if not isinstance(check, dict):
        raise UsageError(f'{where}: expected a table, such as ignore = ["dominant-layer"]')
    levels: dict[str, Level] = {}
    for word, names in check.items():
        if word not in LEVELS:
            raise UsageError(f"{where}: unknown key '{word}': it takes {', '.join(LEVELS)}")
        for name in [names] if isinstance(names, str) else names if isinstance(names, list) else [None]:
            if not isinstance(name, str):
                raise UsageError(f"{where} {word}: expected a list of rules")
            if name not in RULE_NAMES:
                raise UsageError(f"{where} {word}: unknown rule '{name}': {rule_hint(name)}")
            if name == ALWAYS_AN_ERROR and word != "error":
                raise UsageError(f"{where} {word}: {name} is always an error and cannot be ignored")
            if name in levels:
                raise UsageError(f"{where}: {name} is listed twice")
            levels[name] = LEVELS[word]
    return levels
