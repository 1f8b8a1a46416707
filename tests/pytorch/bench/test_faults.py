import pytest
import torch

from cnncalc.pytorch.bench.fault_words import has_no_room
from cnncalc.pytorch.bench.faults import DeviceError, NoRoomError, faults_of


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried …"),
        RuntimeError("MPS backend out of memory (MPS allocated: 4 GB)"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_memory(error):
    assert has_no_room(error)
    with (
        pytest.raises(NoRoomError, match=r"cuda:0 is out of memory \(net, batch 8\): take a smaller --batch"),
        faults_of("cuda:0", "net, batch 8"),
    ):
        raise error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            RuntimeError("CUDA error: device-side assert\nmore"),
            "CUDA error: device-side assert; run again, with CUDA_L",
        ),
        (RuntimeError("\"conv\" not implemented for 'Half'"), "; take another --dtype"),
        (RuntimeError(""), r"cpu failed \(net\): RuntimeError"),
        (AssertionError("Torch not compiled with CUDA enabled"), "Torch not compiled with CUDA enabled"),
    ],
)
def test_others(error, message):
    assert not has_no_room(error)
    with pytest.raises(DeviceError, match=message), faults_of("cpu", "net"):
        raise error


def test_compiler():
    kind = type("BackendCompilerFailed", (RuntimeError,), {"__module__": "torch._dynamo.exc"})
    with pytest.raises(DeviceError, match="run without --compile"), faults_of("cpu", "net"):
        raise kind("no C++ compiler")


def test_nothing_fails():
    with faults_of("cpu", "net"):
        pass
