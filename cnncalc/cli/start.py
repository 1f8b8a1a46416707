"""Prepares the process of the console script before anything else is loaded."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is a handler, Ctrl-C ends the process silently

import gc
import os
import sys


def run() -> None:
    """Run the command of this process.

    A command ends before garbage collection would pay off: there is none while modules are loaded, little later, and
    frozen objects are not traversed at exit.
    """
    from cnncalc.cli.signals import end_on_signals

    end_on_signals()
    gc.set_threshold(200_000, 50)
    os.environ["PYTHONSAFEPATH"] = "1"  # for all processes that a command starts, of other packages too
    from cnncalc.cli.main import main

    code = main()
    gc.freeze()
    sys.exit(code)
