"""Random small networks as graphs: branches, residuals, gates, every kind of resampling, over one to three axes."""

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cnncalc.errors import LayerError
from cnncalc.graph import Graph, Node
from cnncalc.layers import LAYERS
from cnncalc.symbolic import Relation

CHANNELS = 4
LONGEST = {1: 60, 2: 26, 3: 14}
MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}
KINDS = (
    *(
        "conv",
        "conv",
        "conv",
        "conv_transpose",
        "conv_transpose",
        "avgpool",
        "maxpool",
        "lppool",
        "pad",
        "crop",
        "slice",
    ),
    *("upsample", "upsample", "upsample", "adaptive_avgpool", "pixel_shuffle", "pixel_unshuffle", "relu", "mean"),
    *("slice", "locally_connected"),
)
Arguments = dict[str, Any]


class Misfit(Exception):  # noqa: N818 - an answer
    """This layer cannot stand here."""


class Builder:
    """Adds layers to a graph; what a layer refuses, it does not add."""

    def __init__(self, rng: random.Random, rank: int, inputs: dict[str, tuple[int, ...]]) -> None:
        self.rng, self.rank, self.inputs = rng, rank, inputs
        self.shapes = dict(inputs)
        self.longest = LONGEST[rank]
        self.nodes: list[Node] = []

    def add(self, kind: str, *inputs: str, **arguments: Any) -> str:
        shapes = tuple(self.shapes[name] for name in inputs)
        try:
            layer = LAYERS[kind].make(arguments, len(shapes[0]) - 1)
            output = layer.output(shapes, require)
        except LayerError as error:
            raise Misfit(str(error)) from None
        if any(size > self.longest for size in output[1:]):
            raise Misfit("too large")
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(Node(name, layer, inputs, shapes, output, layer.weights(shapes, output), {}))
        self.shapes[name] = output
        return name

    def attempt(self, step: "Callable[[Builder, str], str]", last: str) -> str:
        """What a step makes of the last tensor; the tensor as it is, and nothing added, where the step does not fit."""
        before = len(self.nodes)
        try:
            return step(self, last)
        except Misfit:
            for node in self.nodes[before:]:
                del self.shapes[node.name]
            del self.nodes[before:]
            return last

    def graph(self) -> Graph:
        return Graph("random", None, self.inputs, tuple(self.nodes), {"output": self.nodes[-1].name}, {})


def require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is not True:
        raise why()


