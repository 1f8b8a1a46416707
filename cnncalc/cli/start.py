"""Prepares the process of the console script before anything else is loaded."""

from __future__ import annotations

import gc
import sys


def run() -> None:
    """Run the command of this process.

    A command ends before garbage collection would pay off: there is none while modules are loaded, little later, and
    frozen objects are not traversed at exit.
    """
    gc.set_threshold(200_000, 50)
    from cnncalc.cli.main import main

    code = main()
    gc.freeze()
    sys.exit(code)
