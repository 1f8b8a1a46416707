"""PyYAML, imported without the pattern that takes a third of its import.

Its scanner in Python compiles, as it is loaded, a pattern of all the characters that YAML allows, for which `re` goes
through the whole of Unicode: a tenth of `cnncalc shapes lenet5`. The scanner that reads specs is libyaml, which does
not use the pattern, so that it is compiled when something asks for it. Modules of ours take `yaml` from here.
"""

from __future__ import annotations

import re

ALLOWED = "[^\x09\x0a\x0d\x20-\x7e\x85"  # how the pattern begins

_compile = re.compile


class Postponed:
    """A pattern that is compiled when an attribute of it is first used."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __getattr__(self, name: str) -> object:
        return getattr(_compile(self.text), name)  # which `re` keeps


def _postpone(pattern: str, flags: int = 0) -> object:
    """What `re.compile` returns, or a postponed pattern for the one of PyYAML's scanner."""
    if pattern[: len(ALLOWED)] == ALLOWED:
        return Postponed(pattern)
    return _compile(pattern, flags)


re.compile = _postpone  # type: ignore[assignment]
try:
    import yaml as yaml
finally:
    re.compile = _compile

__all__ = ["yaml"]
