"""A key stroke in an editor: from the new text to its hints, and to its diagnostics, in processor time.

Aims: under 30 ms for hints of resnet, under 500 ms for a spec of 10,000 nodes; memory flat over 10,000 edits.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from cnncalc import shipped
from cnncalc.budget import resident_bytes
from cnncalc.lsp.diagnostics import diagnostics_of
from cnncalc.lsp.hints import as_inlay, hints_of
from cnncalc.lsp.state import State
from cnncalc.lsp.text import Text

LARGE = "input: 8x32x32\nlayers:\n" + "  - conv: {out_channels: 8, kernel_size: 3, padding: 1}\n  - relu\n" * 5000
TEXTS = {"resnet": Path(shipped.path_of("resnet")).read_text("utf-8"), "10,000 nodes": LARGE}


def typed(text: str, number: int) -> State:
    """The document after a key stroke, in a comment at its end."""
    return State("file:///net.yaml", "net.yaml", Text(f"{text}# {number}\n"), {})


def seconds(work: object, rounds: int) -> float:
    times = []
    for number in range(rounds):
        begun = time.process_time()
        work(number)  # type: ignore[operator]
        times.append(time.process_time() - begun)
    return median(times)


def show_hints(text: str, number: int) -> None:
    state = typed(text, number)
    for hint in hints_of(state):
        as_inlay(state, hint)


if __name__ == "__main__":
    for name, text in TEXTS.items():
        rounds = 30 if len(text) < 10_000 else 5
        hints = seconds(lambda n, text=text: show_hints(text, n), rounds)
        checks = seconds(lambda n, text=text: diagnostics_of(typed(text, n)), rounds)
        print(f"{name:>14}: hints {hints * 1e3:7.1f} ms, diagnostics of all variants {checks * 1e3:7.1f} ms")
    for number in range(3_001):
        show_hints(TEXTS["resnet"], number)
        if number in (500, 3_000):
            print(f"after {number:,} edits: {resident_bytes() / 2**20:.1f} MiB")
