"""Turns exceptions into messages on standard error and exit codes; users never see a traceback.

Exit codes: 0 success, 1 a check failed, 2 bad input, 3 an internal error, 130 interrupted, 141 broken pipe. With
CNNCALC_TRACEBACK set, internal errors are raised unchanged.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

from cnncalc.budget import BudgetError
from cnncalc.cli.output import silence
from cnncalc.errors import CnncalcError


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
        from cnncalc.cli.complaints import report_error

        report_error(error)
        return 2
    except BudgetError as error:
        _say(str(error))
        return 2
    except OSError as error:
        return _output_error(error)
    except RecursionError:
        _say("nested too deeply")
        return 2
    except MemoryError:
        _say("out of memory: the network is too large for this machine")
        return 2
    except Exception as error:
        if not _is_of_a_large_number(error):
            return _internal_error(error)
        _say("a number of the network is too large to be shown: it has hundreds of digits or more")
        return 2
    return code


def _is_of_a_large_number(error: Exception) -> bool:
    """Whether an integer has more digits than Python writes (4,300), or is larger than every float."""
    text = str(error)
    return (isinstance(error, ValueError) and "integer string conversion" in text) or (
        isinstance(error, OverflowError) and "too large" in text
    )


def _internal_error(error: Exception) -> int:
    """Report an error that nobody foresaw; return its exit code."""
    if os.environ.get("CNNCALC_TRACEBACK") or _is_of_typer(error):
        raise error
    kind = type(error).__name__
    what = f"internal error, please report it (CNNCALC_TRACEBACK=1 shows the traceback): {kind}: {error}"
    _say(what)
    return 3


def _exit_code(call: Callable[[], object]) -> int:
    """Call a function, and return the exit code of a SystemExit that it raises, else 0."""
    try:
        call()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _say(sentence: str) -> None:
    from cnncalc.cli.complaints import say

    say(sentence, "error")


def _is_of_typer(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("typer", "click")


def _output_error(error: OSError) -> int:
    """Return the exit code after output failed: 141, silently, for a closed pipe (`| head`), else 2 with a message."""
    silence()
    if isinstance(error, BrokenPipeError) or error.errno in (errno.EPIPE, errno.EINVAL):
        return 141
    reason = (error.strerror or str(error)).lower()
    _say(f"{reason}{f': {error.filename}' if error.filename else ''}")
    return 2
