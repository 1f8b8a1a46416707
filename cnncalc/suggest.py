"""Suggestions for misspelled words: the nearest choice, and the question that offers it."""

from __future__ import annotations

from collections.abc import Iterable

MOST_LISTED = 10
MOST_COMPARED = 5000  # names with which a misspelt one is compared


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The closest choice, ignoring case, or None if none is close; `cutoff` is the similarity required (1: equal)."""
    import difflib  # only a message needs it: a valid spec does not pay for it

    lowered = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word[:80].lower(), lowered, n=1, cutoff=cutoff)
    return lowered[close[0]] if close else None


def ask(word: str) -> str:
    """The question that offers a word: did you mean 'conv'?"""
    return f"did you mean '{word}'?"


def suggest_names(word: str, names: Iterable[str], lead: str = "") -> str:
    """The question that offers the nearest names, of which several may be as near; else the first ten, after `lead`."""
    import difflib

    names = list(names)
    close = difflib.get_close_matches(word[:80], names[:MOST_COMPARED], n=3, cutoff=0.75)
    if len(close) > 1:
        *first, last = map(repr, close)
        return f"did you mean {', '.join(first)} or {last}?"
    if near := nearest(word, names[:MOST_COMPARED]):
        return ask(near)
    more = f" and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    lead = lead or f"there {'is' if len(names) == 1 else 'are'}"
    return f"{lead} {', '.join(names[:MOST_LISTED]) or 'none'}{more}"


def no_layer(name: str, names: Iterable[str]) -> str:
    """The sentence that there is no layer of this name, and the names that are near: of layers, and of blocks."""
    layers = list(names)
    levels = (name.rpartition(".")[0] for name in layers)
    return f"no layer named '{name}': {suggest_names(name, [*layers, *dict.fromkeys(filter(None, levels))])}"


def suggest(word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """The question that offers the nearest choice; `otherwise` if none is near."""
    near = nearest(word, choices)
    return ask(near) if near else otherwise


def with_suggestion(sentence: str, word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """The sentence, followed by a colon and the suggestion: no layer is named 'x': did you mean 'y'?"""
    hint = suggest(word, choices, otherwise)
    return f"{sentence}: {hint}" if hint else sentence
