"""`field-smaller-than-input`: a network in which no feature sees the whole image."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import ClassVar

from cnncalc.analysis.field.receptive_field import ReceptiveField
from cnncalc.checks.axes import axes_text
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.explanations.field_words import beside_text
from cnncalc.graph import Node


class FieldSmallerThanInput(Rule):
    """The largest receptive field of any position is smaller than the input."""

    name: ClassVar[str] = "field-smaller-than-input"
    level: ClassVar[Level] = "off"
    what: ClassVar[str] = (
        "The largest receptive field is smaller than the input: no position of any map sees the whole input, except "
        "through a gate or another path that gathers all of it."
    )
    why: ClassVar[str] = (
        "Features further apart than the receptive field first meet where a flatten or a global pooling collapses the "
        "map, as a bag of local evidence; a gate such as that of squeeze-and-excite adds only such a summary. Off by "
        "default: this may be intended for textures, for segmentation with "
        "overlapping tiles and for networks that end in a linear layer over all positions."
    )
    example: ClassVar[str] = """\
input: 3x64x64
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - global_avgpool
"""
    fixed: ClassVar[str] = """\
input: 3x64x64
layers:
  - conv: {out_channels: 16, kernel_size: 15, stride: 8, padding: 7}
  - relu
  - conv: {out_channels: 16, kernel_size: 7, padding: 3}
  - relu
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - global_avgpool
"""
    source: ClassVar[str] = (
        "Araujo, Norris, Sim: Computing Receptive Fields of Convolutional Neural Networks, Distill 2019."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the first layer with the largest local field, if that certainly covers none of the input's axes.

        A network without sliding layers has no field to speak of.
        """
        if not subject.sliding:
            return
        largest: tuple[int, Node, ReceptiveField] | None = None
        for layer in subject.report.layers:
            if layer.node.training:
                continue
            for field in layer.receptive_field.values():
                if field.only_whole:
                    continue
                area = _area(field)
                if area is None:
                    return
                if largest is None or area > largest[0]:
                    largest = area, layer.node, field
        if largest:
            _, node, field = largest
            images = axes_text([axis.image for axis in field.axes])
            message = (
                f"the largest receptive field of the network is {axes_text(field.size)}, but its input is {images}"
            )
            beside = beside_text(field)
            yield Case(node, f"{message}; it sees {beside}" if beside else message)


def _area(field: ReceptiveField) -> int | None:
    """The area of a field, in pixels; None if it spans an axis of the input, or that is unknown."""
    sizes = []
    for axis in field.axes:
        if not isinstance(axis.size, int) or not isinstance(axis.image, int) or axis.size >= axis.image:
            return None
        sizes.append(axis.size)
    return prod(sizes)
