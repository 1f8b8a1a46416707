"""Loads the rules from the files that are named after them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from cnncalc.checks.rule import Rule
from cnncalc.names import RULE_NAMES


@cache
def rules() -> Mapping[str, Rule]:
    """Name → rule, in the order of `RULE_NAMES`: `dominant-layer` is `dominant_layer.DominantLayer`."""
    return {name: _load_rule(name) for name in RULE_NAMES}


def _load_rule(name: str) -> Rule:
    module = import_module(f"cnncalc.checks.rules.{name.replace('-', '_')}")
    rule: Rule = getattr(module, "".join(word.capitalize() for word in name.split("-")))()
    return rule
