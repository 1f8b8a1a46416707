import pytest
import torch  # noqa: F401 - without it this file is left out

from cnncalc import load
from cnncalc.devices.device import Setting
from cnncalc.pytorch.bench.predicted_time import predicted_time, setting_of
from cnncalc.pytorch.bench.settings import Settings

I7 = {"device": "12th Gen Intel(R) Core(TM) i7-12700H"}


def test_beside_a_measured_time_stands_the_predicted_one():
    (note,) = predicted_time(load("resnet@18").analyze().graph, I7, Settings(compile=True), 1)
    assert note.startswith("predicted: ")
    assert "90% interval" in note
    assert note.endswith("by the fit of i7_12700h")


@pytest.mark.parametrize("facts", [{}, {"device": "Imaginary 100"}, {"device": "NVIDIA H200"}, {**I7, "mig": "on"}])
def test_nothing_is_predicted_without_a_fit(facts):
    assert predicted_time(load("lenet5").analyze().graph, facts, Settings(compile=True), 1) == []


def test_a_setting_without_a_fit():
    assert predicted_time(load("lenet5").analyze().graph, I7, Settings(), 1) == []


def test_training_in_16_bits_is_autocast():
    assert setting_of(Settings("fp16", "training", channels_last=True)) == Setting("training", "amp", "nhwc", False)
    assert setting_of(Settings("bf16")) == Setting("inference", "bf16", "nchw", False)
