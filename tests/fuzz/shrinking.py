"""Makes a finding smaller, as long as it remains the same finding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from .cases import Case
from .trial import run

MOST = 400  # trials
SECONDS = 20  # of processor time


def shrink(case: Case, signature: str) -> Case:
    """The smallest case with this signature that a few hundred trials reach."""
    trials, end = 0, time.process_time() + SECONDS
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(case):
            trials += 1
            if trials > MOST or time.process_time() > end:
                return case
            if run(smaller).signature == signature:
                case, shrunk = smaller, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for name in case.environment:
        yield case._replace(environment={key: value for key, value in case.environment.items() if key != name})
    for name in case.files:
        yield case._replace(files={key: value for key, value in case.files.items() if key != name})
    for width in (2, 1):
        for at in range(1, len(case.arguments) - width + 1):
            yield case._replace(arguments=case.arguments[:at] + case.arguments[at + width :])
    for name, content in case.files.items():
        for pieces, join in _splits(content):
            for shorter in _without(pieces):
                yield case._replace(files={**case.files, name: join(shorter)})


def _splits(content: bytes) -> Iterator[tuple[list[bytes], Callable[[list[bytes]], bytes]]]:
    yield content.splitlines(keepends=True), b"".join
    if len(content) < 2000:
        yield content.split(b", "), b", ".join
        yield content.split(b" "), b" ".join


def _without(pieces: list[bytes]) -> Iterator[list[bytes]]:
    """The pieces without a run of them: halves first, then ever shorter runs."""
    width = len(pieces) // 2
    while width:
        for at in range(0, len(pieces), width):
            yield pieces[:at] + pieces[at + width :]
        width //= 2
