import csv
from pathlib import Path

import pytest

from cnncalc import load, parse
from cnncalc.devices.catalog import every_device, find_device
from cnncalc.devices.device import Device, Fit, Setting
from cnncalc.errors import UsageError
from cnncalc.prediction.fusing import compiled_kernels
from cnncalc.prediction.kernels import eager_kernels
from cnncalc.prediction.predict import predict
from cnncalc.prediction.terms import TERMS, totals

SETTING = Setting("inference", "fp32", "nchw", False)
FIT = Fit(SETTING, "", "", {"dense_macs": 1e-12, "other_bytes": 2e-12, "conv_bytes": 3e-12}, (0.9, 1.2))
DEVICE = Device("mine", "Mine", "a sheet", "2026", memory=1 << 30, bandwidth=1e12, peaks={"fp32": 4e12}, fits=[FIT])
SPEC = "input: 8x16x16\nlayers:\n  - conv: {out_channels: 16, kernel_size: 3, padding: 1, bias: false}\n  - relu\n"
KERNELS = Path(__file__).parents[1] / "data/timm_kernels.csv"


def test_the_sum_by_hand():
    (prediction,) = predict(parse(SPEC).analyze().graph, DEVICE, SETTING, [1000])
    macs, conv, relu = 16 * 256 * 72, 4 * (8 + 16) * 256, 4 * 2 * 16 * 256
    assert prediction.seconds == pytest.approx(1000 * (macs * 1e-12 + conv * 3e-12 + relu * 2e-12))
    assert [layer.parts.by for layer in prediction.layers] == ["compute", "bandwidth"]
    assert prediction.least == pytest.approx(1000 * 2 * macs / 4e12)
    assert prediction.images_per_second == pytest.approx(1000 / prediction.seconds)


def test_the_interval_is_that_of_the_fit():
    graph = load("vgg@16").analyze().graph
    (prediction,) = predict(graph, DEVICE, SETTING, [64])
    assert prediction.interval == pytest.approx((0.9 * prediction.seconds, 1.2 * prediction.seconds))
    assert not prediction.at_least


def test_kernels_that_are_too_short_have_no_upper_end():
    (prediction,) = predict(parse(SPEC).analyze().graph, DEVICE, SETTING, [1])
    assert prediction.waits
    assert prediction.interval[1] is None


def test_without_a_fit_there_is_a_bound_and_no_prediction():
    (prediction,) = predict(parse(SPEC).analyze().graph, DEVICE, Setting("inference", "amp"), [8])
    assert (prediction.seconds, prediction.interval) == (None, None)
    assert prediction.least is not None


def test_an_unknown_layer_leaves_the_upper_end_open():
    text = SPEC + "  - unknown: {op: magic, shape: [16, 16, 16]}\n"
    (prediction,) = predict(parse(text).analyze().graph, DEVICE, SETTING, [100000])
    assert prediction.unknown == ["unknown1"]
    assert prediction.interval[1] is None


def test_a_symbol_is_refused_by_name():
    with pytest.raises(UsageError, match="--at gives values to H, W"):
        predict(parse(SPEC).analyze("8xHxW").graph, DEVICE, SETTING, [1])


def test_time_grows_with_the_batch():
    for device in every_device():
        for setting in device.settings:
            times = [each.seconds for each in predict(load("resnet@18").analyze().graph, device, setting, [1, 8, 64])]
            assert times == sorted(times)
            assert times[0] > 0


def test_terms_of_fits_are_known():
    for device in every_device():
        for fit in device.fits:
            assert set(fit.terms) <= set(TERMS)
            assert fit.interval[0] < 1 < fit.interval[1]


@pytest.mark.parametrize(
    ("ours", "timm"),
    [
        ("resnet@18", "resnet18"), ("resnet@50", "resnet50"), ("resnext@101_64x4d", "resnext101_64x4d"),
        ("regnet@x_1_6gf", "regnetx_016"), ("mobilenet_v2@0_75", "mobilenetv2_075"),
        ("convnext@small", "convnext_small"), ("mlp_mixer@s_32", "mixer_s32_224"),
    ],
)  # fmt: skip
def test_the_zoo_has_the_kernels_of_the_imported_network(ours, timm):
    with KERNELS.open() as file:
        (row,) = (row for row in csv.DictReader(file) if (row["model"], row["img_size"]) == (timm, "224"))
    graph = load(ours).analyze().graph
    eager, compiled = (totals(find(graph, "amp"), "amp") for find in (eager_kernels, compiled_kernels))
    assert {name: eager[name] for name in TERMS if name.endswith("_macs")} == {
        name: int(row[name]) for name in TERMS if name.endswith("_macs")
    }
    for name in ("conv_bytes", "other_bytes", "launches"):
        assert eager[name] == pytest.approx(int(row[f"eager_amp_{name}"]), rel=0.001)
        assert compiled[name] == pytest.approx(int(row[f"compiled_amp_{name}"]), rel=0.001)


def test_a_measured_network_lies_in_its_interval():
    """timm's run of ResNet-50 on the RTX 4090 (amp, NCHW, PyTorch 2.9.1, batch 1,024): 4,302.84 images per second."""
    (prediction,) = predict(load("resnet@50").analyze().graph, find_device("rtx4090"), Setting(), [1024])
    low, high = prediction.interval
    assert low < 1024 / 4302.84 < high
