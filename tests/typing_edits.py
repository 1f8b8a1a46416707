"""Random edits of a text, as a person or an editor makes them."""

from random import Random

PIECES = [
    "",
    "a",
    "{",
    "}",
    ":",
    "- ",
    "\n",
    "\n  - ",
    "\t",
    "😀",
    "'",
    '"',
    "\r\n",
    "&x",
    "*x",
    "#",
    "[",
    "1e99",
    ", ",
]


def edited(rng: Random, text: str) -> str:
    """A text after one edit: characters typed or deleted, or lines deleted, doubled or moved."""
    place = rng.randrange(len(text) + 1)
    kind = rng.randrange(5)
    if kind < 2:
        return text[:place] + rng.choice(PIECES) + text[place + rng.randint(0, 4) :]
    lines = text.splitlines(keepends=True)
    if not lines:
        return text + "layers:\n"
    first = rng.randrange(len(lines))
    last = min(len(lines), first + rng.randint(1, 3))
    taken = lines[first:last]
    if kind == 2:
        del lines[first:last]
    elif kind == 3:
        lines[first:first] = taken
    else:
        del lines[first:last]
        at = rng.randrange(len(lines) + 1)
        lines[at:at] = taken
    return "".join(lines)
