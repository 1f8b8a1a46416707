"""Reports fields that Caffe does not have: forks add others, but a misspelt stride would count as 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.caffe.network import Layer
from cnncalc.importers.caffe.text import Word
from cnncalc.suggest import suggest

WINDOW = (
    "pad", "pad_h", "pad_w", "kernel_size", "kernel_h", "kernel_w", "stride", "stride_h", "stride_w", "engine",
    "pad_t", "pad_b", "pad_l", "pad_r", "pad_top", "pad_bottom", "pad_left", "pad_right",
)  # fmt: skip
PRODUCT = ("num_output", "bias_term", "weight_filler", "bias_filler", "axis")
FIELDS = {
    "convolution_param": (*WINDOW, *PRODUCT, "group", "dilation", "hole", "hole_h", "hole_w", "force_nd_im2col"),
    "pooling_param": (*WINDOW, "pool", "global_pooling", "round_mode", "ceil_mode"),
    "inner_product_param": (*PRODUCT, "transpose"),
}
"""Fields of the messages that sizes depend on. Source: Caffe, src/caffe/proto/caffe.proto."""
# fields of forks that change a size, with the values that change nothing
REFUSED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "convolution_param": {
        "pad_type": ("0", "VALID", "EXPLICIT"), "auto_pad": ("NOTSET", "VALID"), "output_padding": ("0",),
        "output_pad": ("0",), "out_pad": ("0",), "output_h": ("0",), "output_w": ("0",), "adj": ("0",),
    },
    "pooling_param": {
        "pad_type": ("0", "VALID", "EXPLICIT"), "auto_pad": ("NOTSET", "VALID"), "dilation": ("1",), "hole": ("1",),
        "dilation_h": ("1",), "dilation_w": ("1",), "torch_pooling": ("false",), "output_size": (),
        "adaptive": ("false",), "crop_h": ("0",), "crop_w": ("0",),
    },
    "reshape_param": {"axis": ("0",), "num_axes": ("-1",)},
}  # fmt: skip


def refuse_fields(layer: Layer) -> None:
    """Refuse a field of a fork that changes the output size in a way that is not read.

    Raises:
        SpecError: the layer has one; at its place.
    """
    for kind, neutral in REFUSED.items():
        for message in layer.message.messages(kind):
            for name, value in message.fields:
                text = value.text if isinstance(value, Word) else "a message"
                if name in neutral and text not in neutral[name]:
                    said = f"{layer.who}: {kind}: {name}: {text} changes the output size, and is not supported"
                    raise SpecError([Fault(said, value.span, "write the layer without it, by what it does")])


def unknown_fields(layers: Iterable[Layer]) -> Iterator[str]:
    """Yield a sentence about each field that its message does not have."""
    for layer in layers:
        for kind, known in FIELDS.items():
            for message in layer.message.messages(kind):
                for name, value in message.fields:
                    if name not in known and name not in REFUSED.get(kind, ()):
                        near = suggest(name, known)
                        hint = f" ({near})" if near else ""
                        line = value.span.line
                        yield f"line {line}: {layer.who}: Caffe's {kind} has no field '{name}': ignored{hint}"
