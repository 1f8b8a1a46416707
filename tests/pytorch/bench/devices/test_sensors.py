"""NVML's answers, by a stand-in for the library: NVIDIA's functions and their units."""

import pytest
import torch

from cnncalc.pytorch.bench.devices.cuda import Cuda
from cnncalc.pytorch.bench.devices.kernels import count_kernels
from cnncalc.pytorch.bench.devices.sensors import Sensors, open_nvml

from ..fake_cuda import FakeCuda


class FakeNvml:
    """Milliwatts, megahertz, bits; `missing` functions are not there, `refused` ones raise."""

    class NVMLError(Exception):
        pass

    def __init__(self, missing=(), refused=(), reasons=0x4 | 0x1):
        self.reasons = reasons
        self.asked = None
        for name in missing:
            setattr(self, name, None)
        for name in refused:
            setattr(self, name, self._refuse)

    def _refuse(self, *arguments):
        raise self.NVMLError

    def nvmlInit(self):  # noqa: N802
        pass

    def nvmlDeviceGetHandleByUUID(self, uuid):  # noqa: N802
        self.asked = uuid
        return "handle"

    def nvmlDeviceGetPowerUsage(self, handle):  # noqa: N802
        return 431_500

    def nvmlDeviceGetClockInfo(self, handle, kind):  # noqa: N802
        return {1: 1755}[kind]

    def nvmlDeviceGetMaxClockInfo(self, handle, kind):  # noqa: N802
        return {1: 1980}[kind]

    def nvmlDeviceGetTemperature(self, handle, sensor):  # noqa: N802
        return {0: 63}[sensor]

    def nvmlDeviceGetCurrentClocksEventReasons(self, handle):  # noqa: N802
        return self.reasons

    def nvmlDeviceGetEnforcedPowerLimit(self, handle):  # noqa: N802
        return 700_000

    def nvmlDeviceGetEccMode(self, handle):  # noqa: N802
        return [1, 0]

    def nvmlDeviceGetMigMode(self, handle):  # noqa: N802
        return [0, 0]


def test_sensors_of_a_device():
    library = FakeNvml()
    device = Cuda(0, FakeCuda(uuid="0123-45"), place="cpu", nvml=library)
    assert library.asked == "GPU-0123-45"
    assert device.sensors() == Sensors(1755, 431.5, 63, ("power cap",))
    facts = device.facts()
    told = [facts[name] for name in ("power limit", "highest SM clock", "ecc", "mig")]
    assert told == ["700 W", "1980 MHz", "on", "off"]


def test_what_a_device_does_not_tell_is_left_out():
    library = FakeNvml(missing=["nvmlDeviceGetCurrentClocksEventReasons"], refused=["nvmlDeviceGetPowerUsage",
                       "nvmlDeviceGetEccMode", "nvmlDeviceGetMigMode"])  # fmt: skip
    nvml = open_nvml("GPU-1", library)
    assert nvml.read() == Sensors(1755, None, 63, None)
    assert nvml.facts().keys() == {"power limit", "highest SM clock"}


def test_older_libraries_name_the_reasons_otherwise():
    library = FakeNvml(missing=["nvmlDeviceGetCurrentClocksEventReasons"])
    library.nvmlDeviceGetCurrentClocksThrottleReasons = lambda handle: 0x60
    assert open_nvml("MIG-1", library).read().throttled == ("temperature (driver)", "temperature (hardware)")
    assert library.asked == "MIG-1"


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pynvml", None)
    assert open_nvml("GPU-1") is None
    assert open_nvml(None) is None
    assert Cuda(0, FakeCuda(), place="cpu").sensors() is None


def test_a_library_that_does_not_start():
    assert open_nvml("GPU-1", FakeNvml(refused=["nvmlInit"])) is None


def test_kernels_are_counted_without_copies(api, cuda):
    def call():
        for _ in range(7):
            api.launch(1e-6)

    assert cuda.kernels(call) == 7


def test_a_profiler_that_may_not_look():
    def refused():
        raise RuntimeError("CUPTI_ERROR_INSUFFICIENT_PRIVILEGES")

    assert count_kernels(lambda: None, lambda: None, refused) is None


@pytest.mark.parametrize("before", [True, False])
def test_a_search_of_batches_leaves_out_the_search_of_algorithms(cuda, before, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", before)
    with cuda.without_algorithm_search():
        assert torch.backends.cudnn.benchmark is False
    assert torch.backends.cudnn.benchmark is before
