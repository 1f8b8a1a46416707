"""`unproductive-layer`: a convolution with an input that already sees the whole image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.analysis.field.extent import Extent
from cnncalc.analysis.field.receptive_field import Fields
from cnncalc.checks.axes import axes_text
from cnncalc.checks.rule import Case, Level, Rule, Subject


class UnproductiveLayer(Rule):
    """The receptive field of the layer's input covers the whole image."""

    name: ClassVar[str] = "unproductive-layer"
    level: ClassVar[Level] = "off"
    what: ClassVar[str] = (
        "A convolution with a kernel larger than 1 reads maps whose receptive field already covers the image."
    )
    why: ClassVar[str] = (
        "A position in the middle sees everything before this layer, and its window adds no new context. Layers "
        "beyond this border were found not to improve the accuracy of networks without skip connections: fewer "
        "strides, a smaller kernel or a larger input make them productive again. Off by default: in most networks "
        "with skip connections the receptive fields outgrow the image on purpose."
    )
    example: ClassVar[str] = """\
input: 3x8x8
layers:
  - conv: {out_channels: 16, kernel_size: 7, stride: 2, padding: 3}
  - relu
  - maxpool: {kernel_size: 2, stride: 2}
  - conv: {out_channels: 32, kernel_size: 3, padding: 1}
"""
    fixed: ClassVar[str] = """\
input: 3x8x8
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - maxpool: {kernel_size: 2, stride: 2}
  - conv: {out_channels: 32, kernel_size: 3, padding: 1}
"""
    source: ClassVar[str] = (
        "Richter, Schöning, Wiedenroth, Krumnack: Should You Go Deeper? Optimizing Convolutional Neural Network "
        "Architectures without Training, arXiv:2106.12307 (the border layer)."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the convolutions beyond the border layer."""
        for layer in subject.report.layers:
            kernel = getattr(layer.node.layer, "kernel_size", ())
            slides = layer.node.layer.weighs and layer.node.name in subject.sliding
            if not slides or all(size == 1 for size in kernel):
                continue
            before = subject.report.receptive_fields.get(layer.node.inputs[0])
            if before and covers_input(before):
                field = next(iter(before.values()))
                images = axes_text([axis.image for axis in field.axes])
                size = axes_text(field.size)
                message = f"its input already has a field of {size}, and the image is {images}: no new context"
                yield Case(layer.node, message, ("kernel_size",))


def covers_input(fields: Fields) -> bool:
    """Whether the fields certainly cover every network input that is seen, along every axis."""
    return all(_is_covered(axis) for field in fields.values() for axis in field.axes)


def _is_covered(axis: Extent) -> bool:
    return isinstance(axis.size, int) and isinstance(axis.image, int) and axis.size >= axis.image
