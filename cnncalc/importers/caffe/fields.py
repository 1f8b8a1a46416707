"""Reports fields that Caffe does not have: forks add others, but a misspelt stride would count as 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnncalc.importers.caffe.network import Layer
from cnncalc.suggest import suggest

WINDOW = (
    "pad", "pad_h", "pad_w", "kernel_size", "kernel_h", "kernel_w", "stride", "stride_h", "stride_w", "engine",
)  # fmt: skip
PRODUCT = ("num_output", "bias_term", "weight_filler", "bias_filler", "axis")
FIELDS = {
    "convolution_param": (*WINDOW, *PRODUCT, "group", "dilation", "force_nd_im2col"),
    "pooling_param": (*WINDOW, "pool", "global_pooling", "round_mode"),
    "inner_product_param": (*PRODUCT, "transpose"),
}
"""Fields of the messages that sizes depend on. Source: Caffe, src/caffe/proto/caffe.proto."""


def unknown_fields(layers: Iterable[Layer]) -> Iterator[str]:
    """Yield a sentence about each field that its message does not have."""
    for layer in layers:
        for kind, known in FIELDS.items():
            for message in layer.message.messages(kind):
                for name, value in message.fields:
                    if name not in known:
                        near = suggest(name, known)
                        hint = f" ({near})" if near else ""
                        line = value.span.line
                        yield f"line {line}: {layer.name}: Caffe's {kind} has no field '{name}': ignored{hint}"
