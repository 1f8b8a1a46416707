"""Rules for normalization."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Rule
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Inexpressible, Stored, Tensor

CUMULATIVE = "momentum=None (cumulative average) cannot be expressed: momentum is set to 0"
STATISTICS = ("running_mean", "running_var")


def channels_first(call: Call, name: str) -> Tensor:
    """A tensor whose second dimension is the channels, whatever the order of the others."""
    tensor = call.tensor(name)
    if len(tensor.order) > 1 and tensor.order[1] == 1:
        return tensor
    if len(tensor.order) == 2 and tensor.order[1] == 2:  # rows of vectors, folded into the batch
        return call.arranged(tensor, (-2, 1)) if tensor.order[0] < 0 else call.arranged(tensor, None)
    return call.arranged(tensor, None)


def _batch_norm(call: Call, kind: str = "batchnorm") -> Tensor:
    entering = channels_first(call, "input")
    stored = call.weights("weight", "bias", *STATISTICS)
    tracked = "running_mean" in stored
    if tracked:
        counter = f"{stored['running_mean'].name.rpartition('.')[0]}.num_batches_tracked".lstrip(".")
        if counter in call.kept:
            stored["num_batches_tracked"] = call.kept[counter]
    arguments = {
        "eps": exact(call["eps"]),
        "momentum": exact(call["momentum"]),
        "affine": "weight" in stored,
        "track_running_stats": tracked,
    }
    norm = call.emit(kind, arguments, [entering], entering.shape, entering.order, stored)
    if tracked and getattr(call.module, "momentum", 0) is None:
        call.emission.note(CUMULATIVE, norm.name)
    return norm


def _instance_norm(call: Call) -> Tensor:
    return _batch_norm(call, "instancenorm")


def _layer_norm(call: Call) -> Tensor:
    entering = call.tensor("input")
    stored = call.weights("weight", "bias")
    arguments: dict[str, object] = {
        "eps": exact(call["eps"]),
        "elementwise_affine": "weight" in stored,
        "bias": "bias" in stored or "weight" not in stored,
    }
    return _normalized(call, "layernorm", arguments, entering, stored)


def _rms_norm(call: Call) -> Tensor:
    stored = call.weights("weight")
    arguments: dict[str, object] = {"elementwise_affine": "weight" in stored}
    if call["eps"] is not None:
        arguments["eps"] = exact(call["eps"])
    return _normalized(call, "rmsnorm", arguments, call.tensor("input"), stored)


def _written_rms_norm(call: Call) -> Tensor:
    """Over channels or the last axis; a factor per channel follows by itself."""
    tensor = call.tensor("input")
    axis, rank = tensor.axis(call["dim"]), len(tensor.shape)
    if axis not in (1, rank):
        raise Inexpressible
    arguments: dict[str, object] = {"elementwise_affine": False, "eps": exact(call["eps"])}
    if rank > 1:
        arguments["axis"] = "channels" if axis == 1 else "last"
    return call.emit("rmsnorm", arguments, [tensor], tensor.shape, tensor.order)


def _normalized(
    call: Call, kind: str, arguments: dict[str, object], entering: Tensor, stored: dict[str, Stored]
) -> Tensor:
    """A normalization over the last dimension, over all spatial ones, or over all but the batch."""
    count = len(call["normalized_shape"])
    if count == 1:
        return along_last(call, kind, arguments, entering, None, stored)
    entering = call.arranged(entering, None)
    if count < len(entering.shape) - 1:
        raise Inexpressible
    arguments["axis"] = "all" if count == len(entering.shape) else "spatial"
    return call.emit(kind, arguments, [entering], entering.shape, entering.order, stored)


def along_last(
    call: Call, kind: str, arguments: dict[str, object], entering: Tensor, size: int | None, stored: dict[str, Stored]
) -> Tensor:
    """A layer that acts on the last dimension that PyTorch sees: our channels, or our last axis.

    Args:
        call: the operation.
        kind: a layer with a field `axis`.
        arguments: its arguments without `axis`.
        entering: its input.
        size: the size of that axis in the output; None where it does not change.
        stored: its parameters and buffers.
    """
    if entering.axis(-1) not in (1, len(entering.shape)):
        entering = call.arranged(entering, None)
    axis = entering.axis(-1)
    if len(entering.shape) > 1:
        arguments["axis"] = "channels" if axis == 1 else "last"
    shape = list(entering.shape)
    if size is not None:
        shape[axis - 1] = size
    return call.emit(kind, arguments, [entering], tuple(shape), entering.order, stored)


def _group_norm(call: Call) -> Tensor:
    entering = channels_first(call, "input")
    stored = call.weights("weight", "bias")
    arguments = {"num_groups": call["num_groups"], "eps": exact(call["eps"]), "affine": "weight" in stored}
    return call.emit("groupnorm", arguments, [entering], entering.shape, entering.order, stored)


NORMALIZATION: dict[str, Rule] = {
    "batch_norm": _batch_norm,
    "_native_batch_norm_legit_no_training": _batch_norm,  # its form after decomposition
    "instance_norm": _instance_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "rms_norm, written out": _written_rms_norm,
    "group_norm": _group_norm,
}
