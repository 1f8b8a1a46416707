"""Specs by the grammar of the language: every kind of layer, the keys beside it, blocks, variants, expectations.

Layers and their arguments are those of `tests/layers/configurations.py`, which must cover every kind; most specs are
therefore valid as text, and the shapes decide how far a command gets.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from cnncalc.analysis.figures import FIGURES
from cnncalc.names import RULE_NAMES

from ..layers.configurations import CONFIGURATIONS, Draw

SIZES = (1, 2, 3, 4, 7, 8, 12, 16, 32, "H", "W", "H", "W", "S", "n", "2*n", "H + 1", "2**62")
NUMBERS = (
    "n",
    "2*n",
    "in_channels",
    "in_channels // 2",
    "round_to(n * 3, 8)",
    "n if n > 2 else 1",
    "i + 1",
    "max(n, 2)",
)
CONDITIONS = ("n > 2", "in_channels == n", "not flag", "flag", "in_size[0] > 3", "i % 2 == 0", "true", "false", "n")
EVERYDAY = ("conv", "conv", "relu", "batchnorm", "maxpool", "avgpool", "linear", "flatten", "adaptive_avgpool")
BOUNDS = ("at least 0", "at most 1G", "> 5", 0, "1.2M +/- 10%", "0.1k", True)
Item = dict[str, Any] | str


def make_spec(rng: random.Random) -> dict[str, Any]:
    """A spec as plain data."""
    draw = Draw(rng.randrange(2**32))
    spec: dict[str, Any] = {"input": make_input(rng), "params": {"n": rng.choice((1, 2, 4, 10)), "flag": draw.flag()}}
    spec["blocks"] = {"unit(w, s=1)": _items(draw, 2, ("w", "s")), "pair(tensor t)": [{"add": "t"}]}
    spec["layers"] = _items(draw, rng.choice((1, 2, 4, 8, 20)), ())
    extras = {
        "name": rng.choice(("net", "a b", 7, "é", "=1+1", "::notice::x", "@me")),
        "variants": {"v1": {"n": rng.choice((2, 8, 0))}, "2": {"flag": draw.flag()}},
        "outputs": rng.choice((["layer1"], {"a": "layer1", "b": "last"}, "last")),
        "expect": _expectations(rng),
        "check": {rng.choice(("ignore", "note", "warning", "error")): rng.sample(RULE_NAMES, 3)},
        "heads": {"aux": {"from": "input", "training": draw.flag(), "layers": _items(draw, 2, ())}},
    }
    for key in rng.sample(sorted(extras), rng.randrange(4)):
        spec[key] = extras[key]
    return spec


def make_input(rng: random.Random) -> Any:
    """An input: one shape as text or list, or several by name; whole, symbolic and mixed."""
    if rng.random() < 0.1:
        return {"a": _shape(rng), "b": _shape(rng)}
    return _shape(rng)


def spec_text(value: Any) -> str:
    """Plain data as YAML in braces, which is YAML too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{spec_text(key)}: {spec_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(spec_text, value)) + "]"
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Fraction):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def lay_out(spec: dict[str, Any]) -> str:
    """A spec with one top-level key a line, and one item of `layers` a line."""
    lines = []
    for key, value in spec.items():
        if key == "layers":
            lines += ["layers:", *(f"  - {spec_text(item)}" for item in value)]
        else:
            lines.append(f"{key}: {spec_text(value)}")
    return "\n".join(lines) + "\n"


def _shape(rng: random.Random) -> Any:
    rank = rng.choice((0, 1, 2, 2, 2, 2, 3))
    sizes = [rng.choice((1, 3, 3, 8, "C")), *(rng.choice(SIZES) for _ in range(rank))]
    if rng.random() < 0.3:
        sizes[1:] = sizes[1:2] * rank  # such as 3xHxH
    return "x".join(map(str, sizes)) if rng.random() < 0.5 else sizes


def _items(draw: Draw, count: int, names: tuple[str, ...], depth: int = 0) -> list[Item]:
    return [_item(draw, names, depth) for _ in range(draw.randint(1, count))]


def _item(draw: Draw, names: tuple[str, ...], depth: int) -> Item:
    roll = draw.random()
    if depth < 3 and roll < 0.25:
        item = draw.choice(list(_structures(draw, names, depth)))
    elif roll < 0.3:
        item = draw.choice(({"unit": {"w": draw.choice((2, "n"))}}, {"unit": None}, {"pair": {"t": "layer1"}}))
    else:
        item = _layer(draw, names)
    for key, value in _beside(draw).items():
        if draw.random() < 0.06:
            item[key] = value
    return item


def _structures(draw: Draw, names: tuple[str, ...], depth: int) -> Iterator[dict[str, Any]]:
    def inner() -> list[Item]:
        return _items(draw, 3, names, depth + 1)

    yield {"sequence": inner(), "repeat": draw.choice((1, 2, 3, "n", {"i": 3}, {"i": "n"}, {"i": [1, 2, 4]}, 0))}
    yield {"sequence": inner()}
    yield {"residual": inner()}
    yield {"residual": {"body": inner(), "shortcut": inner(), "skip": draw.choice((True, "flag"))}}
    merge = draw.choice(("concat", "add", "multiply"))
    yield {"branches": {"paths": [inner(), [], inner()], "merge": merge}}
    yield {"branches": [inner(), inner()]}


def _layer(draw: Draw, names: tuple[str, ...]) -> dict[str, Any]:
    kind = draw.choice(EVERYDAY if draw.random() < 0.6 else sorted(CONFIGURATIONS))
    arguments = dict(CONFIGURATIONS[kind](draw).arguments)
    for key, value in arguments.items():
        if isinstance(value, int) and not isinstance(value, bool) and draw.random() < 0.15:
            arguments[key] = draw.choice((*NUMBERS, *names))
    return {kind: arguments or None}


def _beside(draw: Draw) -> dict[str, Any]:
    return {
        "name": draw.choice(("layer1", "last", "x{i}", "a.b", "self", "super", "nn", "конв", "=1+1")),
        "from": draw.choice(("layer1", ["layer1", "last"], "input", "conv*", "x{k} for k in n")),
        "repeat": draw.choice((2, "n", {"i": "n"}, {"i": [1, 2]}, 0, -1)),
        "when": draw.choice(CONDITIONS),
        "share": draw.choice(("layer1", "conv1", "last")),
        "frozen": draw.choice((True, False, "flag")),
    }


def _expectations(rng: random.Random) -> dict[str, Any]:
    figures = rng.sample(sorted(FIGURES), 3)
    return {
        **{figure: rng.choice(BOUNDS) for figure in figures[:2]},
        "at": {rng.choice(("3x8x8", "3xHxW", "3x9xW")): {figures[2]: rng.choice(BOUNDS)}},
    }
