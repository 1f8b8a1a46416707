"""Turns exceptions into messages on standard error and exit codes; users never see a traceback.

Exit codes: 0 success, 1 a check failed, 2 bad input, 3 an internal error, 130 interrupted, 141 broken pipe. With
CNNCALC_TRACEBACK set, internal errors are raised unchanged.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

from cnncalc.cli.output import complain, silence
from cnncalc.errors import CnncalcError, SpecError

MOST_FAULTS = 50


def run_guarded(call: Callable[[], object]) -> int:
    """Call a function and return the exit code; typer's own exceptions pass through."""
    code = 0
    try:
        code = _exit_code(call)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        silence()
        return 130
    except CnncalcError as error:
        complain(error_text(error))
        return 2
    except OSError as error:
        return _output_error(error)
    except RecursionError:
        complain("cnncalc: nested too deeply")
        return 2
    except MemoryError:
        complain("cnncalc: out of memory: the network is too large for this machine")
        return 2
    except Exception as error:
        if os.environ.get("CNNCALC_TRACEBACK") or _is_of_typer(error):
            raise
        kind = type(error).__name__
        complain(
            f"cnncalc: internal error, please report it (CNNCALC_TRACEBACK=1 shows the traceback): {kind}: {error}"
        )
        return 3
    return code


def _exit_code(call: Callable[[], object]) -> int:
    """Call a function, and return the exit code of a SystemExit that it raises, else 0."""
    try:
        call()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def error_text(error: CnncalcError) -> str:
    """Format an error: the faults of a spec with their places, any other error as one sentence."""
    if not isinstance(error, SpecError):
        return f"cnncalc: {error}"
    rest = len(error.faults) - MOST_FAULTS
    shown = [str(fault) for fault in error.faults[:MOST_FAULTS]]
    return "\n".join(shown + ([f"… and {rest:,} more faults"] if rest > 0 else []))


def _is_of_typer(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("typer", "click")


def _output_error(error: OSError) -> int:
    """Return the exit code after output failed: 141, silently, for a closed pipe (`| head`), else 2 with a message."""
    silence()
    if isinstance(error, BrokenPipeError) or error.errno in (errno.EPIPE, errno.EINVAL):
        return 141
    reason = (error.strerror or str(error)).lower()
    complain(f"cnncalc: {reason}{f': {error.filename}' if error.filename else ''}")
    return 2
