import pytest

from cnncalc.devices.catalog import every_device
from cnncalc.devices.device import Device, Errors, Fit, Setting
from cnncalc.devices.reading import read_device
from cnncalc.devices.writing import device_text
from cnncalc.errors import Source


def written_and_read(device):
    return read_device(Source("device.yaml", device_text(device)), device.key)


@pytest.mark.parametrize("device", every_device(), ids=lambda device: device.key)
def test_a_shipped_device_is_read_as_it_was_written(device):
    again = written_and_read(device)
    for name in ("key", "name", "source", "date", "checked", "memory", "queues"):
        assert getattr(again, name) == getattr(device, name)
    assert [list(each) for each in again.words] == [list(each) for each in device.words]
    assert again.bandwidth == pytest.approx(device.bandwidth, rel=1e-4)
    assert again.peaks == pytest.approx(device.peaks, rel=1e-4)
    for ours, theirs in zip(again.fits, device.fits, strict=True):
        assert (ours.setting, ours.software, ours.source) == (theirs.setting, theirs.software, theirs.source)
        assert ours.terms == pytest.approx(theirs.terms, rel=1e-4)
        assert ours.interval == pytest.approx(theirs.interval, rel=1e-4)
        assert ours.errors == theirs.errors


def test_names_and_numbers_that_yaml_would_take_for_something_else():
    terms = {"dense_macs": 1.2345e-21, "launches": 0.25, "other_bytes": 1e-12}
    fit = Fit(Setting(), "1.0", "a: b # c", terms, (0.5, 2.0), {"networks left out": Errors(9, 0.1, 0.25)})
    device = Device("mine", 'true "x" ü\u001b', "no", "2026-01", memory=12345678901, queues=False, fits=[fit])
    again = written_and_read(device)
    assert (again.name, again.source, again.date, again.memory) == (device.name, "no", "2026-01", 12345678901)
    assert again.fits[0].source == "a: b # c"
    assert again.fits[0].terms == pytest.approx(terms, rel=1e-4)
    assert again.fits[0].errors == fit.errors
