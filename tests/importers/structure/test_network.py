"""Modules that read their input again, or that have several inputs or outputs, come back as blocks with tensors."""

import random
import warnings

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

import cnncalc
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.importers.writing.wiring import same_network

from ...examples import examples


def imported(module, shape):
    """The text of an import; a fall back to the plain list is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = cnncalc.from_torch(module, shape).text
    flat = cnncalc.from_torch(module, shape, flat=True).graph()
    assert same_network(cnncalc.parse(text).graph(), flat)
    return text


class Gated(nn.Module):
    """Reads its input a second time, behind other layers: neither a residual nor a gate of its input."""

    def __init__(self, channels):
        super().__init__()
        self.short = nn.Sequential(
            nn.AvgPool2d(2), nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels)
        )
        self.main = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        short = self.short(x)
        main = torch.relu(self.main(x))
        return main * nn.functional.interpolate(torch.sigmoid(short), size=main.shape[-2:])


class Up(nn.Module):
    """The decoder of a U-Net: a map to enlarge, and one to join."""

    def __init__(self, channels):
        super().__init__()
        self.up = nn.ConvTranspose2d(channels, channels // 2, 2, stride=2)
        self.conv = nn.Sequential(nn.Conv2d(channels, channels // 2, 3, padding=1), nn.ReLU())

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, self.up(x)], 1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.downs = nn.ModuleList(
            nn.Conv2d(3 if i == 0 else 8 * 2 ** (i - 1), 8 * 2**i, 3, padding=1) for i in range(4)
        )
        self.ups = nn.ModuleList(Up(8 * 2**i) for i in (3, 2, 1))

    def forward(self, x):
        skips = []
        for i, down in enumerate(self.downs):
            x = down(x if i == 0 else nn.functional.max_pool2d(x, 2)).tanh()
            skips.append(x)
        for up, skip in zip(self.ups, skips[-2::-1], strict=True):
            x = up(x, skip)
        return x


class Fusion(nn.Module):
    """Two maps in, two maps out, each of both."""

    def __init__(self):
        super().__init__()
        self.high, self.low = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(16, 16, 3, padding=1)
        self.up = nn.Sequential(nn.Conv2d(16, 8, 1), nn.BatchNorm2d(8), nn.Upsample(scale_factor=2))
        self.down = nn.Sequential(nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16))

    def forward(self, high, low):
        high, low = self.high(high), self.low(low)
        return torch.relu(high + self.up(low)), torch.relu(low + self.down(high))


class HighResolution(nn.Module):
    def __init__(self, stages):
        super().__init__()
        self.high, self.low = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(3, 16, 3, padding=1, stride=2)
        self.stages = nn.ModuleList(Fusion() for _ in range(stages))

    def forward(self, x):
        high, low = self.high(x), self.low(x)
        for stage in self.stages:
            high, low = stage(high, low)
        return low


def test_a_module_that_reads_its_input_again_is_a_block():
    text = imported(nn.Sequential(*(Gated(8) for _ in range(4))), (8, 16, 16))
    assert "gated(tensor x=in):" in text
    assert "- gated:\n    repeat: 4" in text


def test_a_module_of_two_inputs_is_a_block_with_a_tensor():
    text = imported(UNet(), (3, 32, 32))
    assert "up(tensor skip):" in text
    assert "  - up: tanh_3\n  - up: tanh_2\n  - up: tanh\n" in text


def test_a_module_of_two_outputs_is_a_block_with_names_inside():
    text = imported(HighResolution(5), (3, 32, 32))
    assert "fusion(tensor skip):" in text
    assert text.count("- fusion: ") == 4  # of the last one, one output is not read
    assert "  - fusion: stages_2\n    from: stages_2.relu\n" in text


def test_modules_of_several_outputs_stay_open_where_blocks_save_nothing():
    assert "fusion" not in imported(HighResolution(1), (3, 32, 32))


def test_a_run_takes_what_its_first_item_reads_and_the_name_of_its_last():
    conv = {"out_channels": 4, "kernel_size": 3, "padding": 1}
    nodes = [TracedNode("a", "conv", conv, ("x",), (4, 8, 8))]
    for name, reads in (("b", "x"), ("c", "b"), ("d", "c")):
        nodes.append(TracedNode(name, "conv", conv, (reads,), (4, 8, 8)))
    nodes.append(TracedNode("e", "subtract", {}, ("a", "d"), (4, 8, 8)))
    nodes.append(TracedNode("f", "subtract", {}, ("d", "e"), (4, 8, 8)))
    text = spec_text(Traced("net", {"x": (4, 8, 8)}, tuple(nodes), {"o": "f"}), flat=False)
    assert "repeat: 3" in text


def test_a_layer_without_inputs_stands_where_it_runs():
    """A learnt tensor that flows on, and one that is joined."""
    rng = random.Random(1)
    for _ in range(examples(40)):
        nodes, names = [], ["x"]
        for number in range(rng.randint(3, 14)):
            kind, reads, arguments = "relu", (rng.choice(names[-3:]),), {}
            if rng.random() < 0.25:
                kind, reads, arguments = "parameter", (), {"shape": [4, 8, 8]}
            elif rng.random() < 0.4 and len(names) > 2:
                kind, reads = "add", tuple(rng.sample(names[-5:], 2))
            prefix = rng.choice(("", "a.", "a.b.", "c."))
            nodes.append(TracedNode(f"{prefix}n{number}", kind, arguments, reads, (4, 8, 8)))
            names.append(nodes[-1].name)
        network = Traced("net", {"x": (4, 8, 8)}, tuple(nodes), {"o": nodes[-1].name}, modules={"a": "A", "c": "A"})
        said = []
        text = spec_text(network, False, said.append)
        assert not said
        assert same_network(cnncalc.parse(text).graph(), cnncalc.parse(spec_text(network)).graph())
