"""Rules for roll, and for windows as channels (`im2col`) and back (`col2im`)."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Rule
from cnncalc.importers.pytorch.places import rolled_back
from cnncalc.importers.pytorch.values import Inexpressible, Tensor
from cnncalc.layers.window import Window


def _roll(call: Call) -> Tensor:
    """A shift of any axes but the batch, each by its own number."""
    entering, dims, shifts = call.tensor("self"), list(call["dims"]), list(call["shifts"])
    if not dims:  # all elements in a row
        raise Inexpressible
    before = rolled_back(call, entering, [entering.axis(dim) for dim in dims], shifts)
    if before is not None:
        return before
    arguments: dict[str, object] = {"shifts": shifts, "dims": [entering.axis(dim) for dim in dims]}
    return call.emit("roll", arguments, [entering], entering.shape, entering.order)


def _unfold(call: Call) -> Tensor:
    """The windows keep their places in our layer; PyTorch has them in a row."""
    entering = call.plain("self")
    if len(entering.shape) != 3 or entering.order[0] != 0:
        raise Inexpressible
    windows = _windows(call, entering.shape[1:])
    output = (call.seen[1], *windows)
    laid = call.emit("unfold", _arguments(call), [entering], output)
    return call.emit("flatten", {"start_dim": 2}, [laid], call.seen[1:], own=False)


def _fold(call: Call) -> Tensor:
    """A row of windows, put back to their places first."""
    entering = call.plain("self")
    if len(entering.shape) != 2 or entering.order[0] != 0:
        raise Inexpressible
    sizes = list(call["output_size"])
    windows = _windows(call, tuple(sizes))
    shape = (entering.shape[0], *windows)
    before = call.before(entering, "flatten")
    if before is not None and call.emission.shapes[before.inputs[0]] == shape:
        call.emission.drop(entering.name)
        placed = Tensor(before.inputs[0], shape, (0, 1, 2, 3))
    else:
        placed = call.emit("reshape", {"shape": list(shape)}, [entering], shape, own=False)
    return call.emit("fold", {"output_size": sizes, **_arguments(call)}, [placed], call.seen[1:])


def _arguments(call: Call) -> dict[str, object]:
    return {field: list(call[field]) for field in ("kernel_size", "dilation", "padding", "stride")}


def _windows(call: Call, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The number of windows along each axis."""
    axes = zip(*(call[field] for field in ("kernel_size", "stride", "padding", "dilation")), strict=True)
    windows = (Window(n, f, s, pad, pad, d) for n, (f, s, pad, d) in zip(sizes, axes, strict=True))
    return tuple(int(str(window.out)) for window in windows)


MOVING: dict[str, Rule] = {"roll": _roll, "im2col": _unfold, "col2im": _fold}
