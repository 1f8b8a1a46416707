"""Finds which items a text may refer to elsewhere: by name, by kind and ordinal, or by a glob."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import TypeAlias

from cnncalc.document.types import Item, LayerCall

Mark: TypeAlias = tuple[int, int]  # line and column: enough, in one text

_WORD = re.compile(r"(?<!name: )\b\w+[*{]?")


class Mentions:
    """The words of a text; `heads` are the places where items begin, with their kinds."""

    def __init__(self, text: str, heads: Collection[Mark]) -> None:
        self._globs = re.search(r"\.\*|\*\.", text) is not None
        self._counts = Counter(re.findall(r"\w+", text))
        self._numbered: set[str] = set()  # kinds followed by a digit, * or {: relu in relu1
        for number, line in enumerate(text.split("\n"), 1):
            for match in _WORD.finditer(line):
                column = match.start() + 1
                if (number, column) not in heads and (number, column - 1) not in heads:  # it may follow a quote
                    word = match[0]
                    self._numbered.update(word[: end.start()] for end in re.finditer(r"[\d*{]", word))

    def is_unmentioned(self, item: Item) -> bool:
        """Whether nothing else in the text can refer to this layer."""
        body = item.body
        if self._globs or not isinstance(body, LayerCall) or body.kind in self._numbered:
            return False
        return item.name is None or self._occurs_once(item.name.text)

    def _occurs_once(self, name: str) -> bool:
        """Whether a name occurs once in the text, as then one of its words does."""
        plain = re.fullmatch(r"[\w-]+", name) is not None
        return plain and any(self._counts[word] == 1 for word in re.findall(r"\w+", name))
