"""Layers of regions compute, with an axis of regions, what PyTorch computes region by region."""

import pytest
import torch
from torch import nn

import cnncalc
from cnncalc.importers.pytorch import from_module
from cnncalc.importers.pytorch.parts.regions import Unfit, with_regions
from cnncalc.importers.traced import Traced
from cnncalc.importers.writing.spec_text import spec_text

MAP = (4, 6, 5)
HEADS = {
    "boxes": nn.Sequential(nn.Flatten(), nn.Linear(120, 7), nn.ReLU(), nn.Linear(7, 3)),
    "masks": nn.Sequential(
        nn.Conv2d(4, 6, 3, (2, 1), (1, 0), bias=False), nn.BatchNorm2d(6), nn.ReLU(),
        nn.ConvTranspose2d(6, 4, 3, 2, 1, 1), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Sigmoid(),
    ),
    "grouped": nn.Sequential(nn.Conv2d(4, 8, (1, 3), padding="same", groups=2), nn.MaxPool2d(2, ceil_mode=True)),
    "flat": nn.Sequential(nn.AvgPool2d((6, 5)), nn.Flatten(), nn.BatchNorm1d(4), nn.Flatten(), nn.Dropout()),
    "along an axis": nn.Sequential(nn.Conv2d(4, 3, 1), nn.Softmax(2), nn.Softmax(-1)),
    "normalized": nn.Sequential(nn.Flatten(), nn.LayerNorm(120), nn.Linear(120, 4), nn.Softmax(-1)),
    "to a size": nn.Sequential(nn.Upsample((7, 9)), nn.Hardswish(), nn.Conv2d(4, 2, 3, dilation=2)),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_they_compute_the_same(name):
    torch.manual_seed(0)
    head = HEADS[name].eval()
    traced = from_module(head, {"input": MAP}, "head")
    inputs, nodes = with_regions({"input": MAP}, traced.nodes, 3)
    network = cnncalc.parse(spec_text(Traced("head", inputs, tuple(nodes), traced.outputs), flat=True)).to_torch()
    theirs = [tensor for tensor in head.state_dict().values() if tensor.is_floating_point()]
    ours = {name: tensor for name, tensor in network.state_dict().items() if tensor.is_floating_point()}
    network.load_state_dict(
        {name: their.view(our.shape) for (name, our), their in zip(ours.items(), theirs, strict=True)}, strict=False
    )
    regions = torch.rand(3, *MAP)
    with torch.no_grad():
        expected = head(regions).unsqueeze(0).movedim(1, 2)
        found = network.eval()(regions.unsqueeze(0).movedim(1, 2))
    assert torch.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    "head", [nn.GroupNorm(2, 4), nn.InstanceNorm2d(4), nn.PixelShuffle(2), nn.Upsample(scale_factor=2, mode="bicubic")]
)
def test_what_has_no_such_form(head):
    traced = from_module(head, {"input": MAP}, "head")
    with pytest.raises(Unfit):
        with_regions({"input": MAP}, traced.nodes, 3)
