"""Describes findings, and their number, in words."""

from __future__ import annotations

from cnncalc.checks.finding import Finding, Severity
from cnncalc.checks.many import Run
from cnncalc.checks.run import Checked
from cnncalc.quantities.sizes import listed, plural
from cnncalc.visible import visible

LEVELS: tuple[Severity, ...] = ("error", "warning", "note")
MOST_LAYERS = 3


def finding_text(result: Finding) -> str:
    """Format the message with its layers and variants: `conv1: 1 row of pixels unread (in variants 18, 34)`."""
    layers = f"{listed(list(result.nodes), MOST_LAYERS)}: " if result.nodes else ""
    return visible(f"{layers}{result.message}{_variants_text(result.variants)}")


def weights_text(checked: Checked) -> str | None:
    """Say that a checkpoint fits: `model.safetensors fits: 62 tensors, F32`; None if it does not, or there is none."""
    if checked.weights is None or not checked.weights.fits:
        return None
    checkpoint = checked.weights.checkpoint
    dtypes = ", ".join(dict.fromkeys(each.dtype for each in checkpoint.tensors.values() if each.dtype))
    known = f", {dtypes}" if dtypes else " by name; its index states no shapes"
    fits = "fits" if len(checkpoint.files) == 1 else "fit"
    return visible(f"{checkpoint.name} {fits} {checked.name}: {plural(len(checkpoint.tensors), 'tensor')}{known}")


def place_text(name: str, result: Finding) -> str:
    """Format the place of a finding: net.yaml:3:7, or the spec's name if the finding has no span."""
    return str(result.span) if result.span else visible(name)


def fix_text(result: Finding) -> str | None:
    """Describe the fix, and whether `--fix` applies it; None if there is none."""
    if result.fix is None:
        return None
    return visible(f"{result.fix.words} (fixable with --fix)" if result.fix.edits else result.fix.words)


def summary_text(run: Run) -> str:
    """Sum up a run: `3 specs, 7 networks: 1 error, 2 warnings; 4 fixed`."""
    networks = sum(each.networks for each in run.checked)
    counts = [(run.count(level), level) for level in LEVELS]
    findings = ", ".join(plural(number, level) for number, level in counts if number) or "nothing found"
    fixed = f"; {run.fixes:,} fixed" if run.fixes else ""
    return f"{plural(len(run.checked), 'spec')}, {plural(networks, 'network')}: {findings}{_fixable_text(run)}{fixed}"


def _fixable_text(run: Run) -> str:
    number = sum(bool(result.fix and result.fix.edits) for each in run.checked for result in each.findings)
    return f" ({number:,} fixable with --fix)" if number else ""


def _variants_text(variants: tuple[str, ...]) -> str:
    if not variants:
        return ""
    return f" (in variant{'s' * (len(variants) > 1)} {listed(list(variants))})"
