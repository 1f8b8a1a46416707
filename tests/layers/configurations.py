"""Random configurations of every layer: the arguments as a spec gives them, and the shapes that enter.

Valid and invalid ones both come: sizes are small, so that kernels, paddings and divisors often miss.
"""

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from . import detection

Shape = tuple[int, ...]


class Configuration(NamedTuple):
    kind: str
    arguments: dict[str, Any]
    shapes: tuple[Shape, ...]

    @property
    def rank(self) -> int:
        return len(self.shapes[0]) - 1


class Draw(random.Random):
    """Draws fields; `arguments` takes each optional one half of the time."""

    def size(self, most: int = 13) -> int:
        return self.randint(1, most)

    def map(self, rank: int | None = None, channels: int = 8, most: int = 13) -> Shape:
        rank = self.randint(1, 3) if rank is None else rank
        return (self.randint(1, channels), *(self.size(most) for _ in range(rank)))

    def shape(self) -> Shape:
        return self.map(self.randint(0, 3))

    def per_axis(self, rank: int, low: int, high: int) -> int | list[int]:
        if self.random() < 0.6:
            return self.randint(low, high)
        length = rank + 1 if self.random() < 0.03 else rank
        return [self.randint(low, high) for _ in range(length)]

    def padding(self, rank: int, high: int, words: tuple[str, ...] = ("same", "valid")) -> Any:
        roll = self.random()
        if roll < 0.2 and words:
            return self.choice(words)
        if roll < 0.5:
            return self.randint(0, high)
        if roll < 0.75:
            return [self.randint(0, high) for _ in range(rank)]
        return [[self.randint(0, high), self.randint(0, high)] for _ in range(rank)]

    def flag(self) -> bool:
        return self.random() < 0.5

    def dim(self, shape: Shape) -> int:
        rank = len(shape) + 1
        return self.randint(-rank - 1, rank) if self.random() < 0.2 else self.choice([*range(1, rank), -1])

    def some(self, **optional: Any) -> dict[str, Any]:
        return {name: value for name, value in optional.items() if self.random() < 0.5}

    def divisor(self, *numbers: int) -> int:
        common = [d for d in range(1, min(numbers) + 1) if all(n % d == 0 for n in numbers)]
        return self.choice(common) if self.random() < 0.7 else self.randint(1, 6)


def conv(draw: Draw) -> Configuration:
    shape = draw.map(channels=6)
    rank, out_channels = len(shape) - 1, draw.randint(1, 8)
    arguments = {"out_channels": out_channels, "kernel_size": draw.per_axis(rank, 1, 5)}
    arguments |= draw.some(
        stride=draw.per_axis(rank, 0 if draw.random() < 0.05 else 1, 4),
        padding=draw.padding(rank, 4),
        dilation=draw.per_axis(rank, 1, 3),
        groups=draw.divisor(shape[0], out_channels),
        bias=draw.flag(),
        padding_mode=draw.choice(["zeros", "reflect", "replicate", "circular"]),
    )
    return Configuration("conv", arguments, (shape,))


def std_conv(draw: Draw) -> Configuration:
    drawn = conv(draw)
    drawn.arguments.pop("padding_mode", None)
    optional = {"gain": draw.flag(), "gamma": Fraction(3, 2), "eps": Fraction("1e-5")}
    return drawn._replace(kind="std_conv", arguments={**drawn.arguments, **draw.some(**optional)})


def conv_transpose(draw: Draw) -> Configuration:
    shape = draw.map(channels=6, most=6)
    rank, out_channels = len(shape) - 1, draw.randint(1, 8)
    arguments = {"out_channels": out_channels, "kernel_size": draw.per_axis(rank, 1, 4)}
    arguments |= draw.some(
        stride=draw.per_axis(rank, 1, 3),
        padding=draw.padding(rank, 3, words=()),
        output_padding=draw.per_axis(rank, 0, 2),
        dilation=draw.per_axis(rank, 1, 3),
        groups=draw.divisor(shape[0], out_channels),
        bias=draw.flag(),
    )
    return Configuration("conv_transpose", arguments, (shape,))


