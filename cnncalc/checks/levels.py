"""Which rules run, and how much each counts: by default, in the project, in a spec, on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnncalc.checks.rule import Level
from cnncalc.checks.table import rules
from cnncalc.document.checks import rule_hint
from cnncalc.errors import UsageError
from cnncalc.names import ALWAYS_AN_ERROR, RULE_NAMES
from cnncalc.records import EMPTY, Record

ALL = "all"


class Choice(Record):
    """What a run asks for: the project's levels, and what the command line selects and ignores."""

    project: Mapping[str, Level] = EMPTY
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def levels(self, spec: Mapping[str, Level]) -> dict[str, Level]:
        """The level of every rule in a spec that gives these; the later word counts.

        A rule that is selected by its name is not off: where nothing says more it is a warning.
        """
        found: dict[str, Level] = {}
        for name, rule in rules().items():
            level = spec.get(name, self.project.get(name, rule.level))
            if self.select:
                chosen = name in self.select or ALL in self.select
                level = "off" if not chosen else "warning" if level == "off" else level
            found[name] = "off" if name in self.ignore or ALL in self.ignore else level
        found[ALWAYS_AN_ERROR] = "error"
        return found


def rule_list(option: str, texts: Iterable[str]) -> tuple[str, ...]:
    """`--select a,b --select c` → a, b, c.

    Raises:
        UsageError: no rule is called so, or it cannot be ignored.
    """
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    for name in names:
        if name not in RULE_NAMES and name != ALL:
            raise UsageError(f"{option}: unknown rule '{name}': {rule_hint(name)}")
        if name == ALWAYS_AN_ERROR and option == "--ignore":
            raise UsageError(f"{option}: {name} is always an error and cannot be ignored")
    return tuple(names)
