"""The console script: the process made ready before anything else is loaded."""

from __future__ import annotations

import gc
import sys


def run() -> None:
    """Run the command of this process.

    A command is over before a collection of garbage would pay: none is made while modules are loaded, few later, and
    what is frozen is not walked through at the end.
    """
    gc.set_threshold(200_000, 50)
    from cnncalc.cli.main import main

    code = main()
    gc.freeze()
    sys.exit(code)