def locally_connected(draw: Draw) -> Configuration:
    shape = draw.map(channels=3, most=6)
    rank = len(shape) - 1
    arguments = {"out_channels": draw.randint(1, 4), "kernel_size": draw.per_axis(rank, 1, 4)}
    arguments |= draw.some(
        stride=draw.per_axis(rank, 1, 3),
        padding=draw.padding(rank, 2),
        dilation=draw.per_axis(rank, 1, 2),
        bias=draw.flag(),
    )
    return Configuration("locally_connected", arguments, (shape,))


def _pool(kind: str, optional: Callable[[Draw, int], dict[str, Any]]) -> Callable[[Draw], Configuration]:
    def pool(draw: Draw) -> Configuration:
        shape = draw.map()
        rank = len(shape) - 1
        arguments = {"kernel_size": draw.per_axis(rank, 1, 5)}
        arguments |= draw.some(stride=draw.per_axis(rank, 0 if draw.random() < 0.05 else 1, 4), **optional(draw, rank))
        return Configuration(kind, arguments, (shape,))

    return pool


def lppool(draw: Draw) -> Configuration:
    pooled = _pool("lppool", lambda draw, _: {"ceil_mode": draw.flag()})(draw)
    return pooled._replace(arguments={"norm_type": draw.choice([0, 1, 2, Fraction(5, 2), -1]), **pooled.arguments})


def _adaptive(kind: str) -> Callable[[Draw], Configuration]:
    def adaptive(draw: Draw) -> Configuration:
        shape = draw.shape()
        return Configuration(kind, {"output_size": draw.per_axis(max(1, len(shape) - 1), 0, 8)}, (shape,))

    return adaptive


def _plain(kind: str, optional: Callable[[Draw], dict[str, Any]] = lambda _: {}) -> Callable[[Draw], Configuration]:
    def plain(draw: Draw) -> Configuration:
        return Configuration(kind, draw.some(**optional(draw)), (draw.shape(),))

    return plain


def _scale(draw: Draw) -> dict[str, Any]:
    return {"bias": draw.flag(), "init": 20, "shared": draw.flag(), "factor": draw.random() > 0.2}


def linear(draw: Draw) -> Configuration:
    arguments = {"out_features": draw.randint(0 if draw.random() < 0.1 else 1, 9)}
    arguments |= draw.some(bias=draw.flag(), axis=draw.choice(["channels", "last"]))
    return Configuration("linear", arguments, (draw.shape(),))


def flatten(draw: Draw) -> Configuration:
    shape = draw.shape()
    return Configuration("flatten", draw.some(start_dim=draw.dim(shape), end_dim=draw.dim(shape)), (shape,))


def reshape(draw: Draw) -> Configuration:
    shape = draw.map(draw.randint(0, 3), channels=12, most=8)
    total, sizes = 1, []
    for size in shape:
        total *= size
    for _ in range(draw.randint(0, 3)):
        sizes.append(draw.choice([d for d in range(1, total + 1) if total % d == 0]) if draw.random() < 0.9 else 0)
        total //= sizes[-1] or 1
    sizes.append(total)
    draw.shuffle(sizes)
    for _ in range(draw.choice([0, 1, 1, 2])):
        sizes[draw.randrange(len(sizes))] = -1
    if draw.random() < 0.2:
        sizes[draw.randrange(len(sizes))] += 1
    return Configuration("reshape", {"shape": sizes}, (shape,))


def permute(draw: Draw) -> Configuration:
    shape = draw.shape()
    dims = list(range(1, len(shape) + 1))
    draw.shuffle(dims)
    if draw.flag():
        dims = [dim - len(shape) - 1 if draw.flag() else dim for dim in dims]
    if draw.random() < 0.3:
        dims[draw.randrange(len(dims))] = draw.dim(shape)
    return Configuration("permute", {"dims": dims}, (shape,))


