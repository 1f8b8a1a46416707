"""Layers of detectors, equal to torchvision's operators: deformable convolution, RoIAlign, non-maximum suppression."""

# ruff: noqa: ANN401, B905, D102
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn


class Recomputed(torch.autograd.Function):
    """A function that saves its tensors alone, and runs again for their gradients.

    One that is linear in its first tensor needs only the shape of that.
    """

    @staticmethod
    def forward(
        ctx: Any,
        function: Callable[..., Tensor],
        is_linear: bool,
        *tensors: Tensor | None,
    ) -> Tensor:
        ctx.function, ctx.is_linear = function, is_linear
        ctx.save_for_backward(*tensors[1:] if is_linear else tensors)
        first = tensors[0]
        ctx.shape = None if first is None else first.shape
        return function(*tensors)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        (grad,) = grads
        saved = ctx.saved_tensors
        if ctx.is_linear:
            saved = (grad.new_zeros(ctx.shape), *saved)
        wanted = ctx.needs_input_grad[2:]
        with torch.enable_grad():
            tensors = [None if each is None else each.detach() for each in saved]
            for each, wants in zip(tensors, wanted):
                if each is not None:
                    each.requires_grad_(wants)
            out = ctx.function(*tensors)
        reached = [each for each in tensors if each is not None and each.requires_grad]
        found = iter(torch.autograd.grad(out, reached, grad))
        return None, None, *(next(found) if wants else None for wants in wanted)


class DeformConv(nn.Module):
    """Convolution that reads at offsets (Dai 2017), times factors (Zhu 2019)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, int],
        stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int] = (0, 0),
        dilation: tuple[int, int] = (1, 1),
        groups: int = 1,
        offset_groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride
        self.padding, self.dilation = padding, dilation
        self.groups, self.offset_groups = groups, offset_groups
        shape = out_channels, in_channels // groups, *kernel_size
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor, offset: Tensor, mask: Tensor | None = None) -> Tensor:
        tensors = x, offset, mask, self.weight
        out: Tensor = Recomputed.apply(self.convolve, False, *tensors)  # type: ignore[no-untyped-call]
        return out if self.bias is None else out + self.bias.view(-1, 1, 1)

    def convolve(
        self,
        x: Tensor,
        offset: Tensor,
        mask: Tensor | None,
        weight: Tensor,
    ) -> Tensor:
        batch, channels, *sizes = x.shape
        kernel, outs = math.prod(self.kernel_size), offset.shape[2:]
        each = batch * self.offset_groups
        x = x.reshape(each, channels // self.offset_groups, *sizes)
        offset = offset.reshape(each, kernel, 2, *outs)
        places = []
        for axis in (1, 0):  # grid_sample takes the last axis first
            along = [-1 if axis == place else 1 for place in (0, 1)]
            taps = torch.arange(self.kernel_size[axis], device=x.device)
            taps = (taps * self.dilation[axis] - self.padding[axis]).view(along)
            taps = taps.expand(*self.kernel_size).reshape(-1, 1, 1)
            steps = torch.arange(outs[axis], device=x.device) * self.stride[axis]
            place = offset[:, :, axis] + taps + steps.view(along)
            places.append((2 * place + 1) / sizes[axis] - 1)
        grid = torch.stack(places, -1).flatten(1, 2)
        read = F.grid_sample(x, grid, align_corners=False)
        read = read.view(batch, self.offset_groups, -1, kernel, *outs)
        if mask is not None:
            read = read * mask.view(batch, self.offset_groups, 1, kernel, *outs)
        read = read.reshape(batch, self.groups, -1, math.prod(outs))
        weight = weight.reshape(self.groups, -1, read.shape[2])
        return torch.matmul(weight, read).view(batch, -1, *outs)


class RoiAlign(nn.Module):
    """[N, C, H, W] and boxes [N, 4, R] to [N, C, R, *output_size] (He 2017)."""

    def __init__(
        self,
        output_size: tuple[int, int],
        spatial_scale: float = 1,
        sampling_ratio: int = 2,
        aligned: bool = False,
    ) -> None:
        super().__init__()
        self.output_size, self.spatial_scale = output_size, spatial_scale
        self.sampling_ratio, self.aligned = sampling_ratio, aligned

    def forward(self, x: Tensor, boxes: Tensor) -> Tensor:
        tensors = x, boxes.detach()
        out: Tensor = Recomputed.apply(self.read, True, *tensors)  # type: ignore[no-untyped-call]
        return out

    def read(self, x: Tensor, boxes: Tensor) -> Tensor:
        batch, channels, *sizes = x.shape
        shift = 0.5 if self.aligned else 0.0
        corners = boxes * self.spatial_scale - shift  # x1, y1, x2, y2
        each, ratio = boxes.shape[2], self.sampling_ratio
        grid, inside = [], []
        for axis in (0, 1):
            low, count = corners[:, 1 - axis], self.output_size[axis] * ratio
            length = corners[:, 3 - axis] - low
            if not self.aligned:
                length = length.clamp(min=1)
            middles = (torch.arange(count, device=x.device) + 0.5) / count
            place = low.unsqueeze(-1) + length.unsqueeze(-1) * middles
            inside.append((place >= -1) & (place <= sizes[axis]))
            grid.append((2 * place + 1) / sizes[axis] - 1)
        rows, columns = grid
        shape = batch, each, rows.shape[-1], columns.shape[-1]
        places = columns.unsqueeze(2).expand(shape), rows.unsqueeze(3).expand(shape)
        points = torch.stack(places, -1).flatten(1, 2)
        read = F.grid_sample(x, points, padding_mode="border", align_corners=False)
        read = read.view(batch, channels, *shape[1:])
        read = read * (inside[0].unsqueeze(3) & inside[1].unsqueeze(2)).unsqueeze(1)
        height, width = self.output_size
        read = read.view(batch, channels, each, height, ratio, width, ratio)
        return read.mean((4, 6))


class Nms(nn.Module):
    """The best boxes of [N, 4, R] by scores [N, R], without those that overlap a better one; and their scores."""

    def __init__(self, boxes: int, iou_threshold: float = 0.5) -> None:
        super().__init__()
        self.boxes, self.iou_threshold = boxes, iou_threshold

    def forward(self, boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
        best = self.choose(boxes.detach(), scores.detach())
        image = torch.arange(best.shape[0], device=best.device).unsqueeze(1)
        kept = F.pad(boxes, (0, 1))[image, :, best].mT.contiguous()
        return kept, F.pad(scores, (0, 1))[image, best]

    def choose(self, boxes: Tensor, scores: Tensor) -> Tensor:
        """The indices of the best boxes; where none is left, the index behind the last one."""
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        alive = torch.ones_like(scores, dtype=torch.bool)
        chosen = []
        for _ in range(self.boxes):
            best = scores.masked_fill(~alive, -math.inf).argmax(1, keepdim=True)
            some = alive.any(1, keepdim=True)
            chosen.append(torch.where(some, best, scores.shape[1]))
            mine = boxes.gather(2, best.unsqueeze(1).expand(-1, 4, -1))
            low = torch.maximum(boxes[:, :2], mine[:, :2])
            high = torch.minimum(boxes[:, 2:], mine[:, 2:])
            both = (high - low).clamp(min=0).prod(1)
            overlap = both / (area + area.gather(1, best) - both)
            alive = alive & (overlap <= self.iou_threshold)
            alive = alive.scatter(1, best, False)
        return torch.cat(chosen, 1)
