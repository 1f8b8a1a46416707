"""Rules for tensors that no input enters, as operands: a factor per channel, `parameter` and `constant`."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Stored, Tensor


def merge(call: Call, kind: str, tensor: Tensor, constant: Constant) -> Tensor:
    """A sum or product with a tensor that no input enters: `scale` if it is a learned factor per channel.

    Raises:
        Inexpressible: it is a difference, or computed from learned tensors.
    """
    if kind == "multiply" and _is_per_channel(tensor, constant):
        return call.emit("scale", {}, [tensor], tensor.shape, tensor.order, {"weight": constant.sources[0]})
    if kind == "subtract" and constant.whole:
        raise Inexpressible
    shape = _own_shape(tensor, constant)
    owner = call.emission.owners.get(constant.sources[0].key) if constant.whole else None
    if owner and len(shape) == 2 and call.emission.nodes[owner].weights == {"weight": shape[::-1]} != {"weight": shape}:
        tensor = call.arranged(tensor, tuple(axis if axis == 0 else 3 - axis for axis in tensor.order))
        shape = shape[::-1]  # as in the layer that has it already
    both = list(zip(tensor.shape, shape, strict=True))
    if any(own != size and 1 not in (own, size) for own, size in both):
        raise Inexpressible
    arguments: dict[str, object] = {"merge": "multiply" if kind == "multiply" else "add"}
    if shape != tensor.shape:
        arguments["shape"] = list(shape)
    layer, more, stored = _kind_of(constant, shape)
    made = tuple(max(sizes) for sizes in both)
    return call.emit(layer, {**arguments, **more}, [tensor], made, tensor.order, stored, own=False)


def put_in_front(call: Call, constant: Constant, tensor: Tensor, dim: int) -> Tensor:
    """A tensor that no input enters, concatenated in front of one that depends on an input."""
    axis = tensor.axis(dim)
    if constant.repeated != tensor.order.index(0):
        raise Inexpressible
    shape = _own_shape(tensor, constant)
    made = list(tensor.shape)
    made[axis - 1] += shape[axis - 1]
    layer, more, stored = _kind_of(constant, shape)
    arguments = {"shape": list(shape), "merge": "concat", **({} if axis == 2 else {"dim": axis})}
    return call.emit(layer, {**arguments, **more}, [tensor], tuple(made), tensor.order, stored, own=False)


def by_itself(call: Call, constant: Constant) -> Tensor:
    """The layer of a tensor that no input enters and that is repeated for every image.

    Raises:
        Inexpressible: it is not repeated, or computed from learned tensors.
    """
    if constant.repeated is None:
        raise Inexpressible
    at = constant.repeated
    shape = (*constant.shape[:at], *constant.shape[at + 1 :])
    axes = list(range(1, len(shape) + 1))
    owner = call.emission.owners.get(constant.sources[0].key) if constant.whole else None
    known = owner is not None and call.emission.nodes[owner].weights == {"weight": shape}
    if len(shape) == 2 and not known:  # a list of vectors, whose elements are the channels
        shape, axes = shape[::-1], axes[::-1]
    order = (*axes[:at], 0, *axes[at:])
    layer, more, stored = _kind_of(constant, shape)
    return call.emit(layer, {"shape": list(shape), **more}, [], shape, order, stored, own=False)


def _is_per_channel(tensor: Tensor, constant: Constant) -> bool:
    """Whether it is one learned number per channel."""
    if not constant.whole or not constant.sources[0].learnt or constant.sources[0].numel != tensor.shape[0]:
        return False
    dims = [dim - len(constant.shape) for dim, size in enumerate(constant.shape) if size != 1]
    if any(-dim > len(tensor.order) for dim in dims) or len(dims) > 1:
        return False
    return not dims or tensor.order[dims[0]] == 1


def _own_shape(tensor: Tensor, constant: Constant) -> Sizes:
    """The sizes of a constant that is broadcast to a tensor, in the order of our axes.

    Raises:
        Inexpressible: it differs from image to image, or has more axes.
    """
    sizes = (1,) * (len(tensor.order) - len(constant.shape)) + constant.shape
    if len(sizes) > len(tensor.order):
        raise Inexpressible
    shape = [1] * len(tensor.shape)
    for dim, (size, axis) in enumerate(zip(sizes, tensor.order, strict=True)):
        if axis > 0:
            shape[axis - 1] = size
        elif size != 1 and (axis < 0 or dim - len(sizes) + len(constant.shape) != constant.repeated):
            raise Inexpressible
    return tuple(shape)


def _kind_of(constant: Constant, shape: Sizes) -> tuple[str, Mapping[str, object], Mapping[str, Stored]]:
    """The layer, its further arguments, and what it stores."""
    if not constant.whole and any(stored.learnt for stored in constant.sources):
        raise Inexpressible
    if not constant.whole:
        return "constant", {}, {}
    stored = {"weight": constant.sources[0]._replace(shape=shape)}
    return ("parameter", {}, stored) if constant.sources[0].learnt else ("constant", {"buffer": True}, stored)
