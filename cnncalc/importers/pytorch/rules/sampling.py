"""Rules for operators that read a map at computed positions; those of torchvision's library too."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Rule
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Tensor

MODES = ("bilinear", "nearest", "bicubic")  # in the order of PyTorch's numbers for them
PADDING_MODES = ("zeros", "border", "reflection")


def _grid_sampler(call: Call) -> Tensor:
    """The grid of PyTorch has the positions last, ours has them in the channels."""
    entering, grid = call.plain("input"), call.tensor("grid")
    last = len(entering.shape)
    grid = call.arranged(grid, (0, *range(2, last + 1), 1))
    if entering.order[0] != 0:
        raise Inexpressible
    arguments = {
        "mode": MODES[call["interpolation_mode"]],
        "padding_mode": PADDING_MODES[call["padding_mode"]],
        "align_corners": bool(call["align_corners"]),
    }
    return call.emit("grid_sample", arguments, [entering, grid], call.seen[1:])


def _deform_conv(call: Call) -> Tensor:
    """torchvision's `deform_conv2d`; without factors, it is given zeros in their place."""
    weight = call["weight"]
    names = ("input", "offset", "mask") if call["use_mask"] else ("input", "offset")
    tensors = [call.plain(name) for name in names]
    if not isinstance(weight, Constant) or any(tensor.order[0] != 0 for tensor in tensors):
        raise Inexpressible
    stored = call.weights("weight", "bias")
    bias = "bias" in stored and stored["bias"].learnt
    arguments = {
        "out_channels": weight.shape[0],
        "kernel_size": list(weight.shape[2:]),
        "stride": [call["stride_h"], call["stride_w"]],
        "padding": [call["pad_h"], call["pad_w"]],
        "dilation": [call["dilation_h"], call["dilation_w"]],
        "groups": call["groups"],
        "offset_groups": call["offset_groups"],
        "bias": bias,
    }
    return call.emit("deform_conv", arguments, tensors, call.seen[1:], None, stored)


SAMPLING: dict[str, Rule] = {
    "grid_sampler": _grid_sampler,
    "grid_sampler_2d": _grid_sampler,
    "grid_sampler_3d": _grid_sampler,
    "deform_conv2d": _deform_conv,
}
