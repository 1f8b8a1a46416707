"""Progress on the standard error: one line that is written over on a terminal, and nothing that stays."""

from __future__ import annotations

import sys
import time

from cnncalc.cli.output import encodable

CLEAR = "\r\033[K"


class Progress:
    """Says what is being done; `after` seconds of silence come first, so that quick work shows nothing."""

    def __init__(self, after: float = 1.0, lines: bool = False) -> None:
        self._until = time.monotonic() + after
        self._lines = lines
        self._shown = False

    def say(self, text: str) -> None:
        """One line: over the last on a terminal; elsewhere on its own where `lines` are wanted, else not at all."""
        if time.monotonic() < self._until:
            return
        if self._terminal():
            self._write(f"{CLEAR}{text} …")
            self._shown = True
        elif self._lines:
            self._write(f"{text}\n")

    def done(self) -> None:
        """Leave the terminal as it was."""
        if self._shown:
            self._write(CLEAR)
            self._shown = False

    def _terminal(self) -> bool:
        try:
            return sys.stderr is not None and sys.stderr.isatty()
        except ValueError:
            return False

    def _write(self, text: str) -> None:
        if sys.stderr is None:
            return
        try:
            sys.stderr.write(encodable(text, sys.stderr))
            sys.stderr.flush()
        except (OSError, ValueError):
            self._lines = self._shown = False
