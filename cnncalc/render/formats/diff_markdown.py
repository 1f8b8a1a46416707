"""Writes a difference as a comment on a pull request: totals, then edited layers; the rest is collapsed.

A GitHub comment holds at most 65,536 characters: lists that would exceed this are replaced by a note.
"""

from __future__ import annotations

from cnncalc.render.formats.markdown import markdown
from cnncalc.render.view import View

LONGEST = 60_000
MOST_OPEN = 30  # longer lists are collapsed


def comment(totals: View, layers: View, summary: str, affected: View, affected_summary: str) -> str:
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
