"""Turn exceptions of PyTorch and its drivers into one sentence: the work, the layer, the reason and the advice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.fault_words import advice_for, has_no_room, in_capture, is_foreign, reason_of, surfaces_late

Locate = Callable[[BaseException], "str | None"]
"""Returns the name of the layer in which an exception was raised; None if unknown."""

LESS_MEMORY = "use a smaller --batch, --batch auto for the largest that fits, or --dtype bf16"
WITHOUT_GRAPH = "run without --cuda-graph, whose graph keeps memory of its own, or use a smaller --batch"


class NoRoomError(UsageError):
    """The device ran out of memory."""


class DeviceError(UsageError):
    """The device, its driver or a library refused the work or failed."""


class CaptureError(RuntimeError):
    """A call could not be captured as a CUDA graph; its cause says why."""


def layer_at(error: BaseException, names: Mapping[int, str]) -> str | None:
    """The name of the layer that was running when an exception was raised, from the innermost frame of a known module.

    Args:
        error: the exception, with its traceback.
        names: `id` of a module → name of its node.
    """
    layer: str | None = None
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        layer = names.get(id(traceback.tb_frame.f_locals.get("self")), layer)
        traceback = traceback.tb_next
    return layer


@contextmanager
def faults_of(device: str, doing: str, locate: Locate | None = None) -> Iterator[None]:
    """Reraise exceptions from the context as one sentence; `doing` describes the work, such as "resnet@50, batch 8".

    Raises:
        NoRoomError: the device ran out of memory.
        DeviceError: anything else that PyTorch, its compiler or a driver raises.
    """
    try:
        yield
    except Exception as error:
        if not is_foreign(error):
            raise
        place = _place(error, doing, locate)
        if has_no_room(error):
            advice = WITHOUT_GRAPH if in_capture(error) else LESS_MEMORY
            raise NoRoomError(f"{device} is out of memory {place}: {advice}") from None
        raise DeviceError(f"{device} failed {place}: {reason_of(error)}{advice_for(error)}") from None


def _place(error: Exception, doing: str, locate: Locate | None) -> str:
    """`(resnet@50, batch 8) at conv1`; without the layer if an asynchronous kernel failed."""
    layer = None if locate is None or surfaces_late(error) else locate(error)
    return f"({doing})" if layer is None else f"({doing}) at {layer}"
