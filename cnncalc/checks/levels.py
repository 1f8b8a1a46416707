"""The options of a run: which rules run, and at which level: by default, project, spec and command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.checks.rule import Level
from cnncalc.checks.table import rules
from cnncalc.document.checks import rule_hint
from cnncalc.errors import UsageError
from cnncalc.names import ALWAYS_AN_ERROR, RULE_NAMES
from cnncalc.records import EMPTY, Record

if TYPE_CHECKING:
    from cnncalc.checkpoints.checkpoint import Checkpoint

ALL = "all"


class Choice(Record):
    """The options of a run: the project's levels, the rules selected and ignored, and parameters set in every spec.

    A checkpoint is compared with the variant that is selected, or with the spec without one.
    """

    project: Mapping[str, Level] = EMPTY
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    params: Mapping[str, Any] = EMPTY
    weights: Checkpoint | None = None

    def levels(self, spec: Mapping[str, Level]) -> dict[str, Level]:
        """Return the level of every rule, given the levels of a spec; later settings take precedence.

        A rule that is selected by name is never off: without another level it is a warning.
        """
        levels: dict[str, Level] = {}
        for name, rule in rules().items():
            level = spec.get(name, self.project.get(name, rule.level))
            if self.select:
                selected = name in self.select or ALL in self.select
                level = "off" if not selected else "warning" if level == "off" else level
            levels[name] = "off" if name in self.ignore or ALL in self.ignore else level
        levels[ALWAYS_AN_ERROR] = "error"
        return levels


def rule_list(option: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Parse `--select a,b --select c` to a, b, c.

    Raises:
        UsageError: there is no such rule, or it cannot be ignored.
    """
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    for name in names:
        if name not in RULE_NAMES and name != ALL:
            raise UsageError(f"{option}: unknown rule '{name}': {rule_hint(name)}")
        if name == ALWAYS_AN_ERROR and option == "--ignore":
            raise UsageError(f"{option}: {name} is always an error and cannot be ignored")
    return tuple(names)
