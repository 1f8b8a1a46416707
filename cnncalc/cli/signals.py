"""Ends the process of a command on Ctrl-C, SIGTERM and SIGHUP: at once, silently, with its workers, at every stage.

The handler does not raise an exception. An exception could be raised anywhere, as within an import or a destructor,
which would report or swallow it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_ENDINGS = {"cnncalc.processes": "end_workers", "cnncalc.source.temporary": "discard_pending"}
_SHOW_CURSOR = "\r\x1b[2K\x1b[?25h"  # and delete the line of a progress bar


def end_on_signals() -> None:
    """Handle the signals that end a process, except those that it was started to ignore."""
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


@contextmanager
def interruptible() -> Iterator[None]:
    """Within this context, Ctrl-C raises KeyboardInterrupt, so that what is complete can be saved."""
    ending = signal.getsignal(signal.SIGINT) is _end
    if ending:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if ending:
            signal.signal(signal.SIGINT, _end)


def _end(number: int, frame: object) -> None:
    """End the process. Only modules that are loaded, and not in part, can have left something to end or delete."""
    with suppress(OSError, ValueError, AttributeError):
        if "rich.progress" in sys.modules and sys.stderr.isatty():
            os.write(sys.stderr.fileno(), _SHOW_CURSOR.encode())
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # a thread may start workers in place of others
    for module, function in _ENDINGS.items():
        if end := getattr(sys.modules.get(module), function, None):
            end()
    os._exit(128 + number)
