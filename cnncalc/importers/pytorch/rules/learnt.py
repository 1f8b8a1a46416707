"""Rules for a learnt tensor that is an operand by itself: a factor per channel."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Tensor


def scale(call: Call, kind: str, tensor: Tensor, constant: Constant) -> Tensor:
    """The `scale` layer for a product with one learnt number per channel.

    Raises:
        Inexpressible: it is anything else.
    """
    if kind != "multiply" or not constant.whole or not constant.sources[0].learnt:
        raise Inexpressible
    dims = [dim - len(constant.shape) for dim, size in enumerate(constant.shape) if size != 1]
    channels = tensor.shape[0]
    if constant.sources[0].numel != channels or any(-dim > len(tensor.order) for dim in dims):
        raise Inexpressible
    if len(dims) > 1 or (dims and tensor.order[dims[0]] != 1):
        raise Inexpressible
    return call.emit("scale", {}, [tensor], tensor.shape, tensor.order, {"weight": constant.sources[0]})
