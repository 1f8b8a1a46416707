"""Random configurations of layers that read at computed positions, or choose among boxes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .configurations import Draw

Found = tuple[dict[str, Any], tuple[tuple[int, ...], ...]]


def grid_sample(draw: Draw) -> Found:
    shape = draw.map(draw.choice([2, 2, 2, 3, 3, 1]), channels=4, most=7)
    rank = len(shape) - 1
    grid = (rank if draw.random() < 0.9 else draw.randint(1, 4), *(draw.size(6) for _ in range(rank)))
    optional = {
        "mode": draw.choice(["bilinear", "nearest", "bicubic"]),
        "padding_mode": draw.choice(["zeros", "border", "reflection"]),
        "align_corners": draw.flag(),
    }
    return draw.some(**optional), (shape, grid if draw.random() < 0.95 else grid[:-1])


def deform_conv(draw: Draw) -> Found:
    shape = draw.map(2 if draw.random() < 0.95 else None, channels=6, most=7)
    out_channels = draw.randint(1, 6)
    kernel = [draw.randint(1, 3), draw.randint(1, 3)]
    optional = {
        "stride": draw.per_axis(2, 1, 3),
        "padding": draw.padding(2, 2),
        "dilation": draw.per_axis(2, 1, 2),
        "groups": draw.divisor(shape[0], out_channels),
        "offset_groups": draw.divisor(shape[0]),
        "bias": draw.flag(),
    }
    arguments = {"out_channels": out_channels, "kernel_size": kernel, **draw.some(**optional)}
    outs = _windows(arguments, shape[1:])
    taps = arguments.get("offset_groups", 1) * kernel[0] * kernel[1] + (draw.random() < 0.05)
    offsets = (2 * taps, *outs)
    return arguments, (shape, offsets, (taps, *outs)) if draw.flag() else (shape, offsets)


def _windows(arguments: dict[str, Any], sizes: tuple[int, ...]) -> list[int]:
    """How many windows fit, counted one by one; at least one."""
    outs = []
    for axis, size in enumerate(sizes[:2]):
        kernel = arguments["kernel_size"][axis]
        stride, dilation = (
            value if isinstance(value, int) else value[min(axis, len(value) - 1)]
            for value in (arguments.get("stride", 1), arguments.get("dilation", 1))
        )
        padding = arguments.get("padding", 0)
        if padding == "same":
            outs.append(-(-size // stride))
            continue
        padding = 0 if padding == "valid" else padding
        padding = padding[axis] if isinstance(padding, list) else padding
        rows = size + (sum(padding) if isinstance(padding, list) else 2 * padding)
        outs.append(max(1, len(range(0, rows - dilation * (kernel - 1), stride))))
    return outs


def roi_align(draw: Draw) -> Found:
    shape = draw.map(2 if draw.random() < 0.95 else None, channels=4, most=9)
    optional = {
        "spatial_scale": draw.choice([1, Fraction(1, 2), Fraction(1, 4)]),
        "sampling_ratio": draw.randint(0 if draw.random() < 0.1 else 1, 3),
        "aligned": draw.flag(),
    }
    boxes = (4 if draw.random() < 0.95 else 5, draw.size(5))
    return {"output_size": draw.per_axis(2, 1, 4), **draw.some(**optional)}, (shape, boxes)


def nms(draw: Draw) -> Found:
    number = draw.size()
    scores = number if draw.random() < 0.95 else number + 1
    left = draw.randint(0, number + 1) if draw.random() < 0.2 else draw.randint(1, number)
    shape = (4, number) if draw.random() < 0.95 else (number, 4)
    return {"boxes": left, **draw.some(iou_threshold=Fraction(draw.randint(0, 10), 10))}, (shape, (scores,))