def pad(draw: Draw) -> Configuration:
    shape = draw.map(most=7)
    rank = len(shape) - 1
    other = draw.map(rank, most=12)
    arguments = draw.some(mode=draw.choice(["constant", "reflect", "replicate", "circular"]))
    arguments |= {"value": draw.choice([0, 1, Fraction(1, 2)])} if draw.random() < 0.2 else {}
    how = draw.random()
    if how < 0.6:
        arguments["padding"] = draw.padding(rank, 7, words=())
    elif how < 0.8:
        arguments["size"] = draw.per_axis(rank, 1, 12)
    if how > 0.75:
        return Configuration("pad", {**arguments, "like": "x"}, (shape, other))
    return Configuration("pad", arguments, (shape,))


def crop(draw: Draw) -> Configuration:
    shape = draw.map()
    rank = len(shape) - 1
    how = draw.random()
    if how < 0.4:
        return Configuration("crop", {"size": draw.per_axis(rank, 1, 9)}, (shape,))
    if how < 0.7:
        return Configuration("crop", {"margin": draw.padding(rank, 4, words=())}, (shape,))
    other = draw.map(rank if draw.random() < 0.9 else None, most=8)
    both = {"size": 1} if draw.random() < 0.1 else {}
    return Configuration("crop", {**both, "like": "x"}, (shape, other))


def slice_(draw: Draw) -> Configuration:
    shape = draw.shape()
    optional = {"start": draw.randint(-9, 9), "end": draw.randint(-9, 14), "step": draw.randint(0, 4)}
    return Configuration("slice", draw.some(dim=draw.dim(shape), **optional), (shape,))


def take(draw: Draw) -> Configuration:
    shape = draw.shape()
    indices = [draw.randint(-4, 4 if draw.random() < 0.2 else 2) for _ in range(draw.randint(1, 6))]
    return Configuration("take", {"indices": indices, **draw.some(dim=draw.dim(shape))}, (shape,))


def upsample(draw: Draw) -> Configuration:
    shape = draw.map(most=9)
    rank = len(shape) - 1
    modes = ["nearest", "nearest-exact", "area", "bicubic", ["linear", "bilinear", "trilinear"][rank - 1]]
    modes = modes if draw.random() < 0.85 else ["linear", "bilinear", "trilinear", "bicubic"]
    arguments = draw.some(mode=draw.choice(modes))
    if draw.random() < (0.7 if "linear" in arguments.get("mode", "") or arguments.get("mode") == "bicubic" else 0.1):
        arguments["align_corners"] = draw.flag()
    if draw.random() < (0.4 if arguments.get("mode") in ("bilinear", "bicubic") else 0.05):
        arguments["antialias"] = draw.flag()
    factors = [
        1,
        2,
        3,
        4,
        Fraction(1, 2),
        Fraction(3, 2),
        Fraction(1, 3),
        Fraction("0.7"),
        Fraction("1.1"),
        Fraction(1, 8),
    ]
    how = draw.random()
    if how < 0.6:
        scalar = draw.random() < 0.7
        arguments["scale_factor"] = draw.choice(factors) if scalar else [draw.choice(factors) for _ in range(rank)]
    elif how < 0.85:
        arguments["size"] = draw.per_axis(rank, 1, 20)
    if how > 0.83:
        return Configuration("upsample", {**arguments, "like": "x"}, (shape, draw.map(rank)))
    return Configuration("upsample", arguments, (shape,))


def pixel_shuffle(draw: Draw) -> Configuration:
    factor = draw.randint(1, 3)
    shape = draw.map(2 if draw.random() < 0.9 else None, channels=3)
    channels = shape[0] * factor**2 if draw.random() < 0.8 else draw.randint(1, 20)
    return Configuration("pixel_shuffle", {"upscale_factor": factor}, ((channels, *shape[1:]),))


