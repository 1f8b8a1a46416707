"""PyTorch's sliding modules with what they lack: padding that differs from side to side.

A module pads its input with `F.pad` first (`before`, in the order of `F.pad`), then does what its base does without
padding; a transposed convolution crops what leaves it.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from cnncalc.pytorch.modules.resizing import flat

Pairs = tuple[tuple[int, int], ...]


class _PadFirst(nn.Module):
    """Pads what enters; stands before a base whose `forward` takes one tensor."""

    before: list[int]
    mode: str = "constant"
    value: float | None = None

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - as its base calls it
        """[batch, channels, *sizes] to what the base makes of the padded map."""
        return super().forward(F.pad(input, self.before, self.mode, self.value))  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """The base's, and the padding."""
        return f"{super().extra_repr()}, before={self.before}"


class PaddedConv1d(_PadFirst, nn.Conv1d):
    """Convolution of a sequence padded unequally."""


class PaddedConv2d(_PadFirst, nn.Conv2d):
    """Convolution of an image padded unequally."""


class PaddedConv3d(_PadFirst, nn.Conv3d):
    """Convolution of a volume padded unequally."""


class _CropAfter(nn.Module):
    """Takes rows off what its base makes: the padding of a transposed convolution."""

    after: list[int]

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: A002
        """[batch, channels, *sizes] to what the base makes, cropped."""
        return F.pad(super().forward(input, output_size), self.after)

    def extra_repr(self) -> str:
        """The base's, and the rows."""
        return f"{super().extra_repr()}, after={self.after}"


class CroppedConvTranspose1d(_CropAfter, nn.ConvTranspose1d):
    """Transposed convolution of a sequence, its output cropped unequally."""


class CroppedConvTranspose2d(_CropAfter, nn.ConvTranspose2d):
    """Transposed convolution of an image, its output cropped unequally."""


class CroppedConvTranspose3d(_CropAfter, nn.ConvTranspose3d):
    """Transposed convolution of a volume, its output cropped unequally."""


class _PaddedPool(_PadFirst):
    """With `ceil_mode` a window must start in the input or its low padding: those that start in the high one go."""

    ceil_mode: bool
    stride: Any

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - as its base calls it
        """[batch, channels, *sizes] to [batch, channels, *windows]."""
        out = super().forward(input)
        if not self.ceil_mode:
            return out
        lows = self.before[-2::-2]
        most = [-(-(n + low) // s) for n, low, s in zip(input.shape[2:], lows, self.stride, strict=True)]
        kept = (slice(None), slice(None), *map(slice, most))
        return out[kept]


class PaddedMaxPool1d(_PaddedPool, nn.MaxPool1d):
    """The largest number in each window of a sequence padded unequally."""


class PaddedMaxPool2d(_PaddedPool, nn.MaxPool2d):
    """The largest number in each window of an image padded unequally."""


class PaddedMaxPool3d(_PaddedPool, nn.MaxPool3d):
    """The largest number in each window of a volume padded unequally."""


class _PaddedAvgPool(_PaddedPool):
    """Where padding does not count, the mean is set right by how much of each window is padding."""

    real_only: bool = False

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - as its base calls it
        """[batch, channels, *sizes] to [batch, channels, *windows]."""
        mean = super().forward(input)
        if not self.real_only:
            return mean
        return mean / super().forward(torch.ones_like(input[:1, :1]))


class PaddedAvgPool1d(_PaddedAvgPool, nn.AvgPool1d):
    """The mean of each window of a sequence padded unequally."""


class PaddedAvgPool2d(_PaddedAvgPool, nn.AvgPool2d):
    """The mean of each window of an image padded unequally."""


class PaddedAvgPool3d(_PaddedAvgPool, nn.AvgPool3d):
    """The mean of each window of a volume padded unequally."""


PADDED_CONVS = (PaddedConv1d, PaddedConv2d, PaddedConv3d)
CROPPED_CONVS = (CroppedConvTranspose1d, CroppedConvTranspose2d, CroppedConvTranspose3d)
PADDED_MAX_POOLS = (PaddedMaxPool1d, PaddedMaxPool2d, PaddedMaxPool3d)
PADDED_AVG_POOLS = (PaddedAvgPool1d, PaddedAvgPool2d, PaddedAvgPool3d)


def before(module: nn.Module, pads: Pairs, mode: str = "constant", value: float | None = None) -> nn.Module:
    """Tell a padded module its padding."""
    assert isinstance(module, _PadFirst)
    module.before, module.mode, module.value = flat(pads), mode, value
    return module


def after(module: nn.Module, pads: Pairs) -> nn.Module:
    """Tell a cropped module its rows."""
    assert isinstance(module, _CropAfter)
    module.after = [-rows for rows in flat(pads)]
    return module
