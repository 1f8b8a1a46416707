"""Says something of every axis, once if it is the same for all."""

from __future__ import annotations

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def by_axis(texts: list[str]) -> str:
    """One text if all axes agree, else each text with the names of its axes; empty texts are omitted."""
    if len(set(texts)) == 1:
        return texts[0]
    names = AXES.get(len(texts), tuple(f"axis {index}" for index in range(len(texts))))
    alike: dict[str, list[str]] = {}
    for name, text in zip(names, texts, strict=True):
        alike.setdefault(text, []).append(name)
    return "; ".join(f"{', '.join(named)} {text}" for text, named in alike.items() if text)