def random_graph(seed: int) -> Graph:
    rng = random.Random(seed)
    rank = rng.choice((1, 1, 2, 2, 2, 3))
    sizes = tuple(rng.randint(LONGEST[rank] // 3, LONGEST[rank] * 2 // 3) for _ in range(rank))
    inputs = {"image": (rng.choice((1, 3)), *sizes)}
    if rng.random() < 0.2:
        inputs["depth"] = (1, *sizes)
    build = Builder(rng, rank, inputs)
    running = [build.add("conv", name, out_channels=CHANNELS, kernel_size=1) for name in inputs]
    last = running[0]
    for _ in range(rng.randint(2, 7)):
        step = rng.choices((layer, merge, gate), (6, 4, 1))[0]
        last = build.attempt(step, last)
    return build.graph()


def layer(build: Builder, x: str) -> str:
    """One layer, of any kind."""
    kind = build.rng.choice(KINDS)
    found = build.add(kind, x, **globals()[f"_{kind}"](build, build.shapes[x]))
    if build.shapes[found][0] == CHANNELS:
        return found
    return build.add("conv", found, out_channels=CHANNELS, kernel_size=1)


def merge(build: Builder, x: str) -> str:
    """Two tensors joined: this one or a layer on it, and any earlier one, brought to its size."""
    names = [name for name in build.shapes if build.shapes[name][0] == CHANNELS and len(build.shapes[name]) > 1]
    y = build.rng.choice(names)
    for _ in range(build.rng.randint(0, 2)):
        x = layer(build, x) if build.rng.random() < 0.5 else x
        y = layer(build, y) if build.rng.random() < 0.5 else y
    if build.shapes[x][1:] != build.shapes[y][1:]:
        y = alike(build, y, x)
    kind = build.rng.choice(("add", "add", "multiply", "concat", "beside"))
    if kind == "concat":
        both = build.add("concat", x, y)
        return build.add("conv", both, out_channels=CHANNELS, kernel_size=1)
    if kind == "beside":
        return build.add("concat", x, y, dim=build.rng.randint(2, build.rank + 1))
    return build.add(kind, x, y)


def alike(build: Builder, y: str, x: str) -> str:
    how = build.rng.choice(("crop", "pad", "upsample"))
    return build.add(how, y, x, like=x) if how != "upsample" else build.add(how, y, x, like=x, **_mode(build))


def gate(build: Builder, x: str) -> str:
    """Squeeze and excite, or global context added."""
    pooled = build.add(build.rng.choice(("global_avgpool", "global_maxpool")), x)
    squeezed = build.add("conv", pooled, out_channels=CHANNELS, kernel_size=1)
    return build.add(build.rng.choice(("multiply", "add")), x, squeezed)


def _per_axis(build: Builder, values: tuple[Any, ...]) -> list[Any]:
    return [build.rng.choice(values) for _ in range(build.rank)]


def _pads(build: Builder, most: int) -> list[list[int]]:
    return [[build.rng.randint(0, most), build.rng.randint(0, most)] for _ in range(build.rank)]


def _conv(build: Builder, shape: tuple[int, ...]) -> Arguments:
    padding: Any = build.rng.choice((0, _pads(build, 3), _pads(build, 3), "same"))
    mode = build.rng.choice(("zeros", "zeros", "zeros", "reflect", "replicate", "circular"))
    return {
        "out_channels": CHANNELS,
        "kernel_size": _per_axis(build, (1, 2, 3, 3, 5)),
        "stride": _per_axis(build, (1, 1, 1, 2, 3)),
        "dilation": _per_axis(build, (1, 1, 1, 2, 3)),
        "groups": build.rng.choice((1, 1, 2)),
        "padding": padding,
        "padding_mode": mode,
    }


def _locally_connected(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {"out_channels": CHANNELS, "kernel_size": 2, "stride": build.rng.choice((1, 2)), "padding": _pads(build, 1)}


def _conv_transpose(build: Builder, shape: tuple[int, ...]) -> Arguments:
    stride = _per_axis(build, (1, 2, 2, 3))
    return {
        "out_channels": CHANNELS,
        "kernel_size": _per_axis(build, (1, 2, 3, 4)),
        "stride": stride,
        "padding": _pads(build, 2),
        "output_padding": [build.rng.randint(0, s - 1) for s in stride],
        "dilation": _per_axis(build, (1, 1, 2)),
    }


def _avgpool(build: Builder, shape: tuple[int, ...]) -> Arguments:
    kernel = build.rng.choice((2, 3))
    return {
        "kernel_size": kernel,
        "stride": _per_axis(build, (1, 2, 3)),
        "padding": build.rng.choice((0, 1)),
        "ceil_mode": build.rng.choice((False, True)),
    }


_maxpool = _avgpool


def _lppool(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {"norm_type": 1, "kernel_size": 2, "stride": build.rng.choice((1, 2))}


def _pad(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {"padding": _pads(build, 3), "mode": build.rng.choice(("constant", "reflect", "replicate", "circular"))}


def _crop(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {"margin": _pads(build, 2)}


def _slice(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {
        "dim": build.rng.randint(2, build.rank + 1),
        "start": build.rng.randint(-9, 3),
        "step": build.rng.choice((1, 2, 3)),
    }


def _mode(build: Builder) -> Arguments:
    modes = ["nearest", "nearest-exact", "area", MODES[build.rank], MODES[build.rank]]
    mode = build.rng.choice([*modes, "bicubic"] if build.rank == 2 else modes)
    if mode in ("bicubic", *MODES.values()) and build.rng.random() < 0.4:
        return {"mode": mode, "align_corners": True}
    return {"mode": mode}


def _upsample(build: Builder, shape: tuple[int, ...]) -> Arguments:
    if build.rng.random() < 0.3:
        return {"size": [build.rng.randint(1, 20) for _ in range(build.rank)], **_mode(build)}
    scales = (2, 2, 3, 4, Fraction(3, 2), Fraction(1, 2), Fraction(5, 3))
    return {"scale_factor": _per_axis(build, scales), **_mode(build)}


def _adaptive_avgpool(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {"output_size": [build.rng.randint(1, size + 2) for size in shape[1:]]}


def _pixel_shuffle(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {"upscale_factor": 2}


def _pixel_unshuffle(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {"downscale_factor": 2}


def _relu(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {}


def _mean(build: Builder, shape: tuple[int, ...]) -> Arguments:
    return {"dim": build.rng.randint(2, build.rank + 1), "keepdim": True}
