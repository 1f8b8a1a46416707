"""One descriptor per layer, one file per family; `LAYERS` is the table of them all."""

from __future__ import annotations

from cnncalc.layers.activation import (
    Abs,
    Celu,
    Elu,
    Gelu,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyRelu,
    Mish,
    Prelu,
    Relu,
    Relu6,
    Selu,
    Sigmoid,
    Silu,
    Softplus,
    Tanh,
)
from cnncalc.layers.adaptive import AdaptiveAvgPool, AdaptiveMaxPool, GlobalAvgPool, GlobalMaxPool
from cnncalc.layers.convolution import Conv, LocallyConnected
from cnncalc.layers.elementwise import Rescale
from cnncalc.layers.layer import Layer
from cnncalc.layers.linear import Capsule, Linear, Rbf
from cnncalc.layers.merge import Add, Concat, Matmul, Multiply, Subtract
from cnncalc.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, L2Norm, LayerNorm, Lrn, Scale
from cnncalc.layers.pooling import AvgPool, LpPool, MaxPool, Subsample
from cnncalc.layers.regularization import Dropout, Identity
from cnncalc.layers.reshaping import Flatten, Permute, Reshape
from cnncalc.layers.resizing import Crop, Pad, Upsample
from cnncalc.layers.selection import LogSoftmax, Mean, Slice, Softmax
from cnncalc.layers.shuffling import ChannelShuffle, PixelShuffle, PixelUnshuffle
from cnncalc.layers.transposed import ConvTranspose
from cnncalc.layers.unknown import Unknown

__all__ = ["LAYERS", "Layer"]


def table(descriptors: tuple[type[Layer], ...]) -> dict[str, type[Layer]]:
    """The descriptors by kind; one kind twice is a mistake of ours."""
    by_kind = {descriptor.kind: descriptor for descriptor in descriptors}
    if len(by_kind) < len(descriptors):
        kinds = [descriptor.kind for descriptor in descriptors]
        msg = f"duplicate layers: {', '.join(sorted({kind for kind in kinds if kinds.count(kind) > 1}))}"
        raise ValueError(msg)
    return by_kind


LAYERS = table(
    (
        # sliding
        Conv,
        ConvTranspose,
        LocallyConnected,
        MaxPool,
        AvgPool,
        LpPool,
        Subsample,
        # pooling to a size
        AdaptiveAvgPool,
        AdaptiveMaxPool,
        GlobalAvgPool,
        GlobalMaxPool,
        # vectors
        Linear,
        Capsule,
        Rbf,
        # shape and order
        Flatten,
        Reshape,
        Permute,
        PixelShuffle,
        PixelUnshuffle,
        ChannelShuffle,
        # size
        Pad,
        Crop,
        Upsample,
        Slice,
        Mean,
        # joining
        Add,
        Subtract,
        Multiply,
        Concat,
        Matmul,
        # activation
        Relu,
        Relu6,
        LeakyRelu,
        Prelu,
        Elu,
        Selu,
        Celu,
        Gelu,
        Silu,
        Mish,
        Sigmoid,
        Tanh,
        Abs,
        Hardswish,
        Hardsigmoid,
        Hardtanh,
        Softplus,
        Softmax,
        LogSoftmax,
        Rescale,
        # normalization
        BatchNorm,
        LayerNorm,
        GroupNorm,
        InstanceNorm,
        Lrn,
        L2Norm,
        Scale,
        # training only
        Dropout,
        Identity,
        # no rule
        Unknown,
    )
)
