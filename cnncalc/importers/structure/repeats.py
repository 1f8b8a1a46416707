"""Writes runs of equal items as one item, or a sequence of them, with `repeat`."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from cnncalc.records import EMPTY
from cnncalc.writer import Data

LONGEST = 12  # items in a repeated sequence
_ENDS = ("from", "name")


def fold_repeats(items: list[Data], alone: Container[str] = ()) -> list[Data]:
    """The same items, with each run of equal ones written once.

    The first of a run may read a tensor by name, and the last may have a name, which is then that of the run; not if it
    is a call of one of `alone`, blocks whose instances are read by name from outside.
    """
    keys = [repr(item) for item in items]
    folded: list[Data] = []
    place = 0
    while place < len(items):
        length, times = _run(items, keys, place)
        ended = _run_with_ends(items, place, alone)
        if ended > length * times:
            folded.append(_repeat([_core(items[place])], ended, _ends(items[place]) | _ends(items[place + ended - 1])))
            place += ended
        elif times > 1:
            folded.append(_repeat(items[place : place + length], times))
            place += length * times
        else:
            folded.append(items[place])
            place += 1
    return folded


def _run(items: list[Data], keys: list[str], place: int) -> tuple[int, int]:
    """The best period of a run that starts here, and its number of repetitions: those that save the most items."""
    best, saved = (1, 1), 0
    for length in range(1, min(LONGEST, (len(items) - place) // 2) + 1):
        times = 1
        while keys[place + times * length : place + (times + 1) * length] == keys[place : place + length]:
            times += 1
        saves = length * (times - 1) - (length > 1)  # `sequence` takes a line itself
        if times > 1 and saves > saved and not any(map(_is_unrepeatable, items[place : place + length])):
            best, saved = (length, times), saves
    return best


def _run_with_ends(items: list[Data], place: int, alone: Container[str]) -> int:
    """The number of equal items that start here, of which the first may have a `from` and the last a name."""
    first = items[place]
    core = _core(first)
    if isinstance(core, dict) and (not core.keys().isdisjoint({"share", "repeat"}) or next(iter(core)) in alone):
        return 1
    last = place
    while "name" not in _ends(items[last]) and last + 1 < len(items):
        if "from" in _ends(items[last + 1]) or _core(items[last + 1]) != core:
            break
        last += 1
    return last + 1 - place


def _core(item: Any) -> Any:  # noqa: ANN401
    """An item without its name and what it reads by name."""
    if not isinstance(item, dict):
        return item
    core = {key: value for key, value in item.items() if key not in _ENDS}
    return next(iter(core)) if list(core.values()) == [None] else core


def _ends(item: Any) -> dict[str, Any]:  # noqa: ANN401
    return {key: item[key] for key in _ENDS if key in item} if isinstance(item, dict) else {}


def _is_unrepeatable(item: Any) -> bool:  # noqa: ANN401
    """Whether an item cannot be part of a repeat: its name would occur twice, or it reads by name."""
    return isinstance(item, dict) and not {"name", "from", "share", "repeat"}.isdisjoint(item)


def _repeat(items: list[Data], times: int, ends: Mapping[str, Data] = EMPTY) -> Data:
    within = [_deeper(item) for item in fold_repeats(items)] if len(items) > 1 else [_deeper(items[0])]
    if len(within) > 1:
        return {"sequence": within, "repeat": times}
    (alone,) = within
    return {**(alone if isinstance(alone, dict) else {str(alone): None}), "repeat": times, **ends}


def _deeper(item: Any) -> Any:  # noqa: ANN401
    """An item that moves into a repeat, whose index is `i`: the repeats in it use the next letter."""
    if isinstance(item, list):
        return [_deeper(inner) for inner in item]
    if not isinstance(item, dict):
        return item
    return {key: _next_index(value) if key == "repeat" else _deeper(value) for key, value in item.items()}


def _next_index(times: Any) -> Data:  # noqa: ANN401
    ((index, number),) = times.items() if isinstance(times, dict) else [("i", times)]
    return {chr(ord(index) + 1): number}
