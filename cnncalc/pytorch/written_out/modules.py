"""Layers of single papers, and pooling, padding and cropping beyond PyTorch's own."""

# ruff: noqa: D102, B905
from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn


class ConnectedConv(nn.Module):
    """Convolution with a table: each filter reads the input channels in its row."""

    def __init__(
        self,
        connections: list[list[int]],
        kernel_size: list[int],
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.stride, self.dilation = stride, dilation
        self.connections = connections
        self.rows = [len(row) for row in connections]
        self.weight = nn.Parameter(torch.empty(sum(self.rows), *kernel_size))
        self.bias = nn.Parameter(torch.empty(len(connections))) if bias else None
        self.register_buffer("index", self.channels(), persistent=False)
        with torch.no_grad():
            for number, kernels in enumerate(torch.split(self.weight, self.rows)):
                bound = 1 / math.sqrt(kernels.numel())
                kernels.uniform_(-bound, bound)
                if self.bias is not None:
                    self.bias[number].uniform_(-bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        x = x.index_select(1, self.get_buffer("index"))
        conv = getattr(F, f"conv{x.dim() - 2}d")
        weight = self.weight.unsqueeze(1)
        groups = len(weight)
        x = conv(x, weight, None, self.stride, 0, self.dilation, groups)
        x = torch.stack([part.sum(1) for part in torch.split(x, self.rows, 1)], 1)
        if self.bias is not None:
            x = x + self.bias.view(-1, *[1] * (x.dim() - 2))
        return x

    def channels(self) -> Tensor:
        each = [channel for row in self.connections for channel in row]
        return torch.tensor(each, device=self.weight.device)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.index = self.channels()  # to_empty leaves it uninitialised
        return self


class LocallyConnected(nn.Module):
    """Convolution with separate weights at every position."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        output_size: list[int],
        kernel_size: list[int],
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        axes = len(kernel_size)
        self.kernel_size = kernel_size
        self.stride = stride if isinstance(stride, tuple) else (stride,) * axes
        self.dilation = dilation if isinstance(dilation, tuple) else (dilation,) * axes
        output = [out_channels, *output_size]
        self.weight = nn.Parameter(torch.empty(*output, in_channels, *kernel_size))
        self.bias = nn.Parameter(torch.empty(output)) if bias else None
        bound = 1 / math.sqrt(in_channels * math.prod(kernel_size))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        axes = len(self.kernel_size)
        for axis, kernel in enumerate(self.kernel_size):
            dilation = self.dilation[axis]
            reach = dilation * (kernel - 1) + 1
            x = x.unfold(axis + 2, reach, self.stride[axis])[..., ::dilation]
        # One matrix product per position: [positions, batch, read], one copy.
        size, read = x.shape[2 : axes + 2], range(axes + 2, 2 * axes + 2)
        x = x.permute(*range(2, axes + 2), 0, 1, *read)
        x = x.clone(memory_format=torch.contiguous_format).flatten(0, axes - 1)
        weight = self.weight.flatten(1, axes).movedim(0, 1).flatten(2)
        x = torch.bmm(x.flatten(2), weight.mT).permute(1, 2, 0)
        x = x.reshape(*x.shape[:2], *size)
        return x if self.bias is None else x + self.bias


class Subsample(nn.Module):
    """The sum of each window, times a trainable coefficient, plus a trainable bias."""

    def __init__(
        self,
        channels: int,
        kernel_size: list[int],
        stride: list[int] | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride or kernel_size
        self.area = math.prod(kernel_size)
        self.weight = nn.Parameter(torch.full((channels,), 1 / self.area))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        pool = getattr(F, f"avg_pool{x.dim() - 2}d")
        per_channel = (-1, *[1] * (x.dim() - 2))
        weight = (self.weight * self.area).view(per_channel)
        x = pool(x, self.kernel_size, self.stride)
        return x * weight + self.bias.view(per_channel)


class Scale(nn.Module):
    """A trainable factor and shift per channel, both optional; with `channels=1`, for all."""

    def __init__(
        self,
        channels: int,
        bias: bool = False,
        init: float = 1,
        factor: bool = True,
    ) -> None:
        super().__init__()
        weight = torch.full((channels,), float(init))
        self.weight = nn.Parameter(weight) if factor else None
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        per_channel = (-1, *[1] * (x.dim() - 2))
        x = x if self.weight is None else x * self.weight.view(per_channel)
        return x if self.bias is None else x + self.bias.view(per_channel)


class Rbf(nn.Module):
    """The squared distance to a fixed code per class."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        codes = torch.randint(0, 2, (classes, features)) * 2 - 1
        self.register_buffer("codes", codes.to(torch.get_default_dtype()))

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.get_buffer("codes")).square().sum(-1)


class Capsule(nn.Module):
    """Capsules with routing by agreement (Sabour, Frosst, Hinton 2017)."""

    def __init__(
        self,
        capsules_below: int,
        dim_below: int,
        capsules: int,
        dim: int,
        routings: int = 3,
    ) -> None:
        super().__init__()
        self.routings = routings
        shape = capsules, capsules_below, dim, dim_below
        self.weight = nn.Parameter(torch.empty(shape))
        nn.init.normal_(self.weight, std=0.1)

    def forward(self, x: Tensor) -> Tensor:
        # From every capsule below to every capsule: [batch, capsules, below, dim].
        capsules, below, dim, _ = self.weight.shape
        weight = self.weight.permute(1, 3, 0, 2).flatten(2)
        predictions = torch.bmm(x.transpose(0, 1), weight)
        predictions = predictions.view(below, -1, capsules, dim).permute(1, 2, 0, 3)
        logits = torch.zeros_like(predictions[..., :1])
        for turn in range(self.routings):
            out = squash((logits.softmax(1) * predictions).sum(2))
            if turn < self.routings - 1:
                agreement = predictions * out.unsqueeze(2)
                logits = logits + agreement.sum(-1, keepdim=True)
        return out


def squash(vectors: Tensor) -> Tensor:
    """Scale vectors to a length below 1, keeping their direction."""
    square = vectors.square().sum(-1, keepdim=True)
    tiny = torch.finfo(square.dtype).tiny
    return vectors * (square + tiny).sqrt() / (1 + square)


def center_crop(x: Tensor, size: torch.Size | tuple[int, ...]) -> Tensor:
    """Crop a map around its centre to a size."""
    for axis, wanted in enumerate(size, 2):
        x = x.narrow(axis, (x.size(axis) - wanted) // 2, wanted)
    return x


def pad_to(
    x: Tensor,
    size: torch.Size | tuple[int, ...],
    mode: str = "constant",
    value: float | None = None,
) -> Tensor:
    """Pad a map on all sides, up to a size."""
    pads: list[int] = []
    for has, wanted in zip(reversed(x.shape[2:]), reversed(size)):
        low = (wanted - has) // 2
        pads += [low, wanted - has - low]
    return F.pad(x, pads, mode, value)


def padded_max_pool(
    x: Tensor,
    kernel_size: int | tuple[int, ...],
    stride: list[int],
    padding: tuple[int, ...],
    ceil_mode: bool = False,
    dilation: int | tuple[int, ...] = 1,
) -> Tensor:
    """Max pooling with separate padding on every side."""
    pool = getattr(F, f"max_pool{x.dim() - 2}d")
    padded = F.pad(x, padding, value=-math.inf)
    out = pool(padded, kernel_size, stride, 0, dilation, ceil_mode)
    return windows_that_begin_inside(out, x, stride, padding)


def padded_avg_pool(
    x: Tensor,
    kernel_size: int | tuple[int, ...],
    stride: list[int],
    padding: tuple[int, ...],
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Average pooling with separate padding on every side."""
    pool = getattr(F, f"avg_pool{x.dim() - 2}d")
    more = {} if divisor_override is None else {"divisor_override": divisor_override}

    def mean(x: Tensor) -> Tensor:
        padded = F.pad(x, padding)
        out = pool(padded, kernel_size, stride, ceil_mode=ceil_mode, **more)
        return windows_that_begin_inside(out, x, stride, padding)

    if count_include_pad or more:
        return mean(x)
    return mean(x) / mean(torch.ones_like(x[:1, :1]))


def windows_that_begin_inside(
    out: Tensor,
    x: Tensor,
    stride: list[int],
    padding: tuple[int, ...],
) -> Tensor:
    """Drop the windows that begin in the padding at the end of an axis."""
    for axis, step in enumerate(stride, 2):
        low = padding[-2 * (axis - 1)]
        kept = -(-(x.size(axis) + low) // step)
        out = out.narrow(axis, 0, min(out.size(axis), kept))
    return out


class Placeholder(nn.Module):
    """Stands for an operation that the network's description names only."""

    def __init__(
        self,
        op: str,
        shape: list[int],
        params: int = 0,
        kept: int = 0,
    ) -> None:
        super().__init__()
        self.op, self.shape = op, shape
        self.params = nn.Parameter(torch.zeros(params)) if params else None
        self.register_buffer("kept", torch.zeros(kept) if kept else None)

    def forward(self, *tensors: Tensor) -> Tensor:
        sizes = ", ".join(map(str, ["batch", *self.shape]))
        advice = f"replace this Placeholder by a module that returns [{sizes}]"
        raise NotImplementedError(f"{self.op} is not defined: {advice}")
