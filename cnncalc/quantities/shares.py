"""Shares and changes in percent: 12.3%, <0.1%, +5.0%."""

from __future__ import annotations

from cnncalc.symbolic import Size


def share_text(part: Size, whole: Size) -> str:
    """A share of a total: 12.3%; empty if it is zero or depends on a symbol."""
    if not isinstance(part, int) or not isinstance(whole, int) or not part or not whole:
        return ""
    return _percent(100 * part / whole, wholes_from=1000)


def percent_text(share: float) -> str:
    """A measured share, given as a fraction: 2.4%, 91%."""
    return _percent(100 * share, wholes_from=10)


def change_text(percent: float) -> str:
    """A signed change, given in percent: +5.0%, −78%."""
    return f"{'+' if percent > 0 else '−'}{_percent(abs(percent), wholes_from=100)}"


def _percent(percent: float, wholes_from: float) -> str:
    """One decimal below `wholes_from`, none above; never 0% for a non-zero share."""
    if 0 < percent < 0.05:
        return "<0.1%"
    return f"{percent:.1f}%" if percent < wholes_from else f"{percent:.0f}%"
