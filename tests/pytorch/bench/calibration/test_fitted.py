from datetime import date

import pytest
import torch

from cnncalc import load
from cnncalc.devices.device import LEFT_OUT, Device, Fit, Setting
from cnncalc.devices.reading import read_device
from cnncalc.devices.writing import device_text
from cnncalc.errors import Source
from cnncalc.prediction.predict import kernels_in, predict
from cnncalc.prediction.terms import TERMS, amounts_at, totals
from cnncalc.pytorch.bench.calibration.fitted import device_of, fit_points
from cnncalc.pytorch.bench.calibration.measuring import Point, Points
from cnncalc.pytorch.bench.devices.cpu import Cpu

pytest.importorskip("numpy")

SETTING = Setting("inference", "fp32", "nchw", False)
NAMES = ("lenet5", "nin@cifar10", "mobilenet_v1@0_25", "shufflenet_v1@x0_5_g3", "squeezenet@1_1", "cs231n", "mlp",
         "resnet@18", "mnasnet@0_5", "convnext_v2@atto")  # fmt: skip
TRUE = dict(zip(TERMS, (1e-11, 1e-11, 4e-11, 2e-10, 3e-10, 1e-10, 5e-11, 3e-11, 5e-6), strict=True))


def points(scales=()):
    """Times that the coefficients make, of some networks times a factor."""
    found = []
    for place, name in enumerate(NAMES):
        sums = totals(kernels_in(load(name).analyze().graph, SETTING), "fp32")
        for batch in (1, 8):
            amounts = amounts_at(sums, batch)
            seconds = sum(TRUE[term] * amount for term, amount in amounts.items())
            found.append(Point(name, batch, seconds * dict(scales).get(place, 1.0), 0.01, amounts))
    return Points(found, 0.0)


def test_the_coefficients_that_made_the_times_are_found_again():
    calibrated = fit_points(points(), SETTING, queues=False)
    assert calibrated.fit.terms == pytest.approx(TRUE, rel=1e-3)
    assert calibrated.fit.errors[LEFT_OUT].median < 0.01
    assert calibrated.fit.source == (
        f"cnncalc bench --calibrate, {date.today()}, 20 runs of 10 networks, batches 1 to 8"
    )
    assert calibrated.fit.software == f"PyTorch {torch.__version__.partition('+')[0]}"


def test_the_interval_spans_networks_that_were_left_out():
    low, high = fit_points(points([(7, 1.5)]), SETTING, queues=False).fit.interval
    assert low <= 1
    assert high >= 1.4


def test_where_kernels_are_queued_weights_move_as_maps_do():
    terms = fit_points(points(), SETTING, queues=True).fit.terms
    assert "launches" not in terms
    assert terms.get("weight_bytes") == terms.get("other_bytes")


def test_a_device_of_no_data_sheet_predicts_its_own_points():
    measured = points()
    new = fit_points(measured, SETTING, queues=False).fit
    written = device_text(device_of("mine", Cpu(), new, None))
    device = read_device(Source("mine.yaml", written), "mine")
    assert device.memory
    assert not device.queues
    predictions = predict(load("resnet@18").analyze().graph, device, SETTING, [1, 8])
    expected = [point.seconds for point in measured.points if point.network == "resnet@18"]
    assert [each.seconds for each in predictions] == pytest.approx(expected, rel=1e-3)


def test_a_shipped_device_brings_its_data_sheet(monkeypatch):
    monkeypatch.setattr(Cpu, "facts", lambda self: {"device": "12th Gen Intel(R) Core(TM) i7-12700H"})
    device = device_of("mine", Cpu(), fit_points(points(), SETTING, queues=False).fit, None)
    assert device.source.startswith("Intel")


def test_fits_for_other_settings_stay():
    old, other = Fit(SETTING, "", "old", {}, (1, 1)), Fit(Setting(), "", "other", {}, (1, 1))
    new = Fit(SETTING, "", "new", {}, (1, 1))
    device = device_of("mine", Cpu(), new, Device("mine", "Mine", "", "", fits=[old, other]))
    assert [fit.source for fit in device.fits] == ["other", "new"]
