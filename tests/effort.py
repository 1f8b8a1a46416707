"""How much work a call is, without a clock: what a test may bound on any machine, however busy."""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from time import process_time
from types import FrameType


class TooManyStepsError(AssertionError):
    """A call took more steps than it may."""


def steps(call: Callable[[], object], most: int) -> int:
    """The calls of functions, Python's and C's, that a call makes.

    Raises:
        TooManyStepsError: as soon as there are more than `most`, so that a test fails where the call would never end.
    """
    count = 0

    def step(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")
        if count > most:
            sys.setprofile(None)
            raise TooManyStepsError(f"more than {most:,} steps")

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        call()
    finally:
        sys.setprofile(before)
    if count > most:  # a call that answers every error swallowed ours
        raise TooManyStepsError(f"more than {most:,} steps")
    return count


def peak_memory(call: Callable[[], object]) -> int:
    """The most bytes that a call holds at once, above what was held before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def seconds(call: Callable[[], object], times: int = 2) -> float:
    """The processor time of a call, the best of a few: to be compared with that of another call in the same test.

    Without collections of garbage, whose time depends on what the tests before have left.
    """
    best = float("inf")
    gc.collect()
    gc.disable()
    try:
        for _ in range(times):
            begun = process_time()
            call()
            best = min(best, process_time() - begun)
    finally:
        gc.enable()
    return best
