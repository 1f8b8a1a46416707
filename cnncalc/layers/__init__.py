"""The table of layers: one descriptor per kind, one file per family.

A family is imported when one of its layers is first looked up; most networks need few.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module

from cnncalc.layers.layer import Layer

__all__ = ["LAYERS", "Layer"]


class Table(MutableMapping[str, type[Layer]]):
    """Kind → descriptor, in the order in which help lists them."""

    def __init__(self, *families: tuple[str, str]) -> None:
        """Register families: each is a module of this package with the kinds in it; duplicate kinds raise
        ValueError.
        """
        self._entries: dict[str, type[Layer] | str] = {}  # the module name until it is imported
        for family, kinds in families:
            for kind in kinds.split():
                if kind in self._entries:
                    raise ValueError(f"duplicate layers: {kind}")
                self._entries[kind] = family

    def __getitem__(self, kind: str) -> type[Layer]:
        entry = self._entries[kind]
        return self._load(entry, kind) if isinstance(entry, str) else entry

    def __setitem__(self, kind: str, layer: type[Layer]) -> None:
        self._entries[kind] = layer

    def __delitem__(self, kind: str) -> None:
        del self._entries[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _load(self, family: str, kind: str) -> type[Layer]:
        """Import a family and return the descriptor of this kind."""
        module = import_module(f"{__name__}.{family}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Layer) and self._entries.get(_kind(value)) == family:
                self._entries[value.kind] = value
        entry = self._entries[kind]
        if isinstance(entry, str):
            raise LookupError(f"no layer {kind} in {module.__name__}")
        return entry


def _kind(layer: type[Layer]) -> str:
    """The kind that a class itself declares, ignoring its bases."""
    return str(layer.__dict__.get("kind", ""))


LAYERS = Table(
    # sliding
    ("convolution", "conv"),
    ("transposed", "conv_transpose"),
    ("standardized", "std_conv"),
    ("convolution", "locally_connected"),
    ("deformable", "deform_conv"),
    ("pooling", "maxpool avgpool lppool subsample"),
    # pooling to a size
    ("adaptive", "adaptive_avgpool adaptive_maxpool global_avgpool global_maxpool"),
    # vectors
    ("linear", "linear capsule rbf"),
    # sequences
    ("recurrent", "lstm gru rnn"),
    # windows and shifts
    ("blurring", "blurpool"),
    ("unfolding", "unfold fold"),
    ("rolling", "roll"),
    # shape and order
    ("reshaping", "flatten reshape permute"),
    ("shuffling", "pixel_shuffle pixel_unshuffle channel_shuffle"),
    # size
    ("resizing", "pad crop upsample"),
    ("selection", "slice mean"),
    ("taking", "take"),
    ("reductions", "sum max var std cumsum"),
    # positions that the network computes
    ("sampling", "grid_sample roi_align"),
    ("boxes", "nms"),
    # tensors of its own
    ("tensors", "parameter constant"),
    ("embedding", "embedding"),
    # joining
    ("merge", "add subtract multiply divide concat matmul"),
    ("attention", "attention"),
    # activation
    ("activation", "relu relu6 leaky_relu prelu elu selu celu gelu silu mish sigmoid tanh abs"),
    ("activation", "hardswish hardsigmoid hardtanh softplus"),
    ("selection", "softmax log_softmax"),
    ("elementwise", "rescale"),
    ("gating", "glu"),
    # normalization
    ("normalization", "batchnorm layernorm groupnorm instancenorm scale"),
    ("pixel_normalization", "lrn l2norm"),
    ("scaling_norms", "rmsnorm grn"),
    # training only
    ("regularization", "dropout drop_path identity"),
    # no rule
    ("unknown", "unknown"),
)
