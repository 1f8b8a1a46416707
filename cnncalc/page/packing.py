"""The document as the file holds it: layers that are alike say once what they share. `unpack.js` undoes it.

layers, conditions    `[place in likes, the keys of its own]`; a layer that reads the tensor before it leaves out `from`
before of a layer     the same
spans                 `["gradients of ", tensor, "'s weights"]` in place of a name that holds that of a tensor
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_AROUND = (  # "gradients of conv1's weights", "the output of conv1", "batchnorm1: mean and 1/σ"
    re.compile(r"(.*? of )(.*)('s [^']*)", re.DOTALL),
    re.compile(r"(.*? of )(.*)()", re.DOTALL),
    re.compile(r"()(.*?)(: .*)", re.DOTALL),
)
OWN = {"name", "from", "line", "field", "before", "memory_of", "block", "gone", "gained", "edits", "layer"}


def pack(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is written of a document of one network or of two."""
    shared = _Shared()
    layers = [shared.layer(layer, number) for number, layer in enumerate(document["layers"], len(document["inputs"]))]
    packed = {
        **document,
        "layers": layers,
        "conditions": [shared.record(each) for each in document["conditions"]],
        "memory": shared.memory(document["memory"], _names(document, first=False)),
        "likes": shared.likes,
        "around": shared.around,
    }
    if "before" in document:
        before = document["before"]
        packed["before"] = {**before, "memory": shared.memory(before["memory"], _names(document, first=True))}
    return packed


class _Shared:
    """Gathers what records share."""

    def __init__(self) -> None:
        self.likes: list[dict[str, Any]] = []
        self._places: dict[str, int] = {}
        self.around: list[list[str]] = []  # a few

    def record(self, record: Mapping[str, Any]) -> list[Any]:
        """The place of what a record shares, and what it does not."""
        like = {key: value for key, value in record.items() if key not in OWN}
        text = repr(like)
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.likes)
            self.likes.append(like)
        return [place, {key: value for key, value in record.items() if key in OWN}]

    def layer(self, layer: Mapping[str, Any], number: int) -> list[Any]:
        """A layer; `number` is that of its output."""
        place, own = self.record(layer)
        if own["from"] == [number - 1]:
            del own["from"]
        if "before" in own:
            own["before"] = self.record(own["before"])
        return [place, own]

    def memory(self, memory: Mapping[str, Any], names: Mapping[str, int]) -> dict[str, Any]:
        """The memory of a network whose tensors have these numbers."""
        runs = {run: dict(memory[run]) for run in ("inference", "training")}
        for run in runs.values():
            run["spans"] = [[self._named(name, names), *numbers] for name, *numbers in run["spans"]]
        return {**memory, **runs}

    def _named(self, name: int | str, names: Mapping[str, int]) -> int | str | list[int]:
        for found in (pattern.fullmatch(name) for pattern in _AROUND) if isinstance(name, str) else ():
            if found and found[2] in names:
                around = [found[1], found[3]]
                if around not in self.around:
                    self.around.append(around)
                return [self.around.index(around), names[found[2]]]
        return name


def _names(document: Mapping[str, Any], first: bool) -> dict[str, int]:
    """Name → number, of the tensors of the only network or of one of two."""
    other = "inserted" if first else "removed"
    tensors = enumerate([*document["inputs"], *document["layers"]])
    named = (
        (number, each.get("before", {}) if first else {}, each)
        for number, each in tensors
        if each.get("status") != other
    )
    return {before.get("name", each["name"]): number for number, before, each in named}
