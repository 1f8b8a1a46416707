import pytest
import torch

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices import mps
from cnncalc.pytorch.bench.devices.cpu import Cpu, processor, system_memory
from cnncalc.pytorch.bench.devices.device import parse_device
from cnncalc.pytorch.bench.devices.mps import Mps
from cnncalc.pytorch.bench.devices.opening import open_device
from cnncalc.pytorch.bench.memory.allocations import Allocations
from cnncalc.pytorch.bench.settings import Settings


@pytest.mark.parametrize(("text", "found"), [("cpu", ("cpu", None)), ("cuda", ("cuda", None)), ("cuda:1", ("cuda", 1))])
def test_names(text, found):
    assert parse_device(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "gpu",
        "",
        "cuda:",
        "cuda:-1",
        "cuda:x",
        "cpu:0",
        "mps:1",
        "cuda:0:1",
        "cuda:٣٣٣٣",
        "cuda:٣",
        "cuda:²",
        "cuda:1000",
    ],
)
def test_no_such_name(text):
    with pytest.raises(UsageError, match="--device: expected cpu, cuda, cuda:1 or mps"):
        parse_device(text)


def test_cpu():
    device = open_device("cpu")
    assert device.name == "cpu"
    assert device.facts()["device"] == processor()
    assert device.peak(lambda: None) is None


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="there is one")
def test_no_mps():
    with pytest.raises(UsageError, match=r"mps is not available: .*: use --device cpu"):
        open_device("mps")


class FakeMps:
    def __init__(self):
        self.waited = 0

    def synchronize(self):
        self.waited += 1

    def recommended_max_memory(self):
        return 1000

    def driver_allocated_memory(self):
        return 300

    def empty_cache(self):
        pass


def test_mps_waits_around_every_sample():
    api = FakeMps()
    device = Mps(api)
    assert len(device.durations(lambda: None, 2, 3)) == 3
    assert api.waited == 6
    assert device.memory() == (700, 1000)
    with pytest.raises(UsageError, match="tf32"):
        device.prepare(Settings(dtype="tf32"))
    device.release()


@pytest.mark.parametrize("has", [True, False])
def test_bf16_on_mps(monkeypatch, has):
    monkeypatch.setattr(mps, "bf16_on_metal", lambda: has)
    if has:
        Mps(FakeMps()).prepare(Settings(dtype="bf16"))
    else:
        with pytest.raises(UsageError, match="bf16 on mps needs macOS 14: use --dtype fp16"):
            Mps(FakeMps()).prepare(Settings(dtype="bf16"))


@pytest.mark.parametrize("device", [Cpu(), Mps(FakeMps())])
def test_a_device_without_an_l2_of_its_own_is_not_cleared(device):
    with pytest.raises(UsageError, match="--cold needs --device cuda"):
        device.prepare(Settings(cold=True))


def test_memory_of_the_system_and_of_the_container(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       1000 kB\nMemFree:         10 kB\nMemAvailable:    600 kB\n")
    assert system_memory(meminfo, tmp_path) == (600 * 1024, 1000 * 1024)
    (tmp_path / "memory.max").write_text("500000\n")
    (tmp_path / "memory.current").write_text("100000\n")
    assert system_memory(meminfo, tmp_path) == (400_000, 500_000)
    (tmp_path / "memory.max").write_text("max\n")
    assert system_memory(meminfo, tmp_path) == (600 * 1024, 1000 * 1024)
    assert system_memory(tmp_path / "gone", tmp_path) is None


def test_allocations_come_and_go():
    kept = torch.ones(100)
    with Allocations() as counted:
        first = kept + 1
        second = first * 2  # 800 bytes with the first
        view = second.view(10, 10)
        second.mul_(3)
        assert counted.current == 800
        del first
        third = torch.zeros(50)
        assert counted.current == 600
        del second, view, third
    assert counted.peak == 800
    assert counted.current == 0
    assert Cpu.guard < 1
