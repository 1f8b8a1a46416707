"""Names layers: by the path of their module; for a function, by its module's path and its kind."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.importers.pytorch.values import Stored


class TakenNames:
    """The names in use, which can be reserved and released."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def keep(self, name: str) -> None:
        """Reserve a name as it is."""
        self._taken.add(name)

    def give_back(self, name: str) -> None:
        """Release a name."""
        self._taken.discard(name)


class Names(TakenNames):
    """Gives each layer a unique name."""

    def take(self, path: str, kind: str, stored: Iterable[Stored]) -> str:
        """The name of a layer: that of the module that owns its weights, or its own module, or else its kind.

        `path` ends in a dot where the layer is a function in that module and not the module itself.
        """
        homes = {tensor.name.rpartition(".")[0] for tensor in stored}
        name = homes.pop() if len(homes) == 1 else path
        if not name or name.endswith("."):
            name += kind
        unused, number = name, 1
        while unused in self._taken:
            number += 1
            unused = f"{name}{number}" if not name[-1].isdigit() else f"{name}_{number}"
        self._taken.add(unused)
        return unused
