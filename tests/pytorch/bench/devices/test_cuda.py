"""The CUDA device on a stand-in for `torch.cuda`; on a real one where there is one."""

import pytest
import torch

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices import opening as module
from cnncalc.pytorch.bench.devices.cuda import Cuda
from cnncalc.pytorch.bench.devices.opening import open_cuda
from cnncalc.pytorch.bench.devices.system import driver_version
from cnncalc.pytorch.bench.settings import Settings

from ..fake_cuda import LAUNCH, FakeCuda


def test_time_is_the_device_s_not_the_host_s(api, cuda):
    assert cuda.durations(lambda: api.launch(1e-3), 1, 4) == pytest.approx([1e-3] * 4, rel=0.01)
    assert cuda.durations(lambda: api.launch(1e-3), 10, 2) == pytest.approx([1e-3] * 2, rel=0.01)


def test_samples_follow_each_other_without_a_wait(api, cuda):
    cuda.durations(lambda: api.launch(1e-3), 3, 100)
    assert api.syncs == 2  # one before, one after


def test_work_queued_before_is_not_counted(api, cuda):
    api.launch(5.0)
    assert cuda.durations(lambda: api.launch(1e-3), 1, 1) == pytest.approx([1e-3], rel=0.01)


def test_short_work_takes_as_long_as_its_launch(api, cuda):
    assert cuda.durations(lambda: api.launch(1e-9), 100, 1) == pytest.approx([LAUNCH], rel=0.02)


def test_head_start_closes_the_gaps(api, cuda):
    def passing():
        marks = []
        for _ in range(5):
            marks.append(cuda.mark())
            api.launch(1e-6)
        return cuda.between([*marks, cuda.mark()])

    assert passing() == pytest.approx([LAUNCH] * 5, rel=0.3)  # the device waits for the host
    cuda.head_start(1e-3)
    assert passing() == pytest.approx([1e-6] * 5, rel=0.01)


def test_graph_replays_what_was_captured(api, cuda):
    def call():
        for _ in range(20):
            api.launch(1e-6)

    (eager,) = cuda.durations(call, 10, 1)
    replay = cuda.captured(call)
    assert api.launches == 10 * 20 + 3 * 20  # warm calls run, captured ones do not
    (graphed,) = cuda.durations(replay, 10, 1)
    assert eager == pytest.approx(20 * LAUNCH, rel=0.1)
    assert graphed == pytest.approx(20e-6, rel=0.1)


def test_peak_is_what_the_call_took(api, cuda):
    api.allocate(1000)
    api.peak = 10**9

    def call():
        api.allocate(500)
        api.free(500)
        api.allocate(200)
        api.free(200)

    assert cuda.peak(call) == 500


def test_idle_blocks_of_the_allocator_are_free(api, cuda):
    api.allocate(1 << 20)
    api.free(1 << 19)
    assert cuda.memory().free == api.limit - (1 << 19)
    cuda.release()
    assert api.cached == api.held
    assert cuda.memory().free == api.limit - (1 << 19)


@pytest.mark.parametrize(
    ("dtype", "capability", "ok"),
    [("bf16", (7, 5), False), ("tf32", (7, 5), False), ("fp16", (7, 5), True), ("bf16", (8, 0), True)],
)
def test_types_that_the_hardware_has(dtype, capability, ok):
    device = Cuda(0, FakeCuda(capability=capability), place="cpu")
    if ok:
        device.prepare(Settings(dtype=dtype))
    else:
        with pytest.raises(UsageError, match=f"has no {dtype}: take --dtype"):
            device.prepare(Settings(dtype=dtype))


@pytest.mark.parametrize("dtype", ["fp32", "tf32"])
def test_tf32_is_used_where_it_is_asked_for_only(cuda, dtype):
    cuda.prepare(Settings(dtype=dtype))
    assert torch.backends.cudnn.allow_tf32 is (dtype == "tf32")
    assert torch.get_float32_matmul_precision() == ("high" if dtype == "tf32" else "highest")
    torch.set_float32_matmul_precision("highest")


def test_facts(cuda):
    facts = cuda.facts()
    assert facts["device"] == "Imaginary 100"
    assert facts["memory"] == "1.0 GiB"
    assert facts["capability"] == "9.0"
    assert facts["threads"] == str(torch.get_num_threads())


def test_driver(tmp_path):
    path = tmp_path / "version"
    path.write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan 23\nGCC version:  gcc version 11.4.0\n"
    )
    assert driver_version(path) == "570.86.15"
    assert driver_version(tmp_path / "gone") == ""


def test_built_without():
    if module.built():
        pytest.skip("this PyTorch has CUDA")
    with pytest.raises(UsageError, match=r"no cuda:1: this PyTorch \(.*\) is built without CUDA: install"):
        open_cuda(1)


def test_no_device(monkeypatch):
    monkeypatch.setattr(module, "built", lambda: True)
    with pytest.raises(UsageError, match="no cuda:0: the driver shows no device: see nvidia-smi, or take --device cpu"):
        open_cuda(0, FakeCuda(count=0))


def test_no_such_device(monkeypatch):
    monkeypatch.setattr(module, "built", lambda: True)
    with pytest.raises(UsageError, match="no cuda:2: this machine has cuda:0, cuda:1"):
        open_cuda(2, FakeCuda())
    assert open_cuda(1, FakeCuda()).name == "cuda:1"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_real_device():
    device = open_cuda(0)
    device.prepare(Settings())
    tensor = torch.randn(1024, 1024, device=device.place)
    call = device.captured(lambda: tensor @ tensor)
    assert all(seconds > 0 for seconds in device.durations(call, 3, 5))
    assert device.peak(lambda: tensor @ tensor) >= tensor.nbytes
    assert device.memory().free > 0
