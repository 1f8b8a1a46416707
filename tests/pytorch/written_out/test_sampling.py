"""Deformable convolution, RoIAlign and non-maximum suppression, against plain loops and, where it is, torchvision.

torchvision's own RoIAlign in Python, unlike its kernels, reads the border where a point lies outside of the map; boxes
inside the map are compared with it.
"""

import math
import random

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name

from cnncalc.pytorch.written_out import DeformConv, Nms, RoiAlign

from ..torchvision_models import models


def read(plane, row, column):
    """The value of a plane at a point, from the kernels of torchvision: 0 outside, with zeros around the map."""
    height, width = plane.shape
    top, left = math.floor(row), math.floor(column)
    value = 0.0
    for y, wy in ((top, 1 - (row - top)), (top + 1, row - top)):
        for x, wx in ((left, 1 - (column - left)), (left + 1, column - left)):
            if 0 <= y < height and 0 <= x < width:
                value += wy * wx * float(plane[y, x])
    return value


def deformed(m, x, offset, factor, place):
    """One number that leaves a deformable convolution."""
    n, o, oy, ox = place
    height, width = m.kernel_size
    per_group, each = x.shape[1] // m.groups, x.shape[1] // m.offset_groups
    value = float(m.bias[o]) if m.bias is not None else 0.0
    for i in range(per_group):
        channel = o // (len(m.weight) // m.groups) * per_group + i
        for y in range(height):
            for k in range(width):
                tap = channel // each * height * width + y * width + k
                row = oy * m.stride[0] - m.padding[0] + y * m.dilation[0] + float(offset[n, 2 * tap, oy, ox])
                column = ox * m.stride[1] - m.padding[1] + k * m.dilation[1] + float(offset[n, 2 * tap + 1, oy, ox])
                scale = 1 if factor is None else float(factor[n, tap, oy, ox])
                value += scale * float(m.weight[o, i, y, k]) * read(x[n, channel], row, column)
    return value


def deform_convs():
    for seed in range(25):
        rng = random.Random(seed)
        torch.manual_seed(seed)
        groups, offset_groups = rng.choice([1, 2]), rng.choice([1, 2])
        kernel, stride, padding, dilation = (
            (rng.randint(*r), rng.randint(*r)) for r in ((1, 3), (1, 2), (0, 2), (1, 2))
        )
        module = DeformConv(4, 6, kernel, stride, padding, dilation, groups, offset_groups, rng.random() < 0.5)
        yield rng, module, torch.randn(2, 4, 9, 11)


def test_without_offsets_it_is_a_convolution():
    for _, m, x in deform_convs():
        conv = F.conv2d(x, m.weight, m.bias, m.stride, m.padding, m.dilation, m.groups)
        offset = torch.zeros(2, 2 * m.offset_groups * math.prod(m.kernel_size), *conv.shape[2:])
        assert torch.allclose(m(x, offset), conv, atol=1e-5)


def test_each_number_is_that_of_the_loop():
    for rng, m, x in deform_convs():
        m.requires_grad_(False)
        outs = F.conv2d(x, m.weight, None, m.stride, m.padding, m.dilation, m.groups).shape[2:]
        taps = m.offset_groups * math.prod(m.kernel_size)
        offset, factor = 2 * torch.randn(2, 2 * taps, *outs), rng.choice([None, torch.rand(2, taps, *outs)])
        out = m(x, offset, factor)
        for _ in range(3):
            place = tuple(map(rng.randrange, out.shape))
            assert float(out[place]) == pytest.approx(deformed(m, x, offset, factor, place), abs=1e-4)


def boxes_in(height, width, number, beyond=0.0):
    corners = torch.rand(2, 4, number) * torch.tensor([width, height, width, height]).view(1, 4, 1)
    corners = corners * (1 + 2 * beyond) - beyond * width
    return torch.cat([torch.minimum(corners[:, :2], corners[:, 2:]), torch.maximum(corners[:, :2], corners[:, 2:])], 1)


def roi_aligns():
    for seed in range(25):
        rng = random.Random(seed)
        torch.manual_seed(seed)
        size = rng.randint(1, 4), rng.randint(1, 4)
        scale, ratio, aligned = rng.choice([1, 0.5, 0.25]), rng.randint(1, 3), rng.random() < 0.5
        yield rng, RoiAlign(size, scale, ratio, aligned), torch.randn(2, 3, 10, 12)


