"""Progress on the standard error: a bar of rich's on a terminal, which goes when the work ends or is interrupted."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from cnncalc.cli.output import is_coloured, is_terminal, make_encodable

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

OFTEN = 0.1  # seconds from one drawing to the next


class Progress:
    """What is being done, and how much of it is.

    Nothing runs beside the work: the bar is drawn when it is told of a step. So it disturbs no measurement, and a
    process may fork.

    Args:
        total: the steps, where they are known; without them there is no bar, only words.
        after: seconds of silence that come first, so that quick work shows nothing.
        lines: whether every step is a line of its own where there is no terminal.
    """

    def __init__(self, total: int | None = None, after: float = 1.0, lines: bool = False) -> None:
        self._total = total
        self._next = time.monotonic() + after
        self._lines = lines
        self._bar: Bar | None = None

    def __enter__(self) -> Progress:
        """The progress itself; nothing is shown yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        self.done()

    def say(self, text: str, done: int = 0) -> None:
        """Show what is being done and the steps that are; elsewhere than on a terminal a line, where `lines` asks."""
        now = time.monotonic()
        if now < self._next:
            return
        with suppress(OSError, ValueError):
            if self._bar is not None or (is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"):
                self._next = now + (OFTEN if self._total else 0)
                self._draw(text, done)
            elif self._lines and sys.stderr is not None:
                sys.stderr.write(make_encodable(f"{text}\n", sys.stderr))
                sys.stderr.flush()

    def done(self) -> None:
        """Leave the terminal as it was; what is said after that is shown anew."""
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.stop()
            self._bar = None

    def _draw(self, text: str, done: int) -> None:
        bar = self._bar or self._opened()
        (task,) = bar.task_ids
        bar.update(task, description=make_encodable(text, sys.stderr), completed=done)
        bar.refresh()

    def _opened(self) -> Bar:
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
