"""The word that was probably meant, and the sentence that asks about it."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The choice closest to the word, or None where none is close; a cutoff of 1 asks for the same letters."""
    import difflib  # only a message needs it: a valid spec does not pay for it

    lowered = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word[:80].lower(), lowered, n=1, cutoff=cutoff)
    return lowered[close[0]] if close else None


def ask(word: str) -> str:
    """The question whether this word was meant."""
    return f"did you mean '{word}'?"


def suggest(word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """The question whether the nearest choice was meant; `otherwise` where none is near."""
    near = nearest(word, choices)
    return ask(near) if near else otherwise


def with_suggestion(sentence: str, word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """The sentence, then what `suggest` says of the word behind a colon: no layer is named 'x': did you mean 'y'?"""
    hint = suggest(word, choices, otherwise)
    return f"{sentence}: {hint}" if hint else sentence
