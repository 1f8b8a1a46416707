"""Rolls, windows as channels and blur pooling, as users write them in PyTorch."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import nn

import cnncalc
from cnncalc.exporters import to_source

from ..exporters.agreement import module_of


class Moves(nn.Module):
    def forward(self, x):
        x = torch.roll(x, (-2, 3), (2, 3))
        x = F.unfold(x, 3, padding=1, stride=2) * 2
        return F.fold(x, (8, 8), 3, padding=1, stride=2)


class Laid(nn.Module):
    def forward(self, x):
        x = F.unfold(x.permute(0, 2, 3, 1).roll(1, 1).permute(0, 3, 1, 2), (2, 1))
        return F.fold(x, (8, 8), (2, 1))


class BlurPool2d(nn.Module):
    """As antialiased networks have it: the filter is a buffer."""

    def __init__(self, channels, size, persistent):
        super().__init__()
        row = torch.tensor([1.0, 2.0, 1.0] if size == 3 else [1.0, 4.0, 6.0, 4.0, 1.0])
        row = row / row.sum()
        self.register_buffer("filt", (row[:, None] * row).repeat(channels, 1, 1, 1), persistent=persistent)
        self.pad = [size // 2] * 4

    def forward(self, x):
        return F.conv2d(F.pad(x, self.pad, mode="reflect"), self.filt, stride=2, groups=x.shape[1])


@pytest.mark.parametrize("network", [Moves(), Laid()])
def test_rolls_and_windows(network):
    spec = cnncalc.from_torch(network, (4, 8, 8))
    kinds = [node.kind for node in spec.graph().nodes]
    assert {"roll", "unfold", "fold"} <= set(kinds)
    assert "unknown" not in kinds
    x = torch.randn(2, 4, 8, 8)
    assert torch.allclose(spec.to_torch()(x), network(x), atol=1e-6)


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("persistent", [True, False])
def test_blur_pooling(size, persistent):
    network = nn.Sequential(nn.Conv2d(3, 6, 3), BlurPool2d(6, size, persistent), nn.ReLU())
    spec = cnncalc.from_torch(network, (3, 17, 16))
    (blur,) = (node for node in spec.graph().nodes if node.kind == "blurpool")
    assert blur.layer.kernel_size == (size, size)
    assert dict(blur.buffers) == {"filt": (6, 1, size, size)}
    copy = spec.to_torch()
    (conv,) = (module for module in copy.modules() if isinstance(module, nn.Conv2d))
    conv.load_state_dict(network[0].state_dict())
    x = torch.randn(2, 3, 17, 16)
    assert torch.allclose(copy(x), network(x), atol=1e-6)


TEXT = """
input: 3x12x13
layers:
  - roll: {shifts: [2, -3], dims: [1, 3]}
  - unfold: {kernel_size: [2, 3], padding: [[0, 1], [1, 1]]}
  - fold: {output_size: [12, 13], kernel_size: [2, 3], padding: [[0, 1], [1, 1]]}
  - blurpool: 5
  - blurpool: {kernel_size: 3, padding_mode: zeros, stride: 1, padding: 0}
"""


def test_what_is_exported_comes_back():
    graph = cnncalc.parse(TEXT).graph()
    network = module_of(to_source(graph)).eval()
    again = cnncalc.from_torch(network, (3, 12, 13))
    x = torch.randn(2, 3, 12, 13)
    assert torch.allclose(network(x), again.to_torch().eval()(x), atol=1e-6)
    assert [node.kind for node in again.graph().nodes].count("blurpool") == 2
    assert "unknown" not in [node.kind for node in again.graph().nodes]


def test_windows_keep_their_places():
    graph = cnncalc.parse(TEXT.replace("dims: [1, 3]", "dims: [2, 3]")).graph()
    fields = cnncalc.Report(graph).receptive_fields
    assert fields["unfold1"]["input"].size == (2, 3)
    assert fields["fold1"]["input"].size == (3, 5)
    assert fields["blurpool1"]["input"].stride == (2, 2)
