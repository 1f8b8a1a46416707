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
from cnncalc.names import ALWAYS_AN_ERROR, RULE_NAMES

from ..layers.configurations import CONFIGURATIONS, Draw

OPTIONAL_RULES = [name for name in RULE_NAMES if name != ALWAYS_AN_ERROR]
SIZES = (8, 16, 32, 33, 7, "H", "W", "H", "W", "S")
ODD_SIZES = (1, 2, 0, -1, "n", "2*n", "H + 1", "2**62", "h", 3.5)
CHANNELS = (1, 3, 3, 8, 4, "C", "n")
WIDTHS = (1, 4, 8, "n", "2*n", "in_channels", "round_to(n * 3, 8)", "n if n > 2 else 1", "in_channels + n")
CONDITIONS = (
    "n > 2",
    "in_channels == n",
    "not flag",
    "flag",
    "in_size[0] > 3",
    "in_size[-1] % 2 == 0",
    "true",
    "false",
)
NUMERIC = [figure for figure in FIGURES if figure not in ("layers", "buffers", "fits")]
BOUNDS = ("at least 0", "at most 1G", 0, "1.2M +/- 10%", "0.1k")
WILD = 0.04  # how often something is drawn that seldom fits
Item = dict[str, Any] | str


def make_spec(rng: random.Random) -> dict[str, Any]:
    """A spec as plain data."""
    draw = Draw(rng.randrange(2**32))
    spec: dict[str, Any] = {"input": make_input(rng), "params": {"n": rng.choice((1, 2, 4, 10)), "flag": draw.flag()}}
    spec["blocks"] = {"unit(w, s=1)": _items(draw, 2, ("w", "s")), "pair(tensor t)": [{"add": "t"}]}
    stem: dict[str, Any] = {"conv": {"out_channels": "n", "kernel_size": 3, "padding": 1}, "name": "stem"}
    stem.update({"from": "a"} if isinstance(spec["input"], dict) else {})
    ends = draw.choice(([], [], ["global_avgpool", "flatten", {"linear": "n"}], ["flatten", {"linear": 5}]))
    spec["layers"] = [
        stem,
        "relu",
        *_items(draw, draw.choice((1, 2, 4, 8, 20)), ()),
        *ends,
        {"identity": None, "name": "last"},
    ]
    extras = {
        "name": rng.choice(("net", "a b", 7, "é", "=1+1", "::notice::x", "@me")),
        "year": rng.choice((1998, "1998", "-")),
        "source": rng.choice(("a paper, arXiv:1512.03385", "https://example.org/x|y <b>@me</b>")),
        "variants": {"v1": {"n": rng.choice((2, 8, 4))}, "2": {"flag": draw.flag()}},
        "outputs": rng.choice((["stem"], {"a": "stem", "b": "last"}, "last")),
        "expect": _expectations(rng),
        "check": {rng.choice(("ignore", "note", "warning", "error")): rng.sample(OPTIONAL_RULES, 3)},
        "heads": {"aux": {"from": "stem", "training": draw.flag(), "layers": _items(draw, 2, ())}},
    }
    for key in ("variants", *rng.sample(sorted(extras), rng.randrange(4))):
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
    sizes = [rng.choice(CHANNELS), *(rng.choice(SIZES) for _ in range(rng.choice((1, 2, 2, 2, 2, 2, 3))))]
    if rng.random() < 0.3:
        sizes[1:] = sizes[1:2] * (len(sizes) - 1)  # such as 3xHxH
    if rng.random() < WILD:
        sizes[rng.randrange(len(sizes))] = rng.choice(ODD_SIZES)
    return "x".join(map(str, sizes)) if rng.random() < 0.5 else sizes


def _items(draw: Draw, count: int, names: tuple[str, ...], depth: int = 0) -> list[Item]:
    return [_item(draw, names, depth) for _ in range(draw.randint(1, count))]


def _item(draw: Draw, names: tuple[str, ...], depth: int) -> Item:
    if depth < 3 and draw.random() < 0.25:
        item = draw.choice(list(_structures(draw, names, depth)))
    elif draw.random() < WILD:
        item = _any_layer(draw)
    else:
        item = draw.choice(list(_common_layers(draw, names)))
    if draw.random() < 0.1:
        item.update(draw.choice(_beside(draw)))
    return item