def pixel_unshuffle(draw: Draw) -> Configuration:
    factor = draw.randint(1, 4)
    shape = draw.map(2 if draw.random() < 0.9 else None)
    sizes = tuple(n * factor if draw.random() < 0.8 else n for n in shape[1:])
    return Configuration("pixel_unshuffle", {"downscale_factor": factor}, ((shape[0], *sizes),))


def channel_shuffle(draw: Draw) -> Configuration:
    shape = draw.map(draw.randint(0, 3), channels=12)
    return Configuration("channel_shuffle", {"groups": draw.divisor(shape[0])}, (shape,))


def _merge(kind: str) -> Callable[[Draw], Configuration]:
    def merge(draw: Draw) -> Configuration:
        shape = draw.shape()
        shapes = [shape]
        for _ in range(draw.randint(1, 3)):
            near = tuple(1 if draw.random() < 0.2 else n + (draw.random() < 0.05) for n in shape)
            shapes.append(near if draw.random() < 0.95 else draw.shape())
        draw.shuffle(shapes)
        return Configuration(kind, {}, tuple(shapes))

    return merge


def concat(draw: Draw) -> Configuration:
    shape = draw.shape()
    arguments = draw.some(dim=draw.dim(shape))
    index = arguments.get("dim", 1) % (len(shape) + 1) - 1
    shapes = [shape]
    for _ in range(draw.randint(0, 3)):
        near = tuple(draw.size() if i == index else n + (draw.random() < 0.06) for i, n in enumerate(shape))
        shapes.append(near)
    if draw.random() < 0.05:
        shapes.append(draw.shape())
    return Configuration("concat", arguments, tuple(shapes))


def matmul(draw: Draw) -> Configuration:
    left = draw.map(draw.randint(0, 3))
    front = tuple(1 if draw.random() < 0.3 else n for n in left[:-2])
    inner = left[-1] if draw.random() < 0.8 else draw.size()
    right = (*front, inner, draw.size()) if draw.random() < 0.9 else draw.shape()
    return Configuration("matmul", {}, (left, right))


def attention(draw: Draw) -> Configuration:
    """Inputs that hold what the fields need, mostly; sizes that windows divide, mostly."""
    heads, key = draw.randint(1, 4), draw.choice([2, 3, 4, 4, 8])  # PyTorch's kernel refuses 1
    grouped = draw.divisor(heads) if draw.random() < 0.3 else heads
    value = key if draw.random() < 0.6 else draw.randint(1, 4)
    count, local = draw.choice([1, 1, 2, 3]), draw.choice([None, None, "window", "window", "grid", "dilation"])
    rank = draw.choice([1, 1, 2, 2, 3])
    numbers, groups = ([draw.randint(1, 3) for _ in range(rank)] for _ in range(2))
    sizes = [n * g + (draw.random() < 0.03) for n, g in zip(numbers, groups, strict=True)]
    others = sizes if local or draw.flag() else [draw.size(6) for _ in range(draw.randint(1, rank))]
    parts = [heads * key, grouped * key, grouped * value]
    held = {1: [sum(parts)], 2: [parts[0], sum(parts[1:])], 3: parts}[count]
    shapes = [(n + (draw.random() < 0.05), *(others if i else sizes)) for i, n in enumerate(held)]
    arguments: dict[str, Any] = {"num_heads": heads}
    arguments |= {"num_kv_heads": grouped} if grouped != heads else {}
    arguments |= {"key_dim": key} if count == 1 and (value != key or draw.flag()) else {}
    arguments |= {local: numbers} if local else {}
    if draw.random() < 0.6:
        arguments |= {"shift": draw.per_axis(rank, 0, 3)} if local == "window" or draw.random() < 0.03 else {}
    for name, words in ATTENTION_WORDS.items():
        arguments |= {name: draw.choice(words)} if draw.random() < 0.25 else {}
    if rank == 1 and draw.random() < 0.3:
        arguments |= draw.some(is_causal=True, rotary=True, prefix_tokens=draw.randint(0, 1))
    if draw.random() < 0.25:
        arguments["attn_mask"] = "mask"
        shapes.append(_mask(draw, heads, sizes, others, arguments))
    return Configuration("attention", arguments, tuple(shapes))


