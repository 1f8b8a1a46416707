import pytest
import torch
from torch import nn

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.fault_words import has_no_room
from cnncalc.pytorch.bench.faults import CaptureError, DeviceError, NoRoomError, faults_of, layer_at


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
        pytest.raises(NoRoomError, match=r"cuda:0 is out of memory \(net, batch 8\): use a smaller --batch"),
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
        (RuntimeError("\"conv\" not implemented for 'Half'"), "; use another --dtype"),
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


@pytest.mark.parametrize(
    "text",
    [
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
        "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
        "Unable to find a valid cuDNN algorithm to run convolution",
        "CUDA driver error: out of memory",
        'NVML_SUCCESS == r INTERNAL ASSERT FAILED at "/pytorch/c10/cuda/CUDACachingAllocator.cpp":1016',
        "HIP out of memory. Tried to allocate 2.00 GiB",
    ],
)
def test_memory_in_all_its_words(text):
    assert has_no_room(RuntimeError(text))
    assert not has_no_room(ValueError(text))


def capture_that_ends_in(cause):
    """As `torch.cuda.graph` fails: its end raises in the context of what really happened."""
    try:
        try:
            raise cause
        except Exception:
            raise RuntimeError("CUDA error: operation failed due to a previous error during capture")  # noqa: B904
    except RuntimeError as error:
        raise CaptureError(str(error)) from error


def test_memory_that_ends_in_a_capture_is_found_in_its_context():
    with (
        pytest.raises(NoRoomError, match=r"cuda:0 is out of memory \(net\): run without --cuda-graph"),
        faults_of("cuda:0", "net"),
    ):
        capture_that_ends_in(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"))


def test_a_capture_that_fails_names_its_cause_and_its_option():
    message = r"\(net\): CUDA error: operation not permitted when stream is capturing; run without --cuda-graph$"
    with pytest.raises(DeviceError, match=message), faults_of("cuda:0", "net"):
        capture_that_ends_in(RuntimeError("CUDA error: operation not permitted when stream is capturing\nmore"))


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ValueError("Expected more than 1 value per channel when training, got input size [1, 8, 1, 1]"), "--batch 2"),
        (
            ValueError(
                "Error initializing torch.distributed using env:// rendezvous: environment variable MASTER_ADDR "
                "expected, but not set"
            ),
            "start it with torchrun",
        ),
        (RuntimeError("CUDA error: all CUDA-capable devices are busy or unavailable\nmore"), "has exclusive use"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED"), "cannot load a matching cuDNN"),
        (OSError("libcudnn.so.9: cannot open shared object file: No such file"), "cannot load a matching cuDNN"),
        (RuntimeError("Duplicate GPU detected : rank 1 and rank 0 both on device 3b000"), "two ranks were given one"),
        (RuntimeError("CUDA error: no kernel image is available for execution on the device"), "install a build"),
        (TypeError("BFloat16 is not supported on MPS"), "use --dtype fp16"),
        (
            RuntimeError("Expected canUse32BitIndexMath(input) && canUse32BitIndexMath(output) to be true"),
            "use a smaller --batch",
        ),
        (RuntimeError("integer out of range"), "use a smaller --batch"),
        (RuntimeError("GET was unable to find an engine to execute this computation"), "use a smaller --batch"),
    ],
)  # fmt: skip
def test_every_fault_has_its_advice(error, advice):
    with pytest.raises(DeviceError) as caught, faults_of("cuda:0", "net, batch 8"):
        raise error
    first = str(error).partition("\n")[0]
    assert str(caught.value).startswith(f"cuda:0 failed (net, batch 8): {first}; ")
    assert advice in str(caught.value)


def compiler_error(name, text, module="torch._inductor.exc", base=RuntimeError):
    return type(name, (base,), {"__module__": module})(text)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            compiler_error(
                "BackendCompilerFailed",
                "backend='inductor' raised:\nInvalidCxxCompiler: No working C++ compiler found in cpp.cxx: ('g++')\n"
                "\nSet TORCHDYNAMO_VERBOSE=1 for the internal stack trace",
                "torch._dynamo.exc",
            ),
            "InvalidCxxCompiler: No working C++ compiler found in cpp.cxx: ('g++')",
        ),
        (
            compiler_error(
                "CppCompileError",
                "C++ compile error\n\nCommand:\ng++ /tmp/x.cpp -shared -fPIC -o /tmp/x.so\n\nOutput:\n"
                "/tmp/x.cpp:4:10: fatal error: Python.h: No such file or directory\n    4 | #include <Python.h>\n",
            ),
            "/tmp/x.cpp:4:10: fatal error: Python.h: No such file or directory",
        ),
        (
            compiler_error(
                "OutOfResources", "out of resource: shared memory, Required: 132096, Hardware limit: 101376.",
                "triton.runtime.errors", Exception,
            ),
            "out of resource: shared memory, Required: 132096, Hardware limit: 101376",
        ),
    ],
)  # fmt: skip
def test_a_compiler_s_failure_shows_the_line_that_says_something(error, reason):
    with pytest.raises(DeviceError) as caught, faults_of("cuda:0", "net"):
        raise error
    assert str(caught.value) == f"cuda:0 failed (net): {reason}; run without --compile"


def test_long_reasons_are_cut():
    with pytest.raises(DeviceError) as caught, faults_of("cpu", "net"):
        raise RuntimeError("x" * 1000)
    assert str(caught.value).endswith("x…")
    assert len(str(caught.value)) < 250


def test_faults_of_our_own_are_not_dressed_up():
    with pytest.raises(KeyError), faults_of("cpu", "net"):
        raise KeyError("conv1")
    with pytest.raises(UsageError, match="as it was said"), faults_of("cpu", "net"):
        raise UsageError("as it was said")


class Boom(nn.Module):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def forward(self, x):
        raise self.error


def located(error):
    """The sentence of a network whose second layer raises."""
    network = nn.Sequential(nn.ReLU(), nn.Sequential(Boom(error)), nn.ReLU())
    names = {id(network[0]): "relu1", id(network[1]): "block", id(network[2]): "relu2"}
    with pytest.raises(UsageError) as caught, faults_of("cuda:0", "net, batch 8", lambda e: layer_at(e, names)):
        network(torch.zeros(1))
    return str(caught.value)


def test_the_layer_is_named():
    assert "cuda:0 is out of memory (net, batch 8) at block: use" in located(torch.OutOfMemoryError("out of memory"))
    assert "cuda:0 failed (net, batch 8) at block: integer out of range; use" in located(
        RuntimeError("integer out of range")
    )


def test_a_kernel_s_fault_surfaces_behind_its_layer_so_none_is_named(monkeypatch):
    illegal = RuntimeError("CUDA error: an illegal memory access was encountered")
    monkeypatch.delenv("CUDA_LAUNCH_BLOCKING", raising=False)
    assert "(net, batch 8): CUDA error" in located(illegal)
    monkeypatch.setenv("CUDA_LAUNCH_BLOCKING", "1")
    assert "(net, batch 8) at block: CUDA error" in located(illegal)
