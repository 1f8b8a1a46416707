"""Names of layers: those of the modules that the model was exported from, where it says them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.tensors import WEIGHT

PLAIN = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
MADE = re.compile(r"(node_)?(n\d+|[A-Z]\w*?_?\d*|_?\d+|.*%.*)")  # by an exporter, for want of a name


class Names:
    """Gives every layer a name of its own."""

    def __init__(self, taken: Iterable[str], modules: Iterable[str] = ()) -> None:
        """Take the names of the inputs, and the paths of all modules that operators stand in."""
        self._taken = set(taken)
        self._counts: dict[str, int] = {}
        self._containers = {path[:dot] for path in set(modules) for dot in _dots(path)}

    def of(self, op: Op, kind: str) -> str:
        """The path of the module that it stands in, else the operator's own name, else its kind and number."""
        wanted = self._wanted(op, kind)
        if wanted is None:
            return self._numbered(kind)
        if wanted in self._containers:
            return self._numbered(f"{wanted}.{kind}")
        if wanted not in self._taken:
            return self._take(wanted)
        return self._numbered(f"{wanted.rpartition('.')[0]}.{kind}" if "." in wanted else kind)

    def _wanted(self, op: Op, kind: str) -> str | None:
        for read in op.reads[1:2]:
            weight = WEIGHT.fullmatch(read)
            if weight and PLAIN.fullmatch(weight[1]):
                return weight[1]
        if op.scope and PLAIN.fullmatch(op.scope):
            return op.scope
        name = re.sub(r"\W+", "_", op.name).strip("_")
        return name.lower() if name and not name[0].isdigit() and not MADE.fullmatch(op.name) else None

    def _numbered(self, stem: str) -> str:
        while True:
            self._counts[stem] = self._counts.get(stem, 0) + 1
            name = f"{stem}{self._counts[stem]}"
            if name not in self._taken:
                return self._take(name)

    def _take(self, name: str) -> str:
        self._taken.add(name)
        return name


def _dots(path: str) -> Iterable[int]:
    return (index for index, character in enumerate(path) if character == ".")


def module_path(name: str) -> str | None:
    """`/layer1/layer1.0/conv1/Conv` → layer1.0.conv1: how TorchScript's exporter says the modules of an operator."""
    if not name.startswith("/") or name.count("/") < 2:
        return None
    path: list[str] = []
    for part in name[1:].split("/")[:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path[-1] = part
        else:
            path.append(part)
    joined = ".".join(path)
    return joined if PLAIN.fullmatch(joined) else None
