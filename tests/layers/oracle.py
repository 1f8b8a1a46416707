"""The layers as PyTorch has them, built from a spec's arguments: one row per kind that PyTorch has.

`Refused` is raised where a spec is stricter than PyTorch by design; each such place says why. Nothing here is taken
from cnncalc, so that the two can disagree.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from . import attention_oracle

Arguments = dict[str, Any]
Shapes = tuple[tuple[int, ...], ...]


class Refused(Exception):  # noqa: N818 - an answer
    """A spec refuses what PyTorch would do with this, on purpose."""


class Apply(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *tensors: Tensor) -> Tensor:
        return self.function(*tensors)


def refuse(wrong: bool, why: str) -> None:
    if wrong:
        raise Refused(why)


def plain(arguments: Arguments) -> Arguments:
    """As PyTorch takes them: tuples for lists, floats for fractions."""

    def convert(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(map(convert, value))
        return float(value) if isinstance(value, Fraction) else value

    return {name: convert(value) for name, value in arguments.items()}


def ranked(name: str, shapes: Shapes) -> Callable[..., nn.Module]:
    """nn.Conv2d for a map of two axes, and so on."""
    rank = len(shapes[0]) - 1
    refuse(not 1 <= rank <= 3, "not a map")
    return getattr(nn, f"{name}{rank}d")


def axes(value: Any, rank: int) -> list[Any]:
    values = list(value) if isinstance(value, list | tuple) else [value] * rank
    refuse(len(values) != rank, "PyTorch notices a wrong length only where it uses the list")
    return values


# sliding layers: PyTorch's own padding where it has it, and F.pad before the layer without padding where it has not


def pairs(a: Arguments, shape: tuple[int, ...]) -> list[list[int]]:
    """Padding per axis, low and high. `same` by search: the least total that makes ⌈N/S⌉ windows, TensorFlow's rule."""
    rank, padding = len(shape) - 1, a.get("padding", 0)
    if padding == "valid":
        padding = 0
    if padding != "same":
        return [list(p) if isinstance(p, list) else [p, p] for p in axes(padding, rank)]
    found = []
    stride = a.get("stride") or a["kernel_size"]
    for n, f, s, d in zip(
        *(axes(v, rank) for v in (shape[1:], a["kernel_size"], stride, a.get("dilation", 1))), strict=True
    ):
        total = next(t for t in range(1000) if (n + t - d * (f - 1) - 1) // s + 1 >= -(-n // s))
        found.append([total // 2, total - total // 2])
    return found


def flat(pads: list[list[int]]) -> list[int]:
    """In F.pad's order: the last axis first."""
    return [side for pair in reversed(pads) for side in pair]


def padded_before(module: nn.Module, pads: list[list[int]], mode: str, value: float = 0.0) -> nn.Module:
    extra = {"value": value} if mode == "constant" else {}
    module.register_forward_pre_hook(lambda _, inputs: (F.pad(inputs[0], flat(pads), mode, **extra), *inputs[1:]))
    return module


def conv(a: Arguments, shapes: Shapes) -> nn.Module:
    cls, channels = ranked("Conv", shapes), shapes[0][0]
    padding, stride = a.get("padding", 0), axes(a.get("stride", 1), len(shapes[0]) - 1)
    rest = plain({k: v for k, v in a.items() if k != "padding"})
    own = padding == "valid" or (padding == "same" and set(stride) == {1})
    if own or (padding != "same" and all(low == high for low, high in pairs(a, shapes[0]))):
        padding = padding if own else tuple(low for low, _ in pairs(a, shapes[0]))
        return cls(channels, padding=padding, **rest)
    refuse(0 in stride, "a stride of zero")
    mode = rest.pop("padding_mode", "zeros")
    return padded_before(cls(channels, **rest), pairs(a, shapes[0]), "constant" if mode == "zeros" else mode)


def std_conv(a: Arguments, shapes: Shapes) -> nn.Module:
    """A convolution whose weight is normalized by its own mean and variance before it runs."""
    rest = {k: v for k, v in a.items() if k not in ("gain", "gamma", "eps")}
    module, eps, gamma = conv(rest, shapes), float(a.get("eps", 1e-6)), float(a.get("gamma", 1))
    if a.get("gain", False):
        module.gain = nn.Parameter(torch.ones(module.out_channels, *[1] * len(shapes[0])))
    forward = module._conv_forward

    refuse(module.weight[0].numel() == 1, "PyTorch's batch norm refuses one number")

    def standardized(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        each = weight.flatten(1)
        n = each.shape[1]
        each = (each - each.mean(1, keepdim=True)) / (each.var(1, keepdim=True, unbiased=False) + eps).sqrt()
        if a.get("gain", False):
            each = each * module.gain.flatten(1) * gamma * n**-0.5
        return forward(x, each.view_as(weight), bias)

    module._conv_forward = standardized
    return module


def conv_transpose(a: Arguments, shapes: Shapes) -> nn.Module:
    cls, pads = ranked("ConvTranspose", shapes), pairs(a, shapes[0])
    rest = plain({k: v for k, v in a.items() if k != "padding"})
    if all(low == high for low, high in pads):
        return cls(shapes[0][0], padding=tuple(low for low, _ in pads), **rest)
    module = cls(shapes[0][0], **rest)
    module.register_forward_hook(lambda _m, _i, out: F.pad(out, [-side for side in flat(pads)]))
    return module


def pooled(name: str, value: float) -> Callable[[Arguments, Shapes], nn.Module]:
    def pool(a: Arguments, shapes: Shapes) -> nn.Module:
        cls, shape = ranked(name, shapes), shapes[0]
        rank, pads = len(shape) - 1, pairs(a, shape)
        for field in ("stride", "dilation"):
            refuse(0 in axes(a.get(field, 1), rank), f"a {field} of zero")
        axes(a["kernel_size"], rank)
        rest = plain({k: v for k, v in a.items() if k != "padding"})
        if "padding" not in a:
            return cls(**rest)
        if all(low == high for low, high in pads) and a["padding"] != "same":
            return cls(padding=tuple(low for low, _ in pads), **rest)
        return _pool_after_pad(cls(**rest), a, shape, pads, value)

    return pool


def _pool_after_pad(module: nn.Module, a: Arguments, shape: tuple[int, ...], pads: Any, value: float) -> nn.Module:
    """Pooling over what F.pad made. With ceil_mode the windows that start in the high padding are taken off again:
    PyTorch's rule is that a window starts in the input or its low padding, and F.pad hides which is which."""
    rank = len(shape) - 1
    kernel, dilation = axes(a["kernel_size"], rank), axes(a.get("dilation", 1), rank)
    for (low, high), f, d in zip(pads, kernel, dilation, strict=True):
        most = f // 2 if low == high else d * (f - 1)
        refuse(a["padding"] != "same" and max(low, high) > most, "a window would see padding alone")
    padded_before(module, pads, "constant", value)
    stride = axes(a.get("stride", a["kernel_size"]), rank)
    starts = [-(-(n + low) // s) for n, s, (low, _) in zip(shape[1:], stride, pads, strict=True)]
    module.register_forward_hook(lambda _m, _i, out: out[(..., *(slice(0, most) for most in starts))])
    return module


def lppool(a: Arguments, shapes: Shapes) -> nn.Module:
    rank = len(shapes[0]) - 1
    refuse(0 in axes(a.get("stride", 1), rank), "a stride of zero")
    kernel = axes(a["kernel_size"], rank)
    if rank == 1:  # LPPool1d takes no list
        a = {**a, "kernel_size": kernel[0], **({"stride": axes(a["stride"], 1)[0]} if "stride" in a else {})}
    return ranked("LPPool", shapes)(**plain(a))


def adaptive(name: str) -> Callable[[Arguments, Shapes], nn.Module]:
    def build(a: Arguments, shapes: Shapes) -> nn.Module:
        cls = ranked(name, shapes)
        return cls(tuple(axes(a["output_size"], len(shapes[0]) - 1)))

    return build


# vectors


def linear(a: Arguments, shapes: Shapes) -> nn.Module:
    (shape,) = shapes
    refuse(len(shape) > 1 and "axis" not in a, "PyTorch would act on the last axis in silence")
    channels = a.get("axis") == "channels"
    module = nn.Linear(shape[0 if channels else -1], a["out_features"], a.get("bias", True))
    return channels_last(module) if channels else module


def layernorm(a: Arguments, shapes: Shapes) -> nn.Module:
    (shape,) = shapes
    refuse(len(shape) > 1 and "axis" not in a, "PyTorch would act on the last axis in silence")
    return normalization(nn.LayerNorm, a, shape)


def normalization(kind: Callable[..., nn.Module], a: Arguments, shape: tuple[int, ...]) -> nn.Module:
    axis = a.get("axis")
    sizes = {"channels": shape[:1], "spatial": shape[1:] or shape, "all": shape}.get(axis, shape[-1:])
    module = kind(sizes, **plain({k: v for k, v in a.items() if k != "axis"}))
    return channels_last(module) if axis == "channels" else module


def channels_last(module: nn.Module) -> nn.Module:
    module.register_forward_pre_hook(lambda _, inputs: (inputs[0].movedim(1, -1),))
    module.register_forward_hook(lambda _m, _i, out: out.movedim(-1, 1))
    return module


# shape, order, size


def not_the_batch(dims: Any, shape: tuple[int, ...]) -> None:
    for dim in dims if isinstance(dims, list) else [dims]:
        refuse(dim in (0, -len(shape) - 1), "a layer leaves the batch alone")


def flatten(a: Arguments, shapes: Shapes) -> nn.Module:
    not_the_batch([a.get("start_dim", 1), a.get("end_dim", -1)], shapes[0])
    return nn.Flatten(**a)


def image_only(cls: Callable[..., nn.Module]) -> Callable[[Arguments, Shapes], nn.Module]:
    def build(a: Arguments, shapes: Shapes) -> nn.Module:
        refuse(len(shapes[0]) != 3, "PyTorch takes other ranks for a batch of batches, or for no batch")
        return cls(*a.values())

    return build


def target_pads(a: Arguments, shapes: Shapes, grow: bool) -> list[list[int]]:
    """Rows at the low and the high side between an input and the size wanted: half of them, rounded down, low."""
    rank = len(shapes[0]) - 1
    if "like" in a:
        refuse(len(shapes[0]) != len(shapes[1]), "another rank")
        target = list(shapes[1][1:])
    else:
        target = axes(a["size"], rank)
    rows = [to - n if grow else n - to for to, n in zip(target, shapes[0][1:], strict=True)]
    refuse(min(rows) < 0, "pad does not crop, and crop does not pad")
    return [[d // 2, d - d // 2] for d in rows]


def only_one(a: Arguments, *names: str) -> None:
    refuse(len(a.keys() & set(names)) != 1, "one of them")


def pad(a: Arguments, shapes: Shapes) -> nn.Module:
    only_one(a, "padding", "size", "like")
    pads = pairs(a, shapes[0]) if "padding" in a else target_pads(a, shapes, grow=True)
    value = {"value": float(a["value"])} if a.get("value") else {}
    return Apply(lambda x, *_: F.pad(x, flat(pads), a.get("mode", "constant"), **value))


def crop(a: Arguments, shapes: Shapes) -> nn.Module:
    only_one(a, "margin", "size", "like")
    pads = pairs({"padding": a["margin"]}, shapes[0]) if "margin" in a else target_pads(a, shapes, grow=False)
    parts = tuple(slice(low, max(0, n - high)) for n, (low, high) in zip(shapes[0][1:], pads, strict=True))
    return Apply(lambda x, *_: x[(slice(None), slice(None), *parts)])


def upsample(a: Arguments, shapes: Shapes) -> nn.Module:
    only_one(a, "size", "scale_factor", "like")
    a = {**a, "size": list(shapes[1][1:])} if "like" in a else a
    for field in a.keys() & {"size", "scale_factor"}:
        axes(a[field], len(shapes[0]) - 1)
    if "antialias" in a:  # which nn.Upsample lacks
        return Apply(lambda x, *_: F.interpolate(x, **plain({k: v for k, v in a.items() if k != "like"})))
    module = nn.Upsample(**plain({k: v for k, v in a.items() if k != "like"}))
    module.register_forward_pre_hook(lambda _, inputs: inputs[:1])
    return module


def slice_(a: Arguments, shapes: Shapes) -> nn.Module:
    dim = a.get("dim", 1)
    not_the_batch(dim, shapes[0])
    refuse(not -len(shapes[0]) <= dim <= len(shapes[0]), "out of range")
    part = slice(a.get("start", 0), a.get("end"), a.get("step", 1))
    return Apply(lambda x: x[(*(slice(None) for _ in range(dim % x.dim())), part)])


def take(a: Arguments, shapes: Shapes) -> nn.Module:
    dim = a.get("dim", 1)
    not_the_batch(dim, shapes[0])
    refuse(not -len(shapes[0]) <= dim <= len(shapes[0]), "out of range")
    return Apply(lambda x: x.index_select(dim, torch.arange(x.shape[dim])[a["indices"]].to(x.device)))


def mean(a: Arguments, shapes: Shapes) -> nn.Module:
    dim = a.get("dim", "spatial")
    refuse(dim == "spatial" and len(shapes[0]) == 1, "a vector has no spatial axis")
    dim = list(range(2, len(shapes[0]) + 1)) if dim == "spatial" else dim
    not_the_batch(dim, shapes[0])
    return Apply(lambda x: x.mean(dim, keepdim=a.get("keepdim", False)))


def grid_sample(a: Arguments, shapes: Shapes) -> nn.Module:
    refuse(len(shapes[0]) != len(shapes[1]) or len(shapes[0]) < 3, "PyTorch has no grid for one axis")
    how = {"align_corners": False, **a}
    return Apply(lambda x, grid: F.grid_sample(x, grid.movedim(1, -1), **how))


def reduced(function: Callable[..., Tensor]) -> Callable[[Arguments, Shapes], nn.Module]:
    def build(a: Arguments, shapes: Shapes) -> nn.Module:
        dim = a.get("dim", "spatial")
        refuse(dim == "spatial" and len(shapes[0]) == 1, "a vector has no spatial axis")
        dim = list(range(2, len(shapes[0]) + 1)) if dim == "spatial" else dim
        not_the_batch(dim, shapes[0])
        more = {name: value for name, value in a.items() if name in ("keepdim", "correction")}
        return Apply(lambda x: function(x, dim, **more))

    return build


def cumsum(a: Arguments, shapes: Shapes) -> nn.Module:
    not_the_batch(a["dim"], shapes[0])
    return Apply(lambda x: torch.cumsum(x, a["dim"]))


def glu(a: Arguments, shapes: Shapes) -> nn.Module:
    dim, gate = a.get("dim", 1), a.get("gate", "sigmoid")
    not_the_batch(dim, shapes[0])
    if gate == "sigmoid":
        return nn.GLU(dim)

    def halves(x: Tensor) -> Tensor:
        first, second = x.unflatten(dim, (2, -1)).unbind(dim if dim >= 0 else dim - 1)
        return first * getattr(F, gate)(second)

    return Apply(halves)


def embedding(a: Arguments, shapes: Shapes) -> nn.Module:
    refuse(0 in (a["num_embeddings"], a["embedding_dim"]), "an empty table")
    module = nn.Embedding(**a)
    module.register_forward_pre_hook(lambda _, inputs: (inputs[0].long().clamp(0, a["num_embeddings"] - 1),))
    module.register_forward_hook(lambda _m, _i, out: out.movedim(-1, 1))
    return module


def rmsnorm(a: Arguments, shapes: Shapes) -> nn.Module:
    (shape,) = shapes
    refuse(len(shape) > 1 and "axis" not in a, "PyTorch would act on the last axis in silence")
    return normalization(nn.RMSNorm, a, shape)


def l2norm(a: Arguments, shapes: Shapes) -> nn.Module:
    dim = a.get("dim", 1)
    refuse(dim == "spatial" and len(shapes[0]) == 1, "a vector has no spatial axis")
    dim = list(range(2, len(shapes[0]) + 1)) if dim == "spatial" else dim
    not_the_batch(dim, shapes[0])
    return Apply(lambda x: F.normalize(x, dim=dim, **plain({k: v for k, v in a.items() if k == "eps"})))


class Grn(nn.Module):
    """As the authors of ConvNeXt V2 write it, channels last."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.ones(channels))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        length = x.square().sum(tuple(range(1, x.dim() - 1)), keepdim=True).sqrt()
        part = length / (length.mean(-1, keepdim=True) + self.eps)
        return (self.weight * (x * part) + self.bias + x).movedim(-1, 1)


def grn(a: Arguments, shapes: Shapes) -> nn.Module:
    refuse(not 2 <= len(shapes[0]) <= 4, "not a map")
    return Grn(shapes[0][0], **plain(a))


def drop_path(a: Arguments, shapes: Shapes) -> nn.Module:
    nn.Dropout(**plain(a))  # which refuses what is no probability
    return nn.Identity()


# joining


def merge(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Arguments, Shapes], nn.Module]:
    def build(_: Arguments, shapes: Shapes) -> nn.Module:
        refuse(len({len(shape) for shape in shapes}) > 1, "PyTorch would match the batch with an axis")

        def join(first: Tensor, *others: Tensor) -> Tensor:
            for other in others:
                first = function(first, other)
            return first

        return Apply(join)

    return build


def concat(a: Arguments, shapes: Shapes) -> nn.Module:
    not_the_batch(a.get("dim", 1), shapes[0])
    return Apply(lambda *tensors: torch.cat(tensors, a.get("dim", 1)))


def matmul(_: Arguments, shapes: Shapes) -> nn.Module:
    refuse(len({len(shape) for shape in shapes}) > 1 or len(shapes[0]) < 2, "PyTorch would multiply over the batch")
    return Apply(torch.matmul)


class OwnTensor(nn.Module):
    """A tensor of the module's own, joined with the input."""

    def __init__(self, a: Arguments, shape: tuple[int, ...], learned: bool) -> None:
        super().__init__()
        self.join = {"add": torch.add, "multiply": torch.mul}.get(a["merge"])
        self.dim = a.get("dim", 2)
        tensor = torch.randn(a.get("shape", shape))
        if learned:
            self.weight = nn.Parameter(tensor)
        elif a.get("buffer"):
            self.register_buffer("weight", torch.full_like(tensor, float(a.get("value", 1))))
        else:
            self.value = float(a.get("value", 1))
            self.shape = tensor.shape

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight if hasattr(self, "weight") else x.new_full(self.shape, self.value)
        repeated = torch.stack([weight] * len(x))
        return torch.cat([repeated, x], self.dim) if self.join is None else self.join(x, repeated)


def own_tensor(learned: bool) -> Callable[[Arguments, Shapes], nn.Module]:
    def build(a: Arguments, shapes: Shapes) -> nn.Module:
        shape = a.get("shape", shapes[0])
        refuse(a["merge"] == "concat" and "shape" not in a, "what is put in front has a size of its own")
        refuse(len(shape) != len(shapes[0]) or 0 in shape, "PyTorch would match the batch with an axis")
        if a["merge"] == "concat":
            not_the_batch(a.get("dim", 2), shapes[0])
        return OwnTensor(a, shapes[0], learned)

    return build


def attention(a: Arguments, shapes: Shapes) -> nn.Module:
    try:
        return attention_oracle.Dense(a, shapes)
    except attention_oracle.Refused as error:
        raise Refused("these inputs and fields") from error


# activation, normalization


def elementwise(cls: Callable[..., nn.Module]) -> Callable[[Arguments, Shapes], nn.Module]:
    return lambda a, _: cls(**plain(a))


def softmax(cls: Callable[..., nn.Module]) -> Callable[[Arguments, Shapes], nn.Module]:
    def build(a: Arguments, shapes: Shapes) -> nn.Module:
        not_the_batch(a.get("dim", 1), shapes[0])
        return cls(a.get("dim", 1))

    return build


def recurrent(cls: type[nn.Module]) -> Callable[[Arguments, Shapes], nn.Module]:
    class Sequences(cls):  # type: ignore[misc, valid-type] # of [batch, channels, steps], of which the output alone
        def forward(self, x: Tensor) -> Tensor:
            output: Tensor = super().forward(x.transpose(1, 2))[0]
            return output.transpose(1, 2)

    def build(a: Arguments, shapes: Shapes) -> nn.Module:
        refuse(len(shapes[0]) != 2, "PyTorch takes a vector, or an image, for a sequence without a batch")
        idle = a.get("num_layers", 1) == 1 and 0 <= a.get("dropout", 0) <= 1  # of which PyTorch warns
        rest = {k: v for k, v in a.items() if k != "dropout" or not idle}
        return Sequences(shapes[0][0], batch_first=True, **plain(rest))

    return build


def roll(a: Arguments, shapes: Shapes) -> nn.Module:
    rank = len(shapes[0])
    dims = a.get("dims", list(range(2, rank + 1)))
    for dim in dims:
        not_the_batch(dim, shapes[0])
    refuse(not dims, "a vector has no spatial axes")
    refuse("dims" not in a and rank > 4, "not a map")
    refuse(len({dim % (rank + 1) for dim in dims}) < len(dims), "a dimension twice, which PyTorch rolls twice")
    shifts = a["shifts"] if isinstance(a["shifts"], list) else [a["shifts"]] * len(dims)
    shifts = shifts * len(dims) if len(shifts) == 1 else shifts
    return Apply(lambda x: torch.roll(x, shifts, dims))


def unfold(a: Arguments, shapes: Shapes) -> nn.Module:
    refuse(len(shapes[0]) != 3, "PyTorch takes [C, H, W] for an image without a batch")
    pads, rest = pairs({"stride": 1, **a}, shapes[0]), plain({k: v for k, v in a.items() if k != "padding"})
    kernel, stride, dilation = (axes(a.get(field, 1), 2) for field in ("kernel_size", "stride", "dilation"))
    each = zip(shapes[0][1:], pads, kernel, stride, dilation, strict=True)
    counts = [(n + sum(pair) - d * (f - 1) - 1) // s + 1 for n, pair, f, s, d in each]
    laid = padded_before(nn.Unfold(**rest), pads, "constant")
    return Apply(lambda x: laid(x).unflatten(2, counts))


def fold(a: Arguments, shapes: Shapes) -> nn.Module:
    sizes = [n + sum(pair) for n, pair in zip(a["output_size"], a["padding"], strict=True)]
    rest = plain({k: v for k, v in a.items() if k not in ("padding", "output_size")})
    each = zip(sizes, a["kernel_size"], a["stride"], a["dilation"], strict=True)
    counts = tuple((n - d * (f - 1) - 1) // s + 1 for n, f, s, d in each)
    refuse(counts != shapes[0][1:], "PyTorch sees the number of windows, not where they are")
    laid = nn.Fold(tuple(sizes), **rest)
    return Apply(lambda x: F.pad(laid(x.flatten(2)), [-side for side in flat(a["padding"])]))


class Blurred(nn.Module):
    """The coefficients by repeated convolution with [1, 1], as Pascal's triangle has them."""

    def __init__(self, kernel: list[int], stride: list[int], pads: list[list[int]], mode: str, channels: int) -> None:
        super().__init__()
        filt = torch.ones(())
        for size in kernel:
            row = [1.0]
            for _ in range(size - 1):
                row = [a + b for a, b in zip([0.0, *row], [*row, 0.0], strict=True)]
            filt = filt[..., None] * torch.tensor(row) / sum(row)
        self.register_buffer("filt", filt.expand(channels, 1, *kernel).clone())
        self.stride, self.pads, self.mode = stride, flat(pads), "constant" if mode == "zeros" else mode

    def forward(self, x: Tensor) -> Tensor:
        conv = getattr(F, f"conv{x.dim() - 2}d")
        return conv(F.pad(x, self.pads, self.mode), self.filt, None, self.stride, 0, 1, x.shape[1])


def blurpool(a: Arguments, shapes: Shapes) -> nn.Module:
    rank = len(shapes[0]) - 1
    refuse(not 1 <= rank <= 3, "not a map")
    kernel, stride = axes(a.get("kernel_size", 3), rank), axes(a.get("stride", 2), rank)
    pads = pairs(a, shapes[0]) if "padding" in a else [[(size - 1) // 2, size // 2] for size in kernel]
    return Blurred(kernel, stride, pads, a.get("padding_mode", "reflect"), shapes[0][0])


def batchnorm(a: Arguments, shapes: Shapes) -> nn.Module:
    return getattr(nn, f"BatchNorm{max(1, len(shapes[0]) - 1)}d")(shapes[0][0], **plain(a))


def dropout(a: Arguments, shapes: Shapes) -> nn.Module:
    rest = plain({k: v for k, v in a.items() if k != "mode"})
    cls = ranked("Dropout", shapes) if a.get("mode") == "channel" else nn.Dropout
    return cls(**rest)


BUILDERS: dict[str, Callable[[Arguments, Shapes], nn.Module]] = {
    "conv": conv,
    "std_conv": std_conv,
    "conv_transpose": conv_transpose,
    "maxpool": pooled("MaxPool", float("-inf")),
    "avgpool": pooled("AvgPool", 0.0),
    "lppool": lppool,
    "adaptive_avgpool": adaptive("AdaptiveAvgPool"),
    "adaptive_maxpool": adaptive("AdaptiveMaxPool"),
    "global_avgpool": lambda _, shapes: ranked("AdaptiveAvgPool", shapes)(1),
    "global_maxpool": lambda _, shapes: ranked("AdaptiveMaxPool", shapes)(1),
    "linear": linear,
    "lstm": recurrent(nn.LSTM),
    "gru": recurrent(nn.GRU),
    "roll": roll,
    "take": take,
    "unfold": unfold,
    "fold": fold,
    "blurpool": blurpool,
    "rnn": recurrent(nn.RNN),
    "flatten": flatten,
    "reshape": lambda a, _: Apply(lambda x: x.reshape(len(x), *a["shape"])),
    "permute": lambda a, _: Apply(lambda x: x.permute(0, *a["dims"])),
    "pixel_shuffle": image_only(nn.PixelShuffle),
    "pixel_unshuffle": image_only(nn.PixelUnshuffle),
    "channel_shuffle": elementwise(nn.ChannelShuffle),
    "pad": pad,
    "crop": crop,
    "upsample": upsample,
    "grid_sample": grid_sample,
    "slice": slice_,
    "mean": mean,
    "sum": reduced(torch.sum),
    "max": reduced(torch.amax),
    "var": reduced(torch.var),
    "std": reduced(torch.std),
    "cumsum": cumsum,
    "glu": glu,
    "embedding": embedding,
    "rmsnorm": rmsnorm,
    "grn": grn,
    "drop_path": drop_path,
    "add": merge(torch.add),
    "subtract": merge(torch.sub),
    "multiply": merge(torch.mul),
    "divide": merge(torch.div),
    "concat": concat,
    "parameter": own_tensor(learned=True),
    "constant": own_tensor(learned=False),
    "matmul": matmul,
    "attention": attention,
    "relu": elementwise(nn.ReLU),
    "relu6": elementwise(nn.ReLU6),
    "leaky_relu": elementwise(nn.LeakyReLU),
    "prelu": elementwise(nn.PReLU),
    "elu": elementwise(nn.ELU),
    "selu": elementwise(nn.SELU),
    "celu": elementwise(nn.CELU),
    "gelu": elementwise(nn.GELU),
    "silu": elementwise(nn.SiLU),
    "mish": elementwise(nn.Mish),
    "sigmoid": elementwise(nn.Sigmoid),
    "tanh": elementwise(nn.Tanh),
    "abs": lambda _a, _s: Apply(torch.abs),
    "hardswish": elementwise(nn.Hardswish),
    "hardsigmoid": elementwise(nn.Hardsigmoid),
    "hardtanh": elementwise(nn.Hardtanh),
    "softplus": elementwise(nn.Softplus),
    "rescale": lambda a, _: Apply(lambda x: x * plain(a).get("factor", 1) + plain(a).get("offset", 0)),
    "softmax": softmax(nn.Softmax),
    "log_softmax": softmax(nn.LogSoftmax),
    "batchnorm": batchnorm,
    "layernorm": layernorm,
    "groupnorm": lambda a, shapes: nn.GroupNorm(num_channels=shapes[0][0], **plain(a)),
    "instancenorm": lambda a, shapes: ranked("InstanceNorm", shapes)(shapes[0][0], **plain(a)),
    "lrn": elementwise(nn.LocalResponseNorm),
    "l2norm": l2norm,
    "dropout": dropout,
    "identity": elementwise(nn.Identity),
}
