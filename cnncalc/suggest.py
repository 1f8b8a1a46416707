"""Suggestions for misspelled words: the nearest choice, and the question that offers it."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The closest choice, ignoring case, or None if none is close; `cutoff` is the similarity required (1: equal)."""
    import difflib  # only a message needs it: a valid spec does not pay for it

    lowered = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word[:80].lower(), lowered, n=1, cutoff=cutoff)
    return lowered[close[0]] if close else None


def ask(word: str) -> str:
    """The question that offers a word: did you mean 'conv'?"""
    return f"did you mean '{word}'?"


def suggest(word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """The question that offers the nearest choice; `otherwise` if none is near."""
    near = nearest(word, choices)
    return ask(near) if near else otherwise


def with_suggestion(sentence: str, word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """The sentence, followed by a colon and the suggestion: no layer is named 'x': did you mean 'y'?"""
    hint = suggest(word, choices, otherwise)
    return f"{sentence}: {hint}" if hint else sentence
