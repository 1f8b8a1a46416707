"""Sliding layers that PyTorch lacks: a table of connections, weights of their own at every place, trainable pooling."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

CONVOLVE = (F.conv1d, F.conv2d, F.conv3d)
AVERAGE: tuple[Callable[..., Tensor], ...] = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)


class ConnectedConv(nn.Module):
    """Convolution with a table: each filter reads the input channels that its row names (LeNet-5's C3).

    One kernel per connection, run as a depthwise convolution over the channels in the order of the table; each filter
    then sums its own.
    """

    index: Tensor
    bias: nn.Parameter | None

    def __init__(
        self,
        connections: tuple[tuple[int, ...], ...],
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        dilation: tuple[int, ...],
        before: list[int],
        mode: str,
        bias: bool,
        **factory: Any,  # noqa: ANN401
    ) -> None:
        super().__init__()
        self.connections, self.stride, self.dilation = connections, stride, dilation
        self.before, self.mode = before, mode
        self.weight = nn.Parameter(torch.empty(sum(map(len, connections)), *kernel_size, **factory))
        self.bias = nn.Parameter(torch.empty(len(connections), **factory)) if bias else None
        self.register_buffer("index", self._channels(self.weight.device), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """As `nn.Conv2d` begins, with the fan-in of each filter."""
        area = math.prod(self.weight.shape[1:])
        bounds = [1 / math.sqrt(len(row) * area) for row in self.connections]
        with torch.no_grad():
            for part, bound in zip(torch.split(self.weight, self._rows()), bounds, strict=True):
                part.uniform_(-bound, bound)
            if self.bias is not None:
                for number, bound in enumerate(bounds):
                    self.bias[number].uniform_(-bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, in_channels, *sizes] to [batch, out_channels, *windows]."""
        if any(self.before):
            x = F.pad(x, self.before, self.mode)
        convolve = CONVOLVE[x.dim() - 3]
        each = convolve(
            x.index_select(1, self.index), self.weight[:, None], None, self.stride, 0, self.dilation, len(self.weight)
        )
        out = torch.stack([part.sum(1) for part in torch.split(each, self._rows(), 1)], 1)
        return out if self.bias is None else out + self.bias.view(-1, *(1,) * (out.dim() - 2))

    def extra_repr(self) -> str:
        """Its sizes."""
        return f"connections={len(self.weight)}, out_channels={len(self.connections)}, stride={self.stride}"

    def _rows(self) -> list[int]:
        return [len(row) for row in self.connections]

    def _channels(self, device: torch.device) -> Tensor:
        return torch.tensor([channel for row in self.connections for channel in row], device=device)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> ConnectedConv:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.index = self._channels(self.weight.device)  # the table is ours to fill, when `to_empty` leaves it empty
        return self


class LocallyConnected(nn.Module):
    """Convolution with weights of its own at every position."""

    bias: nn.Parameter | None

    def __init__(
        self,
        in_channels: int,
        output: tuple[int, ...],
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        dilation: tuple[int, ...],
        before: list[int],
        bias: bool,
        **factory: Any,  # noqa: ANN401
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.dilation, self.before = kernel_size, stride, dilation, before
        self.weight = nn.Parameter(torch.empty(*output, in_channels, *kernel_size, **factory))
        self.bias = nn.Parameter(torch.empty(output, **factory)) if bias else None
        bound = 1 / math.sqrt(in_channels * math.prod(kernel_size))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, in_channels, *sizes] to [batch, out_channels, *windows]."""
        rank = len(self.kernel_size)
        x = F.pad(x, self.before)
        for axis, (f, s, d) in enumerate(zip(self.kernel_size, self.stride, self.dilation, strict=True)):
            x = x.unfold(2 + axis, d * (f - 1) + 1, s)[..., ::d]
        places = x.shape[2 : 2 + rank]
        read = x.flatten(2, 1 + rank).permute(2, 0, 1, *range(3, 3 + rank)).flatten(2)  # [places, batch, read]
        weight = self.weight.flatten(1, rank).movedim(0, 1).flatten(2)  # [places, out_channels, read]
        out = torch.bmm(read, weight.mT).permute(1, 2, 0).reshape(x.shape[0], -1, *places)
        return out if self.bias is None else out + self.bias

    def extra_repr(self) -> str:
        """Its sizes."""
        return f"{tuple(self.weight.shape)}, stride={self.stride}, dilation={self.dilation}, before={self.before}"


class Subsample(nn.Module):
    """LeNet-5's trainable pooling: the sum of each window, times a learnt coefficient, plus a learnt bias."""

    def __init__(
        self,
        channels: int,
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...] | None = None,
        **factory: Any,  # noqa: ANN401
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride or kernel_size
        area = math.prod(kernel_size)
        self.weight = nn.Parameter(torch.full((channels,), 1 / area, **factory))
        self.bias = nn.Parameter(torch.zeros(channels, **factory))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, *sizes] to [batch, channels, *windows]."""
        mean = AVERAGE[x.dim() - 3](x, self.kernel_size, self.stride)
        each = (-1, *(1,) * (x.dim() - 2))
        return mean * (self.weight * math.prod(self.kernel_size)).view(each) + self.bias.view(each)

    def extra_repr(self) -> str:
        """Its window."""
        return f"{len(self.weight)}, kernel_size={self.kernel_size}, stride={self.stride}"
