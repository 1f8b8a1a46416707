"""From what PyTorch and its drivers raise to a sentence with the fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cnncalc.errors import UsageError

# What allocators and libraries say where memory ends; only some of it is an OutOfMemoryError.
MEMORY_WORDS = ("out of memory", "alloc_failed", "can't allocate memory", "not enough memory", "cannot allocate memory")
COMPILER_WORDS = ("torch._dynamo", "torch._inductor", "triton")


class NoRoomError(UsageError):
    """The device has no room for what was tried."""


class DeviceError(UsageError):
    """The device or its driver failed; nothing more can be measured on it in this process."""


@contextmanager
def faults_of(device: str, doing: str) -> Iterator[None]:
    """Turn what fails inside into a sentence; `doing` says what was being done: "resnet@50, batch 8".

    Raises:
        NoRoomError: no room.
        DeviceError: anything else that PyTorch raises.
    """
    try:
        yield
    except (RuntimeError, MemoryError, AssertionError) as error:
        if is_out_of_memory(error):
            raise NoRoomError(f"{device} is out of memory ({doing}): {MEMORY_HINT}") from None
        raise DeviceError(f"{device} failed ({doing}): {_reason(error)}{_hint(error)}") from None


MEMORY_HINT = "take a smaller --batch, --batch auto for the largest that fits, or --dtype bf16"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ended."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(word in text for word in MEMORY_WORDS)


def _reason(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def _hint(error: BaseException) -> str:
    """What to do about it."""
    if type(error).__module__.startswith(COMPILER_WORDS):
        return "; run without --compile"
    text = str(error)
    if "CUDA error" in text or "cuDNN" in text or "CUDNN" in text or "NCCL" in text:
        return "; run again, with CUDA_LAUNCH_BLOCKING=1 to see where; nvidia-smi shows the state of the device"
    if "not implemented for" in text:
        return "; take another --dtype"
    return ""
