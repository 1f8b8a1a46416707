"""A finding, and how many there are, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncalc.checks.finding import Severity
from cnncalc.checks.gathered import Result
from cnncalc.checks.run import Checked
from cnncalc.render.sizes import listed, plural

LEVELS: tuple[Severity, ...] = ("error", "warning", "note")
MOST_LAYERS = 3


def finding_text(result: Result) -> str:
    """The sentence: conv1: 1 row of pixels unread (in variants 18, 34)."""
    layers = f"{listed(list(result.nodes), MOST_LAYERS)}: " if result.nodes else ""
    return f"{layers}{result.message}{_in_variants(result.variants)}"


def mend_text(result: Result) -> str | None:
    """What would mend it, and whether `--fix` does."""
    if result.mend is None:
        return None
    return f"{result.mend.words} (--fix does)" if result.mend.edits else result.mend.words


def summary_text(checked: Sequence[Checked], mends: int = 0) -> str:
    """3 specs, 7 networks: 1 error, 2 warnings; 4 mended."""
    networks = sum(each.networks for each in checked)
    counts = [(sum(each.count(level) for each in checked), level) for level in LEVELS]
    found = ", ".join(plural(number, level) for number, level in counts if number) or "nothing found"
    mended = f"; {mends:,} mended" if mends else ""
    return f"{plural(len(checked), 'spec')}, {plural(networks, 'network')}: {found}{_fixable(checked)}{mended}"


def _fixable(checked: Iterable[Checked]) -> str:
    number = sum(bool(result.mend and result.mend.edits) for each in checked for result in each.results)
    return f" ({number:,} can be mended by --fix)" if number else ""


def _in_variants(variants: tuple[str, ...]) -> str:
    if not variants:
        return ""
    return f" (in variant{'s' * (len(variants) > 1)} {listed(list(variants))})"
