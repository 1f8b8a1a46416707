"""Writes the changed networks of a repository as one comment on a pull request: a line per network, details folded."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from cnncalc.errors import CnncalcError, SpecError
from cnncalc.quantities.sizes import Layout
from cnncalc.render.formats.diff_markdown import LONGEST, difference_markdown
from cnncalc.render.formats.markdown import markdown, separate_links
from cnncalc.render.view import Cell, View
from cnncalc.render.views.revisions import change_words, network_label, revisions_view
from cnncalc.revisions.networks import NetworkChange
from cnncalc.revisions.sides import Sides
from cnncalc.visible import without_commands

MOST_FAULTS = 20  # of a spec


def revisions_markdown(
    sides: Sides, changes: Sequence[NetworkChange], *, depth: int | None = None, layout: Layout = "chw",
    exact: bool = False,
) -> str:  # fmt: skip
    """Format all changed networks; what would exceed the length of a comment is left out, and counted."""
    repository = sides.before.repository
    text = _shorten(revisions_view(sides, changes, layout=layout, exact=exact))
    left_out = 0
    for change in changes:
        details = _details(change, depth, layout, exact)
        if not details:
            continue
        words = separate_links(html.escape(change_words(change, repository, layout)))
        summary = f"<code>{html.escape(network_label(change, repository))}</code>: {words}"
        folded = f"\n<details>\n<summary>{summary}</summary>\n\n{details}\n</details>\n"
        if len(text) + len(folded) > LONGEST:
            left_out += 1
        else:
            text += folded
    return text + (f"\n- the details of {left_out:,} more do not fit into a comment\n" if left_out else "")


def _details(change: NetworkChange, depth: int | None, layout: Layout, exact: bool) -> str:
    """What is folded below a network: its difference, or its faults; empty if there is neither."""
    if isinstance(change.new, CnncalcError):
        faults = change.new.faults[:MOST_FAULTS] if isinstance(change.new, SpecError) else (change.new,)
        return _code_block("\n".join(map(str, faults)))
    if change.difference is None or change.status == "equal":
        return ""
    names = (change.pair.before or "", change.pair.after or "")
    return difference_markdown(
        change.difference, names, change.exceeded, depth=depth, layout=layout, exact=exact, titled=False
    )


def _code_block(text: str) -> str:
    """A text as it is, in a fence that it cannot close."""
    text = without_commands(text)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}\n"


def _shorten(view: View) -> str:
    """Format a view, with half of its rows and notes until they fit; its last note stays."""
    rows, notes = view.rows, view.notes[:-1]
    while True:
        left_out = len(view.rows) - len(rows)
        more = (Cell(f"{left_out:,} more networks do not fit into a comment"),) if left_out else ()
        sections = tuple(section._replace(rows=rows) for section in view.sections)
        text = markdown(view._replace(sections=sections, notes=(*notes, *more, *view.notes[-1:])))
        if len(text) <= LONGEST - 1000 or len(rows) < 2:
            return text
        rows, notes = rows[: len(rows) // 2], notes[: len(rows) // 2]