def test_each_region_is_that_of_the_loop():
    for rng, m, x in roi_aligns():
        boxes = boxes_in(10 / m.spatial_scale, 12 / m.spatial_scale, 5, beyond=0.3)
        out = m(x, boxes)
        assert out.shape == (2, 3, 5, *m.output_size)
        place = n, c, box, i, j = tuple(map(rng.randrange, out.shape))
        left, top, right, bottom = (boxes[n, :, box] * m.spatial_scale - 0.5 * m.aligned).tolist()
        height, width = bottom - top, right - left
        if not m.aligned:
            height, width = max(height, 1), max(width, 1)
        points, ratio = [], m.sampling_ratio
        for a in range(ratio):
            for b in range(ratio):
                row = top + (i + (a + 0.5) / ratio) * height / m.output_size[0]
                column = left + (j + (b + 0.5) / ratio) * width / m.output_size[1]
                outside = not (-1 <= row <= 10 and -1 <= column <= 12)
                inside = min(max(row, 0), 9), min(max(column, 0), 11)
                points.append(0.0 if outside else read(x[n, c], *inside))
        assert float(out[place]) == pytest.approx(sum(points) / ratio**2, abs=1e-4)


def test_regions_are_torchvisions():
    models()
    from torchvision.ops.roi_align import _roi_align

    for _, m, x in roi_aligns():
        boxes = boxes_in(9.9 / m.spatial_scale, 9.9 / m.spatial_scale, 5)
        rois = torch.cat([torch.cat([torch.full((5, 1), float(n)), boxes[n].T], 1) for n in range(2)])
        how = m.spatial_scale, *m.output_size, m.sampling_ratio, m.aligned
        theirs = _roi_align.__wrapped__(x, rois, *how)
        assert torch.allclose(m(x, boxes).transpose(1, 2).flatten(0, 1), theirs, atol=1e-4)


def test_gradients():
    double = {"dtype": torch.float64, "requires_grad": True}
    conv = DeformConv(2, 2, (2, 2)).double()
    assert torch.autograd.gradcheck(
        conv, (torch.rand(1, 2, 4, 4, **double), torch.rand(1, 8, 3, 3, **double), torch.rand(1, 4, 3, 3, **double))
    )
    boxes = torch.tensor([[[0.0, 1], [0, 1], [3, 4], [3, 3.5]]], dtype=torch.float64)
    region = RoiAlign((2, 2))
    assert torch.autograd.gradcheck(lambda x: region(x, boxes), (torch.rand(1, 2, 5, 5, **double),))
    kept = Nms(2, 0.3)
    assert torch.autograd.gradcheck(
        lambda *tensors: kept(*tensors), (boxes.requires_grad_(), torch.rand(1, 2, **double))
    )


def greedy(boxes, scores, threshold):
    """The indices of the boxes that are left, one after another."""
    area = (boxes[2] - boxes[0]) * (boxes[3] - boxes[1])
    waiting, kept = scores.argsort(descending=True).tolist(), []
    while waiting:
        best, *rest = waiting
        kept.append(best)
        low, high = boxes[:2, rest].maximum(boxes[:2, [best]]), boxes[2:, rest].minimum(boxes[2:, [best]])
        both = (high - low).clamp(min=0).prod(0)
        overlap = both / (area[best] + area[rest] - both)
        waiting = [each for each, share in zip(rest, overlap.tolist(), strict=True) if share <= threshold]
    return kept


def test_the_best_boxes_are_left():
    for seed in range(25):
        torch.manual_seed(seed)
        boxes, scores = boxes_in(10, 10, 20), torch.rand(2, 20)
        number = random.Random(seed).randint(1, 20)
        left, best = Nms(number, 0.3)(boxes, scores)
        for n in range(2):
            kept = greedy(boxes[n], scores[n], 0.3)[:number]
            assert torch.equal(left[n, :, : len(kept)], boxes[n][:, kept])
            assert torch.equal(best[n, : len(kept)], scores[n, kept])
            assert not left[n, :, len(kept) :].any()
            assert not best[n, len(kept) :].any()
