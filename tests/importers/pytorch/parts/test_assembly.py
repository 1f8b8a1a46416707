"""Networks of which only parts can be captured: a small detector that picks boxes by their scores."""

import warnings

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import cnncalc
from cnncalc import from_torch
from cnncalc.importers.pytorch.parts.calls import run

IMAGE = (3, 32, 32)


class Detector(nn.Module):
    """Regions around the pixels with the best scores; how many there are is known when it runs."""

    def __init__(self, threshold=0.0, classes=5):
        super().__init__()
        self.threshold = threshold
        self.backbone = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.rpn = nn.Module()
        self.rpn.head = nn.Conv2d(8, 1, 1)
        self.head = nn.Sequential(nn.Conv2d(8, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 9, 16), nn.ReLU())
        self.classes = nn.Linear(16, classes)
        self.gain = nn.Parameter(torch.ones(3))

    def forward(self, images):
        features = self.backbone((images - 0.5) * self.gain.view(3, 1, 1))
        scores = self.rpn.head(features)
        regions = []
        for image, row, column in (scores[:, 0] > self.threshold).nonzero().tolist():
            row, column = min(row, 11), min(column, 11)
            regions.append(features[image, :, row : row + 5, column : column + 5])
        regions = torch.stack(regions) if regions else features.new_zeros(0, 8, 5, 5)
        logits = self.classes(self.head(regions))
        kept = logits.softmax(-1).max(-1).values > 0.2
        return [{"scores": logits[kept], "features": features}]


def imported(network, shape=IMAGE):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        spec = from_torch(network, shape, flat=True)
    return spec, [str(each.message) for each in said]


@pytest.fixture(scope="module")
def detector():
    torch.manual_seed(1)
    return Detector()


def test_what_is_captured_is_exact(detector):
    spec, said = imported(detector)
    report = spec.analyze()
    with FlopCounterMode(display=False) as counter:
        output = run(detector, {"images": IMAGE})
    assert report.params == sum(parameter.numel() for parameter in detector.parameters())
    assert report.totals.buffers == sum(buffer.numel() for buffer in detector.buffers())
    assert report.training_heads.params == 0
    assert 2 * report.cost.macs == counter.get_total_flops()
    assert report.cost.at_least
    assert report.outputs == {"scores": tuple(output[0]["scores"].shape), "features": (8, 16, 16)}
    assert "cannot be captured as a whole: Detector" in said[0]
    assert "depends on the values of a tensor" in said[0]
    assert "3 operations have no equivalent layers and are 'unknown': 3 Detector" in said[1]


def test_regions_are_an_axis(detector):
    spec, _ = imported(detector)

    layers = {layer.name: layer for layer in spec.analyze().layers}
    regions = layers["Detector_2"].output[1]
    assert layers["Detector_2"].output == (8, regions, 5, 5)
    assert [layer.output for layer in layers.values() if layer.kind == "linear"] == [(16, regions), (5, regions)]
    assert [layer.kind for layer in layers.values() if layer.kind == "unknown"] == ["unknown"] * 3


def test_what_lies_between_reads_what_it_depends_on(detector):
    spec, _ = imported(detector)
    inputs = {layer.name: set(layer.node.inputs) for layer in spec.analyze().layers}
    assert inputs["Detector"] == {"input"}
    assert len(inputs["Detector_2"]) == 1  # the numbers of the scores are not followed


def test_no_region_is_left():
    spec, said = imported(Detector(threshold=1e9))
    assert any("nothing was left to act on in that run; the figures are for one region" in each for each in said)
    assert [layer.output for layer in spec.analyze().layers if layer.kind == "linear"] == [(16, 1), (5, 1)]


def test_without_numbers_nothing_runs():
    with pytest.raises(cnncalc.UsageError, match="depends on the values of a tensor"):
        from_torch(Detector().to("meta"), IMAGE)


class Recurrent(nn.Module):
    """One module is called until a number is reached."""

    def __init__(self):
        super().__init__()
        self.step = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Sigmoid())

    def forward(self, x):
        while float(x.mean()) < 3.0:
            x = self.step(x) + x
        return x


def test_a_module_that_is_called_again_shares_its_weights():
    torch.manual_seed(2)
    network = Recurrent()
    with FlopCounterMode(display=False) as counter:
        run(network, {"x": IMAGE})
    report = imported(network)[0].analyze()
    convs = [layer for layer in report.layers if layer.kind == "conv"]
    assert len(convs) > 1
    assert report.params == sum(parameter.numel() for parameter in network.parameters())
    assert 2 * report.cost.macs == counter.get_total_flops()


class Parameterless(nn.Module):
    def forward(self, x):
        return x[x > 0.5]


def test_without_a_part_that_has_weights_it_stays_refused():
    with pytest.raises(cnncalc.UsageError, match="a size depends on the values of a tensor"):
        from_torch(Parameterless(), IMAGE)


class Failing(Detector):
    def forward(self, images):
        super().forward(images)
        raise ValueError("no more")


def test_a_run_that_fails():
    with pytest.raises(cnncalc.UsageError, match=r"Failing on 3×32×32: ValueError: no more \(.*\.py:\d+\)"):
        from_torch(Failing(), IMAGE)
