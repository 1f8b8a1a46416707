"""A difference as a comment on a pull request: totals, then what was edited; the rest unfolds."""

from __future__ import annotations

from cnncalc.render.markdown import markdown
from cnncalc.render.view import View


def comment(totals: View, layers: View | None, affected: View | None, summary: str) -> str:
    """The parts below each other; `affected` is folded under its summary."""
    parts = [markdown(totals)]
    if layers is not None:
        parts.append(markdown(layers))
    if affected is not None:
        parts.append(f"<details>\n<summary>{summary}</summary>\n\n{markdown(affected)}\n</details>\n")
    return "\n".join(parts)
