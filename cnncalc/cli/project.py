"""Reads `[tool.cnncalc]` from the pyproject.toml of the current folder."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cnncalc.cli.complaints import say
from cnncalc.document.checks import LEVELS, rule_hint
from cnncalc.document.types import Level
from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_PROJECT
from cnncalc.names import ALWAYS_AN_ERROR, RULE_NAMES
from cnncalc.source.files import read_file
from cnncalc.suggest import suggest

FILE = "pyproject.toml"
KEYS = ("specs", "check")


def project() -> Mapping[str, Any]:
    """Read the table; empty if there is none, or if the file cannot be read, which is reported.

    Raises:
        UsageError: the file is not valid TOML, or the table has an unknown key.
    """
    path = Path.cwd() / FILE
    try:
        status = path.stat()
    except FileNotFoundError:
        return {}
    except OSError:  # reading it says what is wrong
        return _read_table(path)
    return _read_table(path, status.st_mtime_ns, status.st_size)


@cache
def _read_table(path: Path, *version: int) -> Mapping[str, Any]:
    """Read the table in a file of the current folder, once for each `version` of it."""
    try:
        data = read_file(FILE, LARGEST_PROJECT, FILE)
    except UsageError as error:
        say(f"{error}: ignored")
        return {}
    if b"tool.cnncalc" not in data:
        return {}
    if sys.version_info < (3, 11):
        say("[tool.cnncalc] in pyproject.toml is ignored: reading it needs Python 3.11")
        return {}
    import tomllib

    try:
        table = tomllib.loads(data.decode()).get("tool", {}).get("cnncalc", {})
    except ValueError as error:  # it is not TOML, or not UTF-8, or has a number of thousands of digits
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
