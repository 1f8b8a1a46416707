"""Patterns as items: what a spec says of parts that differ."""

from __future__ import annotations

import pytest

import cnncalc

torch = pytest.importorskip("torch")
nn = torch.nn


class Unit(nn.Module):
    """A map beside its convolution; the map is normalized first in some units."""

    def __init__(self, channels: int, normalized: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels) if normalized else None

    def forward(self, x):
        beside = x if self.norm is None else self.norm(x)
        return torch.relu(torch.cat([beside, self.conv(x)], 1))


def test_a_path_that_some_parts_lack_is_the_identity_there():
    units = [Unit(4 * 2**i, normalized=i in (0, 1, 4)) for i in range(5)]
    spec = cnncalc.from_torch(nn.Sequential(*units), (4, 8, 8))
    assert "- when: with_batchnorm\n" in spec.text
    assert "- when: not with_batchnorm\n            layers: []\n" in spec.text
    report = cnncalc.parse(spec.text).analyze()
    assert report.params == sum(parameter.numel() for unit in units for parameter in unit.parameters())
    assert [layer.kind for layer in report.layers].count("batchnorm") == 3
    assert report.outputs == {"output": (128, 8, 8)}
