"""Suggestions for misspelled words: the nearest choice, and the question that offers it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from cnncalc.budget import can_afford

PURPOSE = "suggestions"
MOST_LISTED = 10
MOST_COMPARED = 5000  # names with which a misspelt one is compared


def nearest(word: str, choices: Collection[str], cutoff: float = 0.6) -> str | None:
    """The closest choice, ignoring case, or None if none is close; `cutoff` is the similarity required (1: equal)."""
    if not _worth_reading(choices):
        return None
    lowered = {choice.lower(): choice for choice in choices}
    close = _close(word.lower(), list(lowered), 1, cutoff)
    return lowered[close[0]] if close else None


def _worth_reading(choices: Collection[str]) -> bool:
    """Whether there is budget left to look at so many choices; thousands of words may be misspelt."""
    return can_afford(len(choices) // 8, PURPOSE)


def _close(word: str, choices: Sequence[str], most: int, cutoff: float) -> list[str]:
    """The closest choices, of the first `MOST_COMPARED`; none if suggestions have cost their share of the budget."""
    import difflib  # only a message needs it: a valid spec does not pay for it

    word, choices = word[:80], choices[:MOST_COMPARED]
    if not can_afford(len(word) * sum(map(len, choices)) // 16, PURPOSE):
        return []
    return difflib.get_close_matches(word, choices, most, cutoff)


def first_names(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - MOST_LISTED:,} more" if len(every) > MOST_LISTED else ""
    return (", ".join(every[:MOST_LISTED]) or "none") + more


def misspelt(key: str, known: Collection[str], given: Collection[str]) -> str | None:
    """The option that a key nearly is, if that is not given itself: at most a letter longer or shorter; else None."""
    meant = None if key in known else nearest(key, known)
    return meant if meant is not None and meant not in given and abs(len(meant) - len(key)) <= 1 else None


def ask(*words: str) -> str:
    """The question that offers words: did you mean 'conv', 'conv1' or 'conv2'?"""
    *first, last = (f"'{word}'" for word in words)
    return f"did you mean {', '.join(first)} or {last}?" if first else f"did you mean {last}?"


def suggest_names(word: str, names: Iterable[str], lead: str = "") -> str:
    """The question that offers the nearest names, of which several may be as near; else the first ten, after `lead`."""
    names = list(names)
    close = _close(word, names, 3, 0.75) if _worth_reading(names) else []
    if len(close) > 1:
        return ask(*close)
    if near := nearest(word, names):
        return ask(near)
    lead = lead or f"there {'is' if len(names) == 1 else 'are'}"
    return f"{lead} {first_names(names)}"


def no_layer(name: str, names: Iterable[str]) -> str:
    """The sentence that there is no layer of this name, and the names that are near: of layers, and of blocks."""
    layers = list(names)
    levels = (name.rpartition(".")[0] for name in layers)
    return f"no layer named '{name}': {suggest_names(name, [*layers, *dict.fromkeys(filter(None, levels))])}"


def suggest(word: str, choices: Collection[str], otherwise: str = "") -> str:
    """The question that offers the nearest choice; `otherwise` if none is near."""
    near = nearest(word, choices)
    return ask(near) if near else otherwise


def with_suggestion(sentence: str, word: str, choices: Collection[str], otherwise: str = "") -> str:
    """The sentence, followed by a colon and the suggestion: no layer is named 'x': did you mean 'y'?"""
    hint = suggest(word, choices, otherwise)
    return f"{sentence}: {hint}" if hint else sentence
