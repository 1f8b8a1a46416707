"""Suggests which tensor of a checkpoint is which of the network, where the names differ.

First a prefix that all names have or lack (`module.conv1.weight`), then pairs of modules with tensors of the same kinds
and shapes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from cnncalc.checkpoints.checkpoint import Tensor
from cnncalc.checkpoints.pairing import Module, paired
from cnncalc.checkpoints.state import COUNTER, Expected
from cnncalc.layers.layer import Shape
from cnncalc.layers.saved import is_one

MOST_NAMES = 10_000  # compared
MOST_PREFIXES = 20  # tried
LEAVES = {
    "gamma": "weight", "scale": "weight", "kernel": "weight", "embedding": "weight", "g": "weight", "w": "weight",
    "beta": "bias", "offset": "bias", "b": "bias", "mean": "running_mean", "moving_mean": "running_mean",
    "var": "running_var", "variance": "running_var", "moving_variance": "running_var", "moving_var": "running_var",
}  # fmt: skip
"""Other frameworks' name of a tensor → PyTorch's."""


def renamings(expected: Mapping[str, Expected], found: Mapping[str, Tensor]) -> dict[str, str]:
    """Return name in the checkpoint → name in the network, for tensors that have no counterpart of the same name."""
    if not expected or not 0 < len(found) <= MOST_NAMES:
        return {}
    renamed = _by_prefix(expected, found)
    taken = {*renamed.values()}
    ours = _modules({name: each.shape for name, each in expected.items() if name not in taken})
    rest = {name: each for name, each in found.items() if name not in renamed and each.shape is not None}
    theirs = _modules({name: each.shape for name, each in _in_order(rest)})
    pairs = list(paired(ours, theirs))
    if 2 * len(pairs) >= min(len(ours), len(theirs)):  # else the few that have equal shapes are so by chance
        for own, other in pairs:
            renamed.update((name, own.tensors[leaf]) for leaf, name in other.tensors.items() if leaf in own.tensors)
        taken = {*renamed.values()}
        renamed |= _by_shape(
            {name: each.shape for name, each in expected.items() if name not in taken and not each.whole},
            {name: each.shape for name, each in rest.items() if name not in renamed},
        )
    order = {name: number for number, name in enumerate(expected)}
    return dict(sorted(renamed.items(), key=lambda pair: order[pair[1]]))


def _agree(own: Expected, other: Tensor) -> bool:
    return other.shape is None or tuple(own.shape) == other.shape


def _by_prefix(expected: Mapping[str, Expected], found: Mapping[str, Tensor]) -> dict[str, str]:
    """The renaming that removes or adds one prefix and fits most tensors: more than half of one of the sides."""
    tries = [{prefix + name: name for name in expected if prefix + name in found} for prefix in _prefixes(found)]
    for prefix in _prefixes(expected):
        inside = (name for name in expected if name.startswith(prefix))
        tries.append({name[len(prefix) :]: name for name in inside if name[len(prefix) :] in found})
    best: dict[str, str] = {}
    for tried in tries:
        fitting = {name: to for name, to in tried.items() if _agree(expected[to], found[name])}
        best = max(best, fitting, key=len)
    return best if 2 * len(best) > min(len(expected), len(found)) else {}


def _prefixes(names: Iterable[str]) -> list[str]:
    """The commonest beginnings of names, of up to three parts, each with its dot."""
    counted = Counter(
        ".".join(parts[:depth]) + "."
        for parts in (name.split(".", 4) for name in names)
        for depth in range(1, min(4, len(parts)))
    )
    return [prefix for prefix, _ in counted.most_common(MOST_PREFIXES)]


def _by_shape(expected: Mapping[str, Shape], found: Mapping[str, Shape | None]) -> dict[str, str]:
    """The renaming of as many tensors of equal shapes, in order: learned ones, which are named freely."""
    sides: list[dict[object, list[str]]] = [defaultdict(list), defaultdict(list)]
    for side, shapes in zip(sides, (expected, found), strict=True):
        for name, shape in shapes.items():
            side[shape and _squeezed(shape)].append(name)
    own, other = sides
    alike = [(names, own.get(shape, [])) for shape, names in other.items()]
    return {
        old: new
        for names, new_names in alike
        if len(names) == len(new_names)
        for old, new in zip(names, new_names, strict=True)
    }


def _squeezed(shape: Shape) -> Shape:
    """A shape without its axes of size 1: those of a 1×1 convolution that is a linear layer elsewhere."""
    return tuple(size for size in shape if not is_one(size))


def _in_order(found: Mapping[str, Tensor]) -> Iterable[tuple[str, Tensor]]:
    """The tensors as the file has them; in the natural order of their names if it was sorted by those.

    safetensors sorts by dtype and name, so that layer10 stands before layer2.
    """
    by_dtype: dict[object, list[str]] = defaultdict(list)
    for name, tensor in found.items():
        by_dtype[tensor.dtype].append(name)
    if all(names == sorted(names) for names in by_dtype.values()):
        return sorted(found.items(), key=lambda item: _natural(item[0]))
    return found.items()


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d{1,18}|\D+|\d+", name)
    return [(0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part) for part in parts]


def _modules(shapes: Mapping[str, Any]) -> list[Module]:
    """The modules of these tensors, in order."""
    found: dict[str, dict[str, str]] = {}
    for name in shapes:
        path, _, leaf = name.rpartition(".")
        found.setdefault(path, {})[LEAVES.get(leaf.lower(), leaf)] = name
    return [
        Module(
            path,
            tensors,
            frozenset((kind, _squeezed(shapes[name])) for kind, name in tensors.items() if kind != COUNTER),
        )
        for path, tensors in found.items()
    ]


def rules(renamed: Mapping[str, str]) -> list[tuple[str, str]]:
    """The fewest renamings that do all of these: of beginnings (`features.0.*` to `conv1.*`), or of parts (`bn1`)."""
    found = [list(dict.fromkeys(cut(*pair) for pair in renamed.items())) for cut in (_beginnings, _parts)]
    clear = [pairs for pairs in found if len({old for old, _ in pairs}) == len(pairs)]
    best = min(clear, key=len, default=list(renamed.items()))
    level = next(iter(renamed), "").partition(".")[0] + "."
    if len(best) > 1 and all(old.startswith(level) and not new.startswith(level) for old, new in renamed.items()):
        inside = ((old[len(level) :], new) for old, new in renamed.items())
        nested = [(f"{level}*", "*"), *rules({old: new for old, new in inside if old != new})]
        return min(nested, best, key=len)
    return best


def _beginnings(name: str, to: str) -> tuple[str, str]:
    """Two names, with a star for the parts at the end that they share."""
    own, other, end = name.split("."), to.split("."), False
    while own and other and own[-1] == other[-1]:
        own.pop()
        other.pop()
        end = True
    star = ["*"] * end
    return ".".join(own + star), ".".join(other + star)


def _parts(name: str, to: str) -> tuple[str, str]:
    """Two names without the parts at the beginning and at the end that they share."""
    own, other = (text.removesuffix(".*").split(".") for text in _beginnings(name, to))
    while len(own) > 1 and len(other) > 1 and own[0] == other[0]:
        del own[0], other[0]
    return ".".join(own), ".".join(other)
