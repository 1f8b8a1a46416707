"""Names of layers: the path of their module; for a function, its module's path and what it is."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.importers.pytorch.exporting import Stored


class Names:
    """Names that are taken, each once."""

    def __init__(self, inputs: Iterable[str]) -> None:
        self._taken = set(inputs)

    def take(self, path: str, kind: str, stored: Iterable[Stored]) -> str:
        """The name of a layer: that of the module whose weights it has, or of the module that it is; else of its kind.

        `path` ends in a dot where the layer is a function of that module and not the module itself.
        """
        homes = {tensor.name.rpartition(".")[0] for tensor in stored}
        name = homes.pop() if len(homes) == 1 else path
        if not name or name.endswith("."):
            name += kind
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name}{number}" if not name[-1].isdigit() else f"{name}_{number}"
        self._taken.add(found)
        return found

    def keep(self, name: str) -> None:
        """Take a name as it is."""
        self._taken.add(name)

    def give_back(self, name: str) -> None:
        """Let a name be taken again."""
        self._taken.discard(name)