def _structures(draw: Draw, names: tuple[str, ...], depth: int) -> Iterator[dict[str, Any]]:
    def inner(most: int = 2) -> list[Item]:
        return _items(draw, most, names, depth + 1)

    same: Item = {"conv": {"out_channels": "in_channels", "kernel_size": 3, "padding": 1, "bias": False}}
    yield {"sequence": inner(3), "repeat": draw.choice((1, 2, 3, "n", {f"i{depth}": 3}, {f"i{depth}": [1, 2, 4]}))}
    yield {"sequence": inner(3)}
    yield {"residual": [same, "batchnorm", "relu"]}
    projected: Item = {"conv": {"out_channels": "n", "kernel_size": 1}}
    yield {"residual": {"body": ["relu", projected], "shortcut": [projected], "skip": draw.choice((True, "flag"))}}
    yield {"residual": inner()}
    yield {"branches": {"paths": [[same], [], ["relu", same]], "merge": draw.choice(("concat", "add", "multiply"))}}
    yield {"branches": {"paths": [inner(), inner()], "merge": "concat"}}
    if depth == 0:
        yield {"unit": {"w": draw.choice((2, "n")), "s": draw.choice((1, 2))}}
        yield {"pair": {"t": "stem"}}


def _common_layers(draw: Draw, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Layers that take any map."""
    size, stride = draw.choice(((1, 1), (3, 1), (3, 1), (3, 2), (5, 2), (2, 2), (7, 3))), draw.choice((1, 1, 2, *names))
    window = {"kernel_size": size[0], "stride": size[1], "padding": size[0] // 2}
    yield {"conv": {"out_channels": draw.choice((*WIDTHS, *names)), **window, "stride": stride, "bias": draw.flag()}}
    yield {"conv": {"out_channels": "in_channels", "kernel_size": 3, "padding": 1, "groups": "in_channels"}}
    yield {"conv": {"out_channels": "n", "kernel_size": 3, "dilation": draw.choice((1, 2)), "padding": 2}}
    yield {draw.choice(("maxpool", "avgpool")): {**window, "ceil_mode": draw.flag()}}
    yield {"conv_transpose": {"out_channels": "n", "kernel_size": draw.choice((2, 3)), "stride": 2}}
    yield {draw.choice(("relu", "sigmoid", "silu", "batchnorm", "dropout", "gelu", "prelu", "l2norm")): None}
    yield {"adaptive_avgpool": draw.choice((1, 3))}
    yield {"upsample": {"scale_factor": 2}}
    yield {"concat": "stem"}
    yield {"pad": draw.choice((0, 1))}


def _any_layer(draw: Draw) -> dict[str, Any]:
    kind = draw.choice(sorted(CONFIGURATIONS))
    return {kind: dict(CONFIGURATIONS[kind](draw).arguments) or None}


def _beside(draw: Draw) -> list[dict[str, Any]]:
    odd = draw.random() < 0.2
    return [
        {"name": draw.choice(("a.b", "=1+1", "", "конв") if odd else ("self", "super", "nn", "forward", "Ärm-1"))},
        {"from": draw.choice(("layer1", ["stem", "x1"], "conv*", "x{k} for k in n") if odd else ("stem", "input"))},
        {"repeat": draw.choice((0, -1, {"i": "n"}, {"stem": 2}) if odd else (1, 2, "n"))},
        {"when": draw.choice(CONDITIONS)},
        {"frozen": draw.choice((True, False, "flag"))},
        {"share": "stem"} if odd else {},
    ]


def _expectations(rng: random.Random) -> dict[str, Any]:
    figures = rng.sample(
        [
            "params",
            "macs",
            "trainable",
            "peak_memory",
            "activation_memory",
            *(set(FIGURES) - {"layers", "buffers", "fits"}),
        ],
        3,
    )
    return {
        **{figure: rng.choice(BOUNDS) for figure in figures[:2]},
        "at": {rng.choice(("3x8x8", "3xHxW", "3x9xW")): {figures[2]: rng.choice(BOUNDS)}},
    }
