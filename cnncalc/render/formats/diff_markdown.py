"""Writes a difference as a comment on a pull request: totals, then edited layers; the rest is collapsed.

A GitHub comment holds at most 65,536 characters: lists that would exceed this are replaced by a note.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.differences.difference import Difference
from cnncalc.differences.folding import groups
from cnncalc.differences.limits import Exceeded
from cnncalc.quantities.sizes import Layout
from cnncalc.render.formats.markdown import markdown
from cnncalc.render.view import View
from cnncalc.render.views.diff import WRITTEN, affected_text, counts_text, layers_view, totals_view
from cnncalc.render.views.diff_time import Times

LONGEST = 60_000
MOST_OPEN = 30  # longer lists are collapsed


def difference_markdown(
    difference: Difference, names: tuple[str, str], over: Sequence[Exceeded] = (), *, depth: int | None = None,
    layout: Layout = "chw", exact: bool = False, titled: bool = True, times: Times | None = None,
) -> str:  # fmt: skip
    """Format a difference; without a title as the details of a larger comment."""
    totals = totals_view(difference, names, over, layout=layout, exact=exact, times=times)
    rest = [group for group in groups(difference, ("affected",), depth) if group.statuses == ["affected"]]
    layers, folded = (
        layers_view(each, layout=layout, exact=exact) for each in (groups(difference, WRITTEN, depth), rest)
    )
    counts = counts_text(difference, WRITTEN)
    return _combine(totals if titled else totals._replace(title=""), layers, counts, folded, affected_text(difference))


def _combine(totals: View, layers: View, summary: str, affected: View, affected_summary: str) -> str:
    """Combine the parts; affected layers, and long lists of changed ones, are collapsed under their summaries."""
    text = markdown(totals)
    for view, heading, always in ((layers, summary, False), (affected, affected_summary, True)):
        if not view.rows:
            continue
        table = markdown(view)
        if len(text) + len(table) > LONGEST:
            text += f"\n- {heading}: too many to list here; `--depth 1` folds the blocks\n"
        elif always or len(view.rows) > MOST_OPEN:
            text += f"\n<details>\n<summary>{heading}</summary>\n\n{table}\n</details>\n"
        else:
            text += f"\n{heading}:\n\n{table}"
    return text
