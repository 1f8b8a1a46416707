"""Where a page goes: into a file, to the standard output, or into the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.page.page import HtmlFile


def deliver(page: HtmlFile, output: str) -> None:
    """Write a page to the file `output`, or to the standard output (`-`); without either, open it on a terminal."""
    from cnncalc.cli.output import complain, is_terminal, write_data

    if output == "-" or (not output and not is_terminal()):
        write_data(page.html)
    elif output:
        page.save(output)
    else:
        complain(f"opened {page.open()}")
