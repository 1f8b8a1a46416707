"""Shows progress on standard error: a rich bar on a terminal, removed when the work ends or is interrupted."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from cnncalc.cli.output import is_coloured, is_terminal, make_encodable
from cnncalc.visible import visible, without_commands

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

OFTEN = 0.1  # seconds between redraws


class Progress:
    """Shows the current step, and how many steps are done.

    There is no background thread: the bar is redrawn only when a step is reported, so it does not disturb measurements
    and the process may fork.

    Args:
        total: the number of steps, if known; without it only text is shown, no bar.
        after: seconds before anything is shown, so that quick work shows nothing.
        lines: whether every step is printed as a line if there is no terminal.
    """

    def __init__(self, total: int | None = None, after: float = 1.0, lines: bool = False) -> None:
        self._total = total
        self._next = time.monotonic() + after
        self._lines = lines
        self._bar: Bar | None = None

    def __enter__(self) -> Progress:
        """Return the progress; nothing is shown yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        self.done()

    def say(self, text: str, done: int = 0) -> None:
        """Show the current step and how many are done; without a terminal, print a line if `lines` is set."""
        now = time.monotonic()
        if now < self._next:
            return
        with suppress(OSError, ValueError):
            if self._bar is not None or (is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"):
                self._next = now + (OFTEN if self._total else 0)
                self._draw(text, done)
            elif self._lines and sys.stderr is not None:
                sys.stderr.write(make_encodable(f"{without_commands(visible(text))}\n", sys.stderr))
                sys.stderr.flush()

    def done(self) -> None:
        """Remove the bar; a later step starts a new one."""
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.stop()
            self._bar = None

    def _draw(self, text: str, done: int) -> None:
        bar = self._bar or self._open_bar()
        (task,) = bar.task_ids
        bar.update(task, description=make_encodable(visible(text), sys.stderr), completed=done)
        bar.refresh()

    def _open_bar(self) -> Bar:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True, force_terminal=True, no_color=not is_coloured(sys.stderr))
        words = TextColumn("{task.description}", markup=False)
        columns = (BarColumn(bar_width=24), words, TimeRemainingColumn()) if self._total else (words,)
        bar = Bar(
            *columns, console=console, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=True
        )
        bar.add_task("", total=self._total)
        bar.start()
        self._bar = bar
        return bar
