"""A key stroke in an editor: from the new text to its hints, and to its diagnostics, in processor time.

Aims: under 30 ms for hints of resnet@50, under 500 ms for a spec of 10,000 nodes; memory flat over 10,000 edits.
With `--edits N`, as many edits for the memory (3,000).
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from cnncalc import shipped
from cnncalc.budget import resident_bytes
from cnncalc.lsp.diagnostics import diagnostics_of
from cnncalc.lsp.hints import as_inlay, hints_of
from cnncalc.lsp.state import Memory, State
from cnncalc.lsp.text import Text

LARGE = "input: 8x32x32\nlayers:\n" + "  - conv: {out_channels: 8, kernel_size: 3, padding: 1}\n  - relu\n" * 5000
TEXTS = {"resnet": Path(shipped.path_of("resnet")).read_text("utf-8"), "10,000 nodes": LARGE}
VARIANTS = {"resnet": "50"}
Typed = Callable[[str, int], str]


def type_digit(text: str, number: int) -> str:
    """A character typed into a number in the middle of the text."""
    place = text.index("kernel_size: ", len(text) // 2) + len("kernel_size: ")
    return text[:place] + "35"[number % 2] + text[place + 1 :]


def type_line(text: str, number: int) -> str:
    """A line added in the middle of the text, and taken away again."""
    place = text.index("\n  - ", len(text) // 2)
    return text[:place] + "\n  - relu" * (number % 2) + text[place:]


def type_fault(text: str, number: int) -> str:
    """A word that is half typed: what stands above it is shown."""
    place = text.rindex("- relu") + len("- ")
    return text[:place] + "relu"[: 2 + number % 3] + text[place + 4 :]


def show_hints(name: str, text: str, memory: Memory) -> State:
    """All hints of a version of a document, as they are sent."""
    state = State("file:///net.yaml", "net.yaml", Text(text), {}, VARIANTS.get(name), memory)
    for hint in hints_of(state):
        as_inlay(state, hint)
    return state


def measure(name: str, typed: Typed, rounds: int) -> tuple[float, float]:
    """Median processor time, in ms, to hints and from there to diagnostics of all variants."""
    memory, hints, checks = Memory("net.yaml"), [], []
    for number in range(rounds + 2):
        text = typed(TEXTS[name], number)
        begun = time.process_time()
        state = show_hints(name, text, memory)
        shown = time.process_time()
        diagnostics_of(state)
        hints.append(shown - begun)
        checks.append(time.process_time() - shown)
    return median(hints[2:]) * 1e3, median(checks[2:]) * 1e3


def show_growth(name: str, typed: Typed, edits: int) -> None:
    """Memory after some edits, and after many."""
    memory = Memory("net.yaml")
    for number in range(edits + 1):
        show_hints(name, typed(TEXTS[name], number), memory)
        if number in (edits // 6, edits):
            print(f"{name:>14}: after {number:,} edits: {resident_bytes() / 2**20:.1f} MiB")


if __name__ == "__main__":
    gc.set_threshold(200_000, 50)  # as the command line does
    for name in TEXTS:
        for typed in (type_digit, type_line, type_fault):
            hints, checks = measure(name, typed, 30 if name in VARIANTS else 7)
            what = typed.__name__.replace("_", " ")
            print(f"{name:>14}, {what:>10}: hints {hints:7.1f} ms, then diagnostics of all variants {checks:7.1f} ms")
    edits = int(sys.argv[sys.argv.index("--edits") + 1]) if "--edits" in sys.argv else 3000
    show_growth("resnet", type_digit, edits)
    show_growth("10,000 nodes", type_line, edits // 60)
