"""The CUDA device on a stand-in for `torch.cuda`; on a real one where there is one."""

import pytest
import torch

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices import opening as module
from cnncalc.pytorch.bench.devices.cuda import SHARED_GUARD, Cuda
from cnncalc.pytorch.bench.devices.opening import open_cuda
from cnncalc.pytorch.bench.devices.system import driver_version, shares_memory
from cnncalc.pytorch.bench.faults import CaptureError, DeviceError
from cnncalc.pytorch.bench.session import Session
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.team import Solo

from ..fake_cuda import LAUNCH, SLOTS, FakeCuda


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
        with pytest.raises(UsageError, match=f"has no {dtype}: use --dtype"):
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
    with pytest.raises(
        UsageError, match=r"cuda:1 is not available: this PyTorch \(.*\) is built without CUDA: install"
    ):
        open_cuda(1)


def test_no_device(monkeypatch):
    monkeypatch.setattr(module, "built", lambda: True)
    with pytest.raises(
        UsageError, match="cuda:0 is not available: the driver shows no device: see nvidia-smi, or use --device cpu"
    ):
        open_cuda(0, FakeCuda(count=0))


def test_no_such_device(monkeypatch):
    monkeypatch.setattr(module, "built", lambda: True)
    with pytest.raises(UsageError, match="cuda:2 is not available: this machine has cuda:0, cuda:1"):
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


def test_faults_stay(api, cuda):
    """After an illegal access every call raises it again, but for what only gives back."""
    api.fails_after = 0
    cuda.mark()
    api.launch(1e-6)  # the host does not hear of it here
    for call in (cuda.wait, cuda.mark, cuda.memory, lambda: api.launch(1e-6), api.empty_cache):
        with pytest.raises(RuntimeError, match="illegal memory access"):
            call()
    cuda.release()
    assert not cuda.answers()


def test_a_device_that_still_works_answers(cuda):
    assert cuda.answers()


def test_a_full_queue_makes_the_host_wait(api, cuda):
    cuda.head_start(1.0)
    for _ in range(SLOTS - 1):
        api.launch(1e-6)
    assert api.now < 0.01
    api.launch(1e-6)
    assert api.now >= 1.0


def test_devices_have_their_own_time_and_memory():
    api = FakeCuda(count=2)
    first, second = (Cuda(index, api, place="cpu", clock=api.clock) for index in (0, 1))
    second.prepare(Settings())
    api.launch(1.0)
    api.allocate(1000)
    first.wait()
    assert api.now < 0.1
    second.wait()
    assert api.now >= 1.0
    assert (first.peaks().allocated, second.peaks().allocated) == (0, 1000)


def test_peaks_are_the_device_s(api, cuda):
    api.allocate(5000)
    api.free(4000)
    cuda.begin_peaks()
    api.allocate(3000)
    api.free(3000)
    peaks = cuda.peaks()
    assert peaks == (4000, 5000, 0, 4000)


def test_what_ends_a_capture_stands_in_its_context(api, cuda):
    with pytest.raises(CaptureError) as caught:
        cuda.captured(lambda: api.capturing and cuda.wait())
    assert "not permitted when stream is capturing" in str(caught.value.__cause__.__context__)
    cuda.wait()  # the device works after it


def test_the_l2_is_overwritten(monkeypatch):
    written = []
    monkeypatch.setattr(torch.Tensor, "zero_", lambda tensor: written.append(tensor.nbytes))
    Cuda(0, FakeCuda(l2=48 << 20), place="cpu").clear_cache()
    Cuda(0, FakeCuda(l2=0), place="cpu").clear_cache()
    assert written == [96 << 20, 32 << 20]


@pytest.mark.parametrize(
    ("integrated", "kernel", "system", "shared"),
    [
        (0, "6.8.0-generic", "posix", False),
        (1, "6.8.0-tegra", "posix", True),
        (0, "5.15.90.1-microsoft-standard-WSL2", "posix", True),
        (0, None, "posix", False),
        (0, None, "nt", True),
    ],
)
def test_memory_that_is_also_the_host_s_is_guarded(tmp_path, integrated, kernel, system, shared):
    path = tmp_path / "osrelease"
    if kernel is not None:
        path.write_text(kernel)
    properties = FakeCuda(integrated=integrated).get_device_properties(0)
    assert shares_memory(properties, path, system) is shared
    if integrated:
        assert Cuda(0, FakeCuda(integrated=1), place="cpu").guard == SHARED_GUARD


def test_hidden_devices_are_said(monkeypatch):
    monkeypatch.setattr(module, "built", lambda: True)
    for told in ("", "-1"):
        with pytest.raises(UsageError, match=r"CUDA_VISIBLE_DEVICES=.* hides every device: unset it"):
            open_cuda(0, FakeCuda(count=0), environment={"CUDA_VISIBLE_DEVICES": told})
    with pytest.raises(UsageError, match="cuda:1 is not available: CUDA_VISIBLE_DEVICES=3 leaves cuda:0"):
        open_cuda(1, FakeCuda(count=1), environment={"CUDA_VISIBLE_DEVICES": "3"})


def test_a_rank_with_one_visible_device_takes_it(monkeypatch):
    """SLURM shows each rank a single device, which is then number 0, whatever the rank's own number."""
    monkeypatch.setattr(module, "built", lambda: True)
    one = {"CUDA_VISIBLE_DEVICES": "GPU-4d1f"}
    assert open_cuda(3, FakeCuda(count=1), own=True, environment=one).name == "cuda:0"
    assert open_cuda(1, FakeCuda(count=2), own=True, environment={"CUDA_VISIBLE_DEVICES": "2,3"}).name == "cuda:1"
    with pytest.raises(UsageError, match="cuda:3 is not available: this machine has cuda:0"):
        open_cuda(3, FakeCuda(count=1), own=True, environment={})


def test_a_device_that_is_busy(monkeypatch):
    monkeypatch.setattr(module, "built", lambda: True)
    api = FakeCuda()
    api.broken = "CUDA error: all CUDA-capable devices are busy or unavailable"
    with pytest.raises(DeviceError, match=r"cuda:0 failed \(starting it\): .*: see nvidia-smi, or take another"):
        open_cuda(0, api, environment={})
    device = Cuda(0, FakeCuda(), place="cpu")
    device._api.broken = api.broken
    with pytest.raises(DeviceError, match=r"cuda:0 failed \(preparing it\): .*another process has exclusive use of it"):
        Session(device, Settings(), Solo(), lambda text: None)


def test_facts_without_cudnn(cuda, monkeypatch):
    def missing():
        raise RuntimeError("cuDNN version incompatibility: PyTorch was compiled against (9, 1, 0)")

    monkeypatch.setattr(torch.backends.cudnn, "version", missing)
    assert "cudnn" not in cuda.facts()
    assert cuda.facts()["l2"] == "50 MiB"


def test_the_buffer_that_clears_the_l2_is_not_the_network_s(api, cuda):
    api.allocate(200 << 20)
    cuda.clear_cache()  # on a real device the allocator counts it
    assert cuda.peaks().allocated == (200 << 20) - 2 * api.l2
    cuda.release()
    assert cuda.peaks().allocated == 200 << 20


def test_a_head_start_is_as_long_at_the_highest_clock(api, cuda):
    cuda.head_start(1e-3)
    assert api.slept == 2_000_000
    properties = api.get_device_properties(0)
    properties.clock_rate = 2_600_000  # kHz
    api.get_device_properties = lambda index: properties
    Cuda(0, api, place="cpu").head_start(1e-3)
    assert api.slept == 4_600_000
