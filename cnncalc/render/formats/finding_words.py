"""A finding, and how many there are, in words."""

from __future__ import annotations

from cnncalc.checks.finding import Severity
from cnncalc.checks.gathered import Result
from cnncalc.checks.many import Run
from cnncalc.quantities.sizes import listed, plural

LEVELS: tuple[Severity, ...] = ("error", "warning", "note")
MOST_LAYERS = 3


def finding_text(result: Result) -> str:
    """The sentence: conv1: 1 row of pixels unread (in variants 18, 34)."""
    layers = f"{listed(list(result.nodes), MOST_LAYERS)}: " if result.nodes else ""
    return f"{layers}{result.message}{_in_variants(result.variants)}"


def place_text(name: str, result: Result) -> str:
    """Where it is found: net.yaml:3:7, or the spec alone."""
    return str(result.span) if result.span else name


def mend_text(result: Result) -> str | None:
    """What would mend it, and whether `--fix` does."""
    if result.mend is None:
        return None
    return f"{result.mend.words} (--fix does)" if result.mend.edits else result.mend.words


def summary_text(run: Run) -> str:
    """3 specs, 7 networks: 1 error, 2 warnings; 4 mended."""
    networks = sum(each.networks for each in run.checked)
    counts = [(run.count(level), level) for level in LEVELS]
    found = ", ".join(plural(number, level) for number, level in counts if number) or "nothing found"
    mended = f"; {run.mends:,} mended" if run.mends else ""
    return f"{plural(len(run.checked), 'spec')}, {plural(networks, 'network')}: {found}{_fixable(run)}{mended}"


def _fixable(run: Run) -> str:
    number = sum(bool(result.mend and result.mend.edits) for each in run.checked for result in each.results)
    return f" ({number:,} can be mended by --fix)" if number else ""


def _in_variants(variants: tuple[str, ...]) -> str:
    if not variants:
        return ""
    return f" (in variant{'s' * (len(variants) > 1)} {listed(list(variants))})"
