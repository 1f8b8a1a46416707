"""A difference as a comment on a pull request: totals, then what was edited; the rest unfolds.

A comment on GitHub has at most 65,536 characters: lists that would pass that are left out, and it says so.
"""

from __future__ import annotations

from cnncalc.render.formats.markdown import markdown
from cnncalc.render.view import View

LONGEST = 60_000
MOST_OPEN = 30  # rows that are shown without being unfolded


def comment(totals: View, layers: View, summary: str, affected: View, affected_summary: str) -> str:
    """The parts below each other; the affected layers, and many that changed, are folded under their summaries."""
    text = markdown(totals)
    for view, said, always in ((layers, summary, False), (affected, affected_summary, True)):
        if not view.rows:
            continue
        table = markdown(view)
        if len(text) + len(table) > LONGEST:
            text += f"\n- {said}: too many to list here; `--depth 1` folds the blocks\n"
        elif always or len(view.rows) > MOST_OPEN:
            text += f"\n<details>\n<summary>{said}</summary>\n\n{table}\n</details>\n"
        else:
            text += f"\n{said}:\n\n{table}"
    return text
