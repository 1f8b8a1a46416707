"""The word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The choice closest to the word, or None where none is close; a cutoff of 1 asks for the same letters."""
    import difflib  # only a message needs it: a valid spec does not pay for it

    lowered = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(word[:80].lower(), lowered, n=1, cutoff=cutoff)
    return lowered[found[0]] if found else None