ATTENTION_WORDS: dict[str, list[Any]] = {
    "packing": ["heads"],
    "relative_bias": ["offset", "distance"],
    "qk_norm": ["layernorm", "rmsnorm", "l2"],
    "scale": ["learnt"],
    "rotary": [True],
    "dropout": [Fraction(1, 10), Fraction(1, 4)],
}


def _mask(draw: Draw, heads: int, sizes: list[int], others: list[int], arguments: dict[str, Any]) -> Shape:
    """A mask per query and key, per query and offset, or a table."""
    local = next((name for name in ("window", "grid", "dilation") if name in arguments), None)
    numbers = arguments.get(local, others) if local else others
    extents = [n // e for n, e in zip(sizes, numbers, strict=True)] if local == "dilation" else numbers
    keys, every, offsets = 1, 1, 1
    for extent in extents:
        keys, offsets = keys * extent, offsets * (2 * extent - 1)
    for size in sizes:
        every *= size
    rows = keys if local else every
    table = (heads, draw.choice([max(1, offsets), draw.randint(1, 9)]))
    shapes = [(heads, rows, keys), (1, rows, keys), (heads, 1, keys), (heads, rows, 2 * keys - 1), table, table]
    shape = draw.choice(shapes)
    return (*shape[:-1], shape[-1] + (draw.random() < 0.05))


def mean(draw: Draw) -> Configuration:
    shape = draw.shape()
    dims = [draw.dim(shape) for _ in range(draw.randint(1, 3))]
    dim = draw.choice(["spatial", dims, dims[0]])
    return Configuration("mean", draw.some(dim=dim, keepdim=draw.flag()), (shape,))


def _reduced(kind: str, **more: Callable[[Draw], Any]) -> Callable[[Draw], Configuration]:
    def reduced(draw: Draw) -> Configuration:
        config = mean(draw)
        return config._replace(
            kind=kind, arguments={**config.arguments, **draw.some(**{k: v(draw) for k, v in more.items()})}
        )

    return reduced


def glu(draw: Draw) -> Configuration:
    shape = draw.shape()
    arguments = draw.some(dim=draw.dim(shape), gate=draw.choice(["sigmoid", "silu", "gelu", "relu", "tanh"]))
    index = arguments.get("dim", 1) % (len(shape) + 1) - 1
    return Configuration(
        "glu", arguments, (tuple(n * 2 if i == index and draw.random() < 0.8 else n for i, n in enumerate(shape)),)
    )


def embedding(draw: Draw) -> Configuration:
    arguments = {
        "num_embeddings": draw.randint(0, 9),
        "embedding_dim": draw.randint(0 if draw.random() < 0.1 else 1, 9),
    }
    return Configuration("embedding", arguments, (draw.map(draw.randint(0, 2)),))


def cumsum(draw: Draw) -> Configuration:
    shape = draw.shape()
    return Configuration("cumsum", {"dim": draw.dim(shape)}, (shape,))


def l2norm(draw: Draw) -> Configuration:
    config = mean(draw)
    config.arguments.pop("keepdim", None)
    return config._replace(kind="l2norm", arguments={**config.arguments, **draw.some(eps=Fraction("1e-8"))})


def prelu(draw: Draw) -> Configuration:
    shape = draw.shape()
    count = draw.choice([1, shape[0], draw.randint(1, 8)])
    return Configuration("prelu", draw.some(num_parameters=count, init=Fraction(1, 10)), (shape,))


def _norm(draw: Draw, momentum: bool = True) -> dict[str, Any]:
    optional: dict[str, Any] = {"eps": Fraction("1e-3"), "affine": draw.flag(), "track_running_stats": draw.flag()}
    return {**optional, "momentum": Fraction(1, 100)} if momentum else optional


def layernorm(draw: Draw) -> Configuration:
    optional = {"eps": Fraction("1e-6"), "elementwise_affine": draw.flag(), "bias": draw.flag()}
    arguments = draw.some(axis=draw.choice(["channels", "last", "spatial", "all"]), **optional)
    return Configuration("layernorm", arguments, (draw.shape(),))


def rmsnorm(draw: Draw) -> Configuration:
    optional = {"eps": Fraction("1e-6"), "elementwise_affine": draw.flag()}
    axis = draw.choice(["channels", "last", "spatial", "all"])
    return Configuration("rmsnorm", draw.some(axis=axis, **optional), (draw.shape(),))


def groupnorm(draw: Draw) -> Configuration:
    shape = draw.map(draw.randint(0, 3), channels=12)
    optional = draw.some(eps=Fraction("1e-6"), affine=draw.flag())
    return Configuration("groupnorm", {"num_groups": draw.divisor(shape[0]), **optional}, (shape,))


def instancenorm(draw: Draw) -> Configuration:
    shape = draw.map(draw.randint(0, 3), most=2 if draw.flag() else 9)
    return Configuration("instancenorm", draw.some(**_norm(draw)), (shape,))


def lrn(draw: Draw) -> Configuration:
    optional = draw.some(alpha=Fraction(1, 1000), beta=Fraction(1, 2), k=2)
    return Configuration("lrn", {"size": draw.randint(0 if draw.random() < 0.1 else 1, 7), **optional}, (draw.shape(),))


def softmax(kind: str) -> Callable[[Draw], Configuration]:
    def generate(draw: Draw) -> Configuration:
        shape = draw.shape()
        return Configuration(kind, draw.some(dim=draw.dim(shape)), (shape,))

    return generate


def _recurrent(kind: str, optional: Callable[[Draw], dict[str, Any]] = lambda _: {}) -> Callable[[Draw], Configuration]:
    def recurrent(draw: Draw) -> Configuration:
        shape = draw.map(1 if draw.random() < 0.9 else draw.randint(0, 3))
        hidden = draw.randint(0 if draw.random() < 0.1 else 1, 8)
        both = {"bias": draw.flag(), "bidirectional": draw.flag(), "dropout": Fraction(draw.randint(-1, 11), 10)}
        layers = draw.randint(0 if draw.random() < 0.1 else 1, 3)
        arguments = {"hidden_size": hidden, **draw.some(num_layers=layers, **both, **optional(draw))}
        return Configuration(kind, arguments, (shape,))

    return recurrent


def roll(draw: Draw) -> Configuration:
    shape = draw.shape()
    dims = [draw.dim(shape) for _ in range(draw.randint(1, 3))]
    count = len(dims) if draw.random() < 0.9 else 3
    if draw.flag():
        return Configuration("roll", {"shifts": draw.choice([draw.randint(-20, 20), [1, -2]])}, (shape,))
    return Configuration("roll", {"shifts": [draw.randint(-20, 20) for _ in range(count)], "dims": dims}, (shape,))


def unfold(draw: Draw) -> Configuration:
    shape = draw.map(2 if draw.random() < 0.9 else None, channels=4, most=9)
    rank = len(shape) - 1
    optional = {"stride": draw.per_axis(rank, 1, 3), "dilation": draw.per_axis(rank, 1, 3)}
    arguments = {"kernel_size": draw.per_axis(rank, 1, 4), **draw.some(padding=draw.padding(rank, 3), **optional)}
    return Configuration("unfold", arguments, (shape,))


def fold(draw: Draw) -> Configuration:
    sizes, kernel = [draw.randint(1, 9) for _ in range(2)], [draw.randint(1, 4) for _ in range(2)]
    stride, dilation = ([draw.randint(1, 3) for _ in range(2)] for _ in range(2))
    pads = [[draw.randint(0, 2), draw.randint(0, 2)] if draw.random() < 0.3 else [1, 1] for _ in range(2)]
    axes = zip(sizes, kernel, stride, dilation, pads, strict=True)
    counts = [(n + sum(pair) - d * (f - 1) - 1) // s + 1 for n, f, s, d, pair in axes]
    counts = [max(1, count + (draw.random() < 0.05)) for count in counts]
    channels = draw.randint(1, 4) * (kernel[0] * kernel[1]) + (draw.random() < 0.1)
    windows = {"kernel_size": kernel, "stride": stride, "dilation": dilation, "padding": pads}
    return Configuration("fold", {"output_size": sizes, **windows}, ((channels, *counts),))


def blurpool(draw: Draw) -> Configuration:
    shape = draw.map()
    rank = len(shape) - 1
    arguments = draw.some(
        kernel_size=draw.per_axis(rank, 1, 5),
        stride=draw.per_axis(rank, 1, 3),
        padding=draw.padding(rank, 3, words=()),
        padding_mode=draw.choice(["zeros", "reflect", "replicate", "circular"]),
    )
    return Configuration("blurpool", arguments, (shape,))


def capsule(draw: Draw) -> Configuration:
    shape = draw.map(1 if draw.random() < 0.8 else None)
    arguments = {"capsules": draw.randint(1, 4), "dim": draw.randint(1, 4), **draw.some(routings=draw.randint(0, 3))}
    return Configuration("capsule", arguments, (shape,))


def rbf(draw: Draw) -> Configuration:
    return Configuration("rbf", {"classes": draw.randint(0, 9)}, (draw.map(0) if draw.flag() else draw.shape(),))


def _inplace(draw: Draw) -> dict[str, Any]:
    return {"inplace": draw.flag()}


def _rate(draw: Draw) -> Fraction:
    return Fraction(draw.randint(-3, 13), 10)


def _found(kind: str, draw_one: Callable[[Draw], detection.Found]) -> Callable[[Draw], Configuration]:
    return lambda draw: Configuration(kind, *draw_one(draw))


def _own_tensor(kind: str, always: dict[str, Any] | None = None, **more: Any) -> Callable[[Draw], Configuration]:
    """Joined with the input: what stands by itself reads nothing, and is tested by hand."""

    def own_tensor(draw: Draw) -> Configuration:
        shape = draw.shape()
        merge = draw.choice(["add", "multiply", "concat"])
        arguments: dict[str, Any] = {"merge": merge, **(always or {}), **draw.some(dim=draw.dim(shape), **more)}
        if merge == "concat" or draw.flag():
            index = arguments.get("dim", 2) % (len(shape) + 1) - 1 if merge == "concat" else -1
            near = [draw.size() if i == index or draw.random() < 0.05 else n for i, n in enumerate(shape)]
            ones = [1 if merge != "concat" and draw.random() < 0.3 else n for n in near]
            arguments["shape"] = ones if draw.random() < 0.95 else list(draw.shape())
        if draw.random() < 0.05:
            arguments["shape"] = [0, *shape[1:]]
        return Configuration(kind, arguments, (shape,))

    return own_tensor


CONFIGURATIONS: dict[str, Callable[[Draw], Configuration]] = {
    "conv": conv,
    "std_conv": std_conv,
    "conv_transpose": conv_transpose,
    "locally_connected": locally_connected,
    "grid_sample": _found("grid_sample", detection.grid_sample),
    "deform_conv": _found("deform_conv", detection.deform_conv),
    "roi_align": _found("roi_align", detection.roi_align),
    "nms": _found("nms", detection.nms),
    "maxpool": _pool(
        "maxpool",
        lambda d, rank: {"padding": d.padding(rank, 3), "dilation": d.per_axis(rank, 1, 3), "ceil_mode": d.flag()},
    ),
    "avgpool": _pool(
        "avgpool",
        lambda d, rank: {
            "padding": d.padding(rank, 3),
            "ceil_mode": d.flag(),
            "count_include_pad": d.flag(),
            **({"divisor_override": d.randint(0, 4)} if d.random() < 0.2 else {}),
        },
    ),
    "lppool": lppool,
    "subsample": _pool("subsample", lambda d, _: {}),
    "adaptive_avgpool": _adaptive("adaptive_avgpool"),
    "adaptive_maxpool": _adaptive("adaptive_maxpool"),
    "global_avgpool": _plain("global_avgpool"),
    "global_maxpool": _plain("global_maxpool"),
    "linear": linear,
    "capsule": capsule,
    "rbf": rbf,
    "lstm": _recurrent("lstm", lambda draw: {"proj_size": draw.randint(0, 6)}),
    "gru": _recurrent("gru"),
    "roll": roll,
    "take": take,
    "unfold": unfold,
    "fold": fold,
    "blurpool": blurpool,
    "rnn": _recurrent("rnn", lambda draw: {"nonlinearity": draw.choice(["tanh", "relu"])}),
    "flatten": flatten,
    "reshape": reshape,
    "permute": permute,
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
    "channel_shuffle": channel_shuffle,
    "pad": pad,
    "crop": crop,
    "upsample": upsample,
    "slice": slice_,
    "mean": mean,
    "sum": _reduced("sum"),
    "max": _reduced("max"),
    "var": _reduced("var", correction=lambda d: d.randint(0, 1)),
    "std": _reduced("std", correction=lambda d: d.randint(0, 1)),
    "cumsum": cumsum,
    "glu": glu,
    "embedding": embedding,
    "rmsnorm": rmsnorm,
    "grn": _plain("grn", lambda _: {"eps": Fraction("1e-4")}),
    "drop_path": _plain("drop_path", lambda d: {"p": _rate(d)}),
    "add": _merge("add"),
    "subtract": _merge("subtract"),
    "multiply": _merge("multiply"),
    "divide": _merge("divide"),
    "concat": concat,
    "parameter": _own_tensor("parameter"),
    "constant": _own_tensor("constant", {"value": Fraction(1, 2)}, buffer=True),
    "matmul": matmul,
    "attention": attention,
    **{kind: _plain(kind) for kind in ("sigmoid", "tanh", "abs", "identity")},
    **{kind: _plain(kind, _inplace) for kind in ("relu", "relu6", "selu", "silu", "mish", "hardswish", "hardsigmoid")},
    "leaky_relu": _plain("leaky_relu", lambda d: {"negative_slope": Fraction(1, 5), **_inplace(d)}),
    "prelu": prelu,
    "elu": _plain("elu", lambda d: {"alpha": d.randint(-1, 2), **_inplace(d)}),
    "celu": _plain("celu", lambda d: {"alpha": d.randint(-1, 2), **_inplace(d)}),
    "gelu": _plain("gelu", lambda d: {"approximate": d.choice(["none", "tanh", "erf"])}),
    "hardtanh": _plain("hardtanh", lambda d: {"min_val": d.randint(-3, 2), "max_val": d.randint(-2, 3), **_inplace(d)}),
    "softplus": _plain("softplus", lambda d: {"beta": d.randint(1, 3), "threshold": d.randint(1, 30)}),
    "rescale": _plain("rescale", lambda d: {"factor": d.choice([1, 3, Fraction("-0.5")]), "offset": d.randint(-1, 1)}),
    "softmax": softmax("softmax"),
    "log_softmax": softmax("log_softmax"),
    "batchnorm": _plain("batchnorm", _norm),
    "layernorm": layernorm,
    "groupnorm": groupnorm,
    "instancenorm": instancenorm,
    "lrn": lrn,
    "l2norm": l2norm,
    "scale": _plain("scale", _scale),
    "dropout": _plain("dropout", lambda d: {"p": _rate(d), "mode": d.choice(["element", "channel"]), **_inplace(d)}),
}
