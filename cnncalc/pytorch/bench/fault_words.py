"""Recognize the error messages of PyTorch, CUDA, cuDNN, NCCL, Triton and Metal, and say what to do about each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from cnncalc.errors import CnncalcError

# What allocators and libraries report when memory runs out; only some of these are an OutOfMemoryError. cuBLAS cannot
# create its handle, and cuDNN finds no algorithm with a workspace that fits. In a container without NVML, the
# allocator's out-of-memory report fails with an assertion on NVML instead.
NO_ROOM = (
    "out of memory", "outofmemory", "alloc_failed", "allocation_failed", "can't allocate memory", "not enough memory",
    "cannot allocate memory", "cublas_status_not_initialized", "unable to find a valid cudnn algorithm",
    "cudaerrormemoryallocation",
)  # fmt: skip
ALLOCATOR_REPORT = ("nvml_success", "internal assert")
CAPTURE = ("captur",)  # "operation not permitted when stream is capturing", cudaErrorStreamCaptureInvalidated
COMPILER_MODULES = ("torch._dynamo", "torch._inductor", "triton")
FOREIGN = (RuntimeError, MemoryError, AssertionError, ValueError, OSError, ImportError)
FOREIGN_MODULES = ("torch", "triton")
# Kernels run asynchronously: these errors surface at a later call, in a layer that is not the one at fault.
LATE = ("illegal memory access", "device-side assert", "unspecified launch failure", "misaligned address")
LONGEST = 200  # characters of a reason

# The first entry with a word that the message contains gives the advice.
ADVICE: tuple[tuple[tuple[str, ...], str], ...] = (
    (("expected more than 1 value per channel",), "one value has no variance to normalize by: take --batch 2 or more"),
    (
        ("env:// rendezvous", "master_addr", "master_port"),
        "start it with torchrun, which sets what ranks need to meet, or unset RANK and WORLD_SIZE",
    ),
    (("busy or unavailable",), "another process has exclusive use of it: see nvidia-smi, or take another --device"),
    (("duplicate gpu detected",), "two ranks were given one device: start as many ranks as there are devices"),
    (
        ("cudnn_status_not_initialized", "libcudnn", "cudnn version incompatibility", "symbol cudnn"),
        "PyTorch cannot load a matching cuDNN: unset LD_LIBRARY_PATH, or install PyTorch again",
    ),
    (
        ("no kernel image is available",),
        "this PyTorch build does not support the device: install a build that does (pytorch.org/get-started)",
    ),
    (("driver version is insufficient", "driver on your system is too old"), "update the driver of the device"),
    (("bfloat16 is not supported on mps", "mps bf16"), "use --dtype fp16"),
    (("not implemented for", "not supported on mps"), "use another --dtype"),
    (
        ("canuse32bitindexmath", "integer out of range", "unable to find an engine", "int_max", "32-bit index"),
        "use a smaller --batch",
    ),
    (
        ("cuda error", "cudnn", "nccl", "hip error", "acceleratorerror"),
        "run again, with CUDA_LAUNCH_BLOCKING=1 to see where; nvidia-smi shows the state of the device",
    ),
)  # fmt: skip

# Lines of a compiler's report that say nothing about the cause.
NOISE = re.compile(
    r"raised:?$|^(backend=|Set TORCH|You can suppress|For even more|For more|Compile with|CUDA kernel errors might|"
    r"For debugging|Traceback|File |While |Command:|Output:|C\+\+ compile error|import torch|from user code|The above)|"
    r"^[\^~\s]*$",
)
TELLING = re.compile(r"fatal error|\berror:|\w(Error|Exception|OutOfResources)\b|out of resource")


def is_foreign(error: BaseException) -> bool:
    """Whether PyTorch, a compiler or the system raised the error, rather than this package."""
    if isinstance(error, CnncalcError):
        return False
    from_torch = type(error).__module__.startswith(FOREIGN_MODULES)
    return isinstance(error, FOREIGN) or from_torch or (isinstance(error, TypeError) and "MPS" in str(error))


def has_no_room(error: BaseException) -> bool:
    """Whether the error, or one in its chain of causes, reports that memory ran out."""
    return any(map(_reports_no_room, chain(error)))


def in_capture(error: BaseException) -> bool:
    """Whether the error was raised during the capture of a CUDA graph."""
    return any(type(each).__name__ == "CaptureError" or has(str(each), CAPTURE) for each in chain(error))


def surfaces_late(error: BaseException) -> bool:
    """Whether the kernel at fault may have been queued long before the error; never when launches block."""
    return has(str(error), LATE) and os.environ.get("CUDA_LAUNCH_BLOCKING") != "1"


def advice_for(error: BaseException) -> str:
    """Advice on what to do, after a semicolon; an empty string if there is none."""
    if in_capture(error):
        return "; run without --cuda-graph"
    if any(type(each).__module__.startswith(COMPILER_MODULES) for each in chain(error)):
        return "; run without --compile"
    text = " ".join(f"{type(each).__name__} {each}" for each in chain(error))
    return next((f"; {advice}" for words, advice in ADVICE if has(text, words)), "")


def reason_of(error: BaseException) -> str:
    """The most informative line: the one with the error in a compiler's report, otherwise the first."""
    root = _root(error)
    lines = [line.strip() for line in str(root).splitlines() if line.strip()]
    useful = [line for line in lines if not NOISE.search(line)] or lines
    if type(root).__module__.startswith(COMPILER_MODULES):
        useful = [line for line in useful if TELLING.search(line)] or useful
    reason = useful[0].rstrip(".") if useful else type(root).__name__
    return reason if len(reason) <= LONGEST else reason[: LONGEST - 1] + "…"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, the exception that it was raised from or while handling, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def has(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text contains one of the words, ignoring case."""
    lower = text.lower()
    return any(word in lower for word in words)


def _reports_no_room(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and (has(text, NO_ROOM) or all(word in text for word in ALLOCATOR_REPORT))


def _root(error: BaseException) -> BaseException:
    """The original error: the exception that a capture raises says only that something failed before."""
    root = error
    if in_capture(error):
        for each in chain(error):
            root = each
    return root
