"""`[tool.cnncalc]` of the pyproject.toml in the current folder."""

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
    """The table; empty where there is none.

    Raises:
        UsageError: the file is no TOML, or the table has a key that means nothing.
    """
    try:
        text = Path(FILE).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    return _table(text)


@cache
def _table(text: str) -> Mapping[str, Any]:
    if "tool.cnncalc" not in text:
        return {}
    if sys.version_info < (3, 11):
        complain("cnncalc: [tool.cnncalc] in pyproject.toml is ignored: reading it needs Python 3.11")
        return {}
    import tomllib

    try:
        found = tomllib.loads(text).get("tool", {}).get("cnncalc", {})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{FILE}: {error}") from None
    if not isinstance(found, dict):
        return {}
    for key in found:
        if key not in KEYS:
            hint = suggest(key, KEYS, f"it takes {' and '.join(KEYS)}")
            raise UsageError(f"{FILE}: [tool.cnncalc]: unknown key '{key}': {hint}")
    return found


def rule_levels() -> dict[str, Level]:
    """`[tool.cnncalc.check]`: rule → the level that the project gives it.

    Raises:
        UsageError: a key or a rule that there is not.
    """
    where = f"{FILE}: [tool.cnncalc.check]"
    check = project().get("check", {})
    if not isinstance(check, dict):
        raise UsageError(f'{where}: expected a table, such as ignore = ["dominant-layer"]')
    found: dict[str, Level] = {}
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
            if name in found:
                raise UsageError(f"{where}: {name} is listed twice")
            found[name] = LEVELS[word]
    return found
