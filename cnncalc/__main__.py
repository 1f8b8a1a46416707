"""`python -m cnncalc` is the command `cnncalc`.

Python puts the current folder first on the path. It is taken off before anything else is imported, so that no module of
a stranger's repository takes the place of one of ours or of the standard library. A folder `cnncalc` there, and what
Python imports before this line, are out of our reach: `python -P -m cnncalc` (Python 3.11) and `cnncalc` are safe.
"""

import os
import sys

if sys.path and not getattr(sys.flags, "safe_path", False) and sys.path[0] in ("", os.getcwd()):  # noqa: PTH109
    del sys.path[0]

from cnncalc.cli.start import run

if __name__ == "__main__":
    run()
